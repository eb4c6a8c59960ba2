/** Request bodies in the form Claude Code sends them. */
import { type MessagesRequest, parseMessagesRequest } from '../anthropic/messages-request.ts';
import type { Call, Ids, Reply } from '../demo-model/reply.ts';

export type WireMessage = { role: 'user' | 'assistant' | 'system'; content: unknown };

export const CLAUDE_CODE_TOOLS = ['Bash', 'Read', 'Write', 'AskUserQuestion'];

export const ENVIRONMENT: WireMessage = {
  role: 'system',
  content:
    '# Environment\nYou have been invoked in the following environment: \n - Primary working directory: /srv/my app\n - Is a git repository: false',
};

/** Ids that are unique within one test and the same in every run. */
export function countingIds(): Ids {
  let count = 0;
  return () => {
    count += 1;
    return `n${count}`;
  };
}

/** The user message of a prompt: Claude Code puts a reminder before it. */
export function promptMessage(...texts: string[]): WireMessage {
  const reminder =
    '<system-reminder>\nIgnore <script>[{"text":"a script in a reminder"}]</script>\n</system-reminder>\n';
  return { role: 'user', content: [reminder, ...texts].map((text) => ({ type: 'text', text })) };
}

export function messagesRequest(
  messages: WireMessage[],
  tools: readonly string[] = CLAUDE_CODE_TOOLS,
): MessagesRequest {
  return parseMessagesRequest({
    model: 'demo',
    max_tokens: 100,
    messages,
    tools: tools.map((name) => ({ name, input_schema: { type: 'object' } })),
  });
}

type Answered = Extract<Reply, { kind: 'message' }>;

/** The reply, which must be a message, and the only call in it, if any. */
export function answered(reply: Reply): Answered & { call: Call | undefined } {
  if (reply.kind !== 'message') throw new Error(`The demo model refused with ${reply.status}.`);
  return { ...reply, call: reply.calls[0] };
}

export function assistantMessage(reply: Reply): WireMessage {
  const { text, calls } = answered(reply);
  const uses = calls.map((call) => ({ type: 'tool_use', ...call }));
  return { role: 'assistant', content: [...(text ? [{ type: 'text', text }] : []), ...uses] };
}

export function toolResult(call: { id: string } | undefined, content: string, isError = false): WireMessage {
  return {
    role: 'user',
    content: [
      { type: 'tool_result', tool_use_id: call?.id, content: [{ type: 'text', text: content }], is_error: isError },
    ],
  };
}

/** What the CLI puts in place of a result when its process was killed while the call waited. */
const LOST_RESULT =
  "[Tool call interrupted: the session ended before this call's result was recorded, so its outcome is unknown. Check whether it took effect before relying on it or running it again.]";

/** The messages after a lost call: the repaired result, the CLI's own words, and the note of the server. */
export function resumeMessages(call: Call | undefined, decision: string): WireMessage[] {
  const note = `<companion-note kind="resume" tool="${call?.name}" tool_use_id="${call?.id}" decision="${decision}">The process was lost.</companion-note>`;
  return [
    toolResult(call, LOST_RESULT, true),
    { role: 'assistant', content: [{ type: 'text', text: 'No response requested.' }] },
    promptMessage(note),
  ];
}

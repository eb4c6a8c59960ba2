/**
 * The conversation in a request, read as what happened: who said what, which calls were made, what came of them. The demo
 * model has no memory besides this, so a session may go on in another process, or in many at once.
 *
 * What Claude Code 2.1.329 sends after its process was killed while a call waited for permission, and the session was
 * resumed with a prompt (measured):
 *
 *     assistant  the lost call
 *     user       tool_result, is_error: "[Tool call interrupted: the session ended before this call's result was recorded …]"
 *     assistant  "No response requested."          ← made up by the CLI
 *     user       the prompt
 *
 * Calls beside the lost one keep the results they had. After an API error the CLI sends no assistant message at all: the old
 * and the new prompt stand in one user message as two blocks.
 */
import type { MessagesRequest, RequestMessage, ToolUseBlock } from '../anthropic/messages-request.ts';
import { readPromptText } from './prompt-text.ts';
import { parseResumeNote, type ResumeNote } from './resume-note.ts';
import { isRepeatId } from './tool-use-id.ts';

type Entry =
  | { kind: 'prompt'; text: string; midTurn: boolean }
  | { kind: 'note'; note: ResumeNote }
  | { kind: 'interrupted' }
  | { kind: 'summary' }
  /** Something the model itself said. `repeat`: it only repeats a lost call. */
  | { kind: 'reply'; text: string; calls: ToolUseBlock[]; repeat: boolean }
  | { kind: 'result'; result: CallResult };

export interface CallResult {
  toolUseId: string;
  text: string;
  isError: boolean;
  /** The process ended before the result was known. */
  lost: boolean;
}

export type Conversation = readonly Entry[];

const LOST = '[Tool call interrupted:';
/** Assistant messages that the CLI makes up. They are no steps. */
const SYNTHETIC = /^(No response requested\.$|API Error\b|\(no content\)$)/;

function readReply(message: RequestMessage): Entry[] {
  const calls = message.content.filter((block) => block.type === 'tool_use');
  const text = message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n');
  if (calls.length === 0 && SYNTHETIC.test(text.trim())) return [];
  const repeat = calls.length > 0 && calls.every((call) => isRepeatId(call.id));
  return [{ kind: 'reply', text, calls, repeat }];
}

function readText(role: 'user' | 'system', text: string): Entry[] {
  const read = readPromptText(role, text);
  if (read.kind === 'nothing') return [];
  if (read.kind !== 'prompt') return [read];
  const note = parseResumeNote(read.text);
  return [note ? { kind: 'note', note } : read];
}

function readMessage(message: RequestMessage): Entry[] {
  const { role } = message;
  if (role === 'assistant') return readReply(message);
  return message.content.flatMap((block): Entry[] => {
    if (block.type === 'text') return readText(role, block.text);
    if (block.type !== 'tool_result') return [];
    const { toolUseId, text, isError } = block;
    return [{ kind: 'result', result: { toolUseId, text, isError, lost: isError && text.startsWith(LOST) } }];
  });
}

export function readConversation(messages: MessagesRequest['messages']): Conversation {
  return messages.flatMap(readMessage);
}

/** What has arrived since the model last spoke. */
export function sinceLastReply(conversation: Conversation): Conversation {
  return conversation.slice(conversation.findLastIndex((entry) => entry.kind === 'reply') + 1);
}

export function callsOf(conversation: Conversation): ToolUseBlock[] {
  return conversation.flatMap((entry) => (entry.kind === 'reply' ? entry.calls : []));
}

export function resultOf(conversation: Conversation, toolUseId: string): CallResult | null {
  const entry = conversation.findLast(
    (candidate) => candidate.kind === 'result' && candidate.result.toolUseId === toolUseId,
  );
  return entry?.kind === 'result' ? entry.result : null;
}

/** The result of the last call that has one. Calls made together come back in the order in which they finished. */
export function lastResult(conversation: Conversation): CallResult | null {
  for (const call of callsOf(conversation).reverse()) {
    const result = resultOf(conversation, call.id);
    if (result) return result;
  }
  return null;
}

const CWD = /^[ \t-]*(?:Primary working directory|Working directory):[ \t]*(.+?)[ \t]*$/gm;

/**
 * The project directory as Claude Code states it: in a `system` message ("# Environment … - Primary working directory: …"),
 * in older versions in the top-level system text. Null when nothing states it.
 */
export function workingDirectory(request: Pick<MessagesRequest, 'system' | 'messages'>): string | null {
  const texts = [request.system];
  for (const message of request.messages) {
    if (message.role !== 'system') continue;
    for (const block of message.content) if (block.type === 'text') texts.push(block.text);
  }
  return texts.flatMap((text) => [...text.matchAll(CWD)].map((match) => match[1] ?? '')).at(-1) || null;
}

/**
 * Requests that Claude Code makes beside the conversation: a title for the session (structured output, no tools) and the
 * summary that replaces a long conversation. They carry the person's words, scripts included, but are not the turn itself.
 */
import type { MessagesRequest } from '../anthropic/messages-request.ts';
import type { Conversation } from './conversation.ts';
import { quote } from './quote.ts';
import { type Reply, say } from './reply.ts';
import { sampleJson } from './sample-json.ts';

const SUMMARY_REQUEST = /^(CRITICAL: Respond with TEXT ONLY|Your task is to create a detailed summary of)/;
const TITLE_WORDS = 5;

function promptsOf(conversation: Conversation): string[] {
  return conversation.flatMap((entry) => (entry.kind === 'prompt' ? [entry.text] : []));
}

/** A few words of the prompt: `<session>` holds it in a title request. */
function shortTitle(prompt: string): string {
  const subject = /<session>\s*([\s\S]*?)\s*<\/session>/.exec(prompt)?.[1] ?? prompt;
  const words = subject.replace(/<script>[\s\S]*?<\/script>/g, ' ').match(/\S+/g) ?? [];
  return words.slice(0, TITLE_WORDS).join(' ') || 'Demo session';
}

function summary(prompts: readonly string[]): string {
  const said = prompts.map((prompt) => `- ${quote(prompt)}`).join('\n');
  return `<analysis>\nThe built-in demo model keeps a list of what was said.\n</analysis>\n\n<summary>\nThe person said:\n${said || '- nothing yet'}\n</summary>`;
}

export function sideReply(request: MessagesRequest, conversation: Conversation): Reply | null {
  const prompts = promptsOf(conversation);
  const newest = prompts.at(-1) ?? '';
  if (request.outputSchema) return say(JSON.stringify(sampleJson(request.outputSchema, shortTitle(newest))));
  if (SUMMARY_REQUEST.test(newest)) return say(summary(prompts.slice(0, -1)));
  return null;
}

/**
 * Tells what a person said from what Claude Code wraps around it. Measured with Claude Code 2.1.329:
 *
 * - reminders, attribution rules and project instructions come as `<system-reminder>` text in the user message;
 * - a message sent while a turn runs comes as a `system` message after the tool result, with a frame around it;
 * - a Stop hook that blocks comes twice: as the user text "Stop hook feedback:\n…" and as a `system` message; only the first
 *   is read here. A Stop hook's additional context comes as a reminder;
 * - slash commands and their output come as user text in tags of their own;
 * - the environment, deferred tools and background notifications come as `system` messages and are nobody's words.
 */
export type PromptText =
  | { kind: 'prompt'; text: string; midTurn: boolean }
  /** The person stopped the turn. */
  | { kind: 'interrupted' }
  /** An earlier part of the conversation was replaced by its summary. */
  | { kind: 'summary' }
  | { kind: 'nothing' };

const REMINDER = /<system-reminder>\n?([\s\S]*?)\n?<\/system-reminder>/g;
const STOP_HOOK_CONTEXT = /^Stop hook additional context: ([\s\S]+)$/;
const STOP_HOOK_FEEDBACK = /^Stop hook feedback:\n/;
const COMMAND_FRAME =
  /^\s*<(local-command-caveat|local-command-stdout|local-command-stderr|command-name|command-message|bash-)/;
const MID_TURN_START = 'The user sent a new message while you were working:\n';
const MID_TURN_END = '\n\nThis is how Claude Code surfaces messages';
const NOTHING: PromptText = { kind: 'nothing' };

function spoken(text: string, midTurn: boolean): PromptText {
  return text.trim() === '' ? NOTHING : { kind: 'prompt', text: text.trim(), midTurn };
}

function hookContext(text: string): string | undefined {
  for (const [, reminder] of text.matchAll(REMINDER)) {
    const context = STOP_HOOK_CONTEXT.exec(reminder ?? '')?.[1];
    if (context) return context;
  }
  return undefined;
}

function readUserText(text: string): PromptText {
  if (text.startsWith('[Request interrupted by user')) return { kind: 'interrupted' };
  if (text.startsWith('This session is being continued from a previous conversation')) return { kind: 'summary' };
  if (COMMAND_FRAME.test(text)) return NOTHING;
  const context = hookContext(text);
  if (context) return spoken(context, false);
  return spoken(text.replace(REMINDER, '').replace(STOP_HOOK_FEEDBACK, ''), false);
}

function readSystemText(text: string): PromptText {
  if (!text.startsWith(MID_TURN_START)) return NOTHING;
  const end = text.lastIndexOf(MID_TURN_END);
  return spoken(text.slice(MID_TURN_START.length, end < 0 ? undefined : end), true);
}

const READERS: Record<'user' | 'system', (text: string) => PromptText> = { user: readUserText, system: readSystemText };

/** What one text block of a `user` or `system` message stands for. */
export function readPromptText(role: 'user' | 'system', text: string): PromptText {
  return READERS[role](text);
}

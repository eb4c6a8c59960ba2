/**
 * The note a resumed agent finds instead of the end of its cut turn. A real model follows it, so it is plain, says exactly
 * one thing to do, and keeps the owner's words apart from ours. `unknown` never tells the agent to run the call again: it may
 * have run.
 */

export type ResumeDecision = 'allow' | 'deny' | 'none' | 'unknown' | 'raised';

export interface ResumeNote {
  /**
   * `allow`: approved while no process ran. `unknown`: approved and handed over, and then the process was lost. `raised`: the
   * budget was used up in the middle of the turn, and the owner gave more.
   */
  decision: ResumeDecision;
  /** The call that waited; null where the turn was cut with none. */
  tool: string | null;
  toolUseId: string | null;
  /** Why it was denied, in the owner's words or the server's. */
  reason: string | null;
}

/** The note's own attribute: only a person's decision is one. */
const ATTRIBUTE: Record<ResumeDecision, 'allow' | 'deny' | 'none'> = {
  allow: 'allow',
  deny: 'deny',
  none: 'none',
  unknown: 'none',
  raised: 'none',
};

const SENTENCES: Record<ResumeDecision, string> = {
  allow:
    'The server restarted while exactly this tool call waited for permission. The owner has approved it. Make exactly the same call again now, with the same input, unchanged. The approval is for that one call only. Then go on with the task.',
  deny: 'The server restarted while this tool call waited for permission. It was denied. Do not make that call again and do not try another way to do the same. Go on with what can be done without it, or say what you need.',
  none: 'The server restarted and cut your turn short. First check what is already done, for example by reading the files you were working on. Do not do anything twice. Then go on with the task.',
  unknown:
    'The server restarted after this tool call was approved. The call may or may not have run. First check the state without changing anything. If the call still has to be made, ask for permission again. Then go on with the task.',
  raised:
    'The budget of this session was used up and your turn was cut short. The owner has given you more. First check what is already done. Do not do anything twice. Then go on with the task, and be economical.',
};

const OPENING = '<companion-note kind="resume"';

/** One text; the reason stands in an element of its own and cannot leave it. */
export function resumeNote({ decision, tool, toolUseId, reason }: ResumeNote): string {
  const attributes = [
    ...(tool === null ? [] : [`tool="${escaped(tool)}"`]),
    ...(toolUseId === null ? [] : [`tool_use_id="${escaped(toolUseId)}"`]),
    `decision="${ATTRIBUTE[decision]}"`,
  ];
  const words = reason === null || reason.trim() === '' ? '' : ` <reason>${escaped(reason.trim())}</reason>`;
  return `${OPENING} ${attributes.join(' ')}>${SENTENCES[decision]}${words}</companion-note>`;
}

/** Tells a note of the server from what a person said. Only trustworthy for a prompt whose source is the server. */
export function isResumeNote(text: string): boolean {
  return text.startsWith(`${OPENING} `) && text.endsWith('</companion-note>');
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Control and format characters could hide text from a person who reads the log; line ends and tabs may stay. */
const HIDDEN = /[^\P{C}\n\t]/gu;

function escaped(text: string): string {
  return text.replace(HIDDEN, '\ufffd').replace(/[&<>"]/g, (char) => ENTITIES[char] ?? char);
}

import type { ToolUseBlock } from '../anthropic/messages-request.ts';
import { type Conversation, callsOf, resultOf, sinceLastReply } from './conversation.ts';
import { type Ids, type Reply, say } from './reply.ts';
import type { ResumeNote } from './resume-note.ts';
import { repeatId } from './tool-use-id.ts';

/** The notes the model has not answered yet. A prompt after them is newer than they are and takes over. */
function openNotes(conversation: Conversation): ResumeNote[] {
  const news = sinceLastReply(conversation);
  const newestPrompt = news.findLastIndex((entry) => entry.kind === 'prompt' && !entry.midTurn);
  return news.slice(newestPrompt + 1).flatMap((entry) => (entry.kind === 'note' ? [entry.note] : []));
}

/** The newest note that waits for the model, or null. */
export function openNote(conversation: Conversation): ResumeNote | null {
  return openNotes(conversation).at(-1) ?? null;
}

/**
 * The call a note speaks of, or null when the transcript lacks it. The CLI writes its transcript a moment after it acts
 * (about 0.1 s), so a process killed right after it asked leaves no trace of the call. The call is then simply made for
 * the first time, or not at all after a denial.
 */
function notedCall(note: ResumeNote, before: Conversation): ToolUseBlock | null {
  const calls = callsOf(before);
  const named = calls.find(({ id }) => id === note.toolUseId);
  if (named) return named;
  const last = calls.at(-1);
  if (!last || (note.tool !== '' && note.tool !== last.name)) return null;
  return resultOf(before, last.id)?.lost === false ? null : last;
}

/** True when the note forbids a call of this tool that is not in the transcript: it must not be made now. */
export function forbidsUnseenCall(note: ResumeNote, tool: string, before: Conversation): boolean {
  return note.decision !== 'allow' && note.tool === tool && notedCall(note, before) === null;
}

/**
 * After a note with `allow`: the very call that was lost, same name and same input, under a new id. The approval is bound
 * to the input, so a call that differs in a letter would be asked again. Null when there is nothing to repeat.
 */
export function repeatLostCalls(conversation: Conversation, ids: Ids): Reply | null {
  const allowed = new Map<string, boolean>();
  for (const note of openNotes(conversation)) {
    const call = notedCall(note, conversation);
    if (call) allowed.set(call.id, note.decision === 'allow');
  }
  const repeats = callsOf(conversation).filter(({ id }) => allowed.get(id) === true);
  if (repeats.length === 0) return null;
  return say(
    'I go on where I was interrupted, with the call that was allowed.',
    ...repeats.map(({ id, name, input }) => ({ id: repeatId(id, ids()), name, input })),
  );
}

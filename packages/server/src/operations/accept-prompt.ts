import type { Door, PromptImage } from '@claude-companion/protocol';
import { addCommand } from '../store/commands.ts';
import { updateSession } from '../store/sessions.ts';
import { moveSession, type SessionChangeFrame } from './change-session.ts';
import type { Context } from './context.ts';
import { refuseMonitored } from './monitor/refuse-monitored.ts';

export interface AcceptPrompt {
  text: string;
  /** `server`: a note the server itself writes, such as after a restart. */
  source: 'person' | 'server';
  via: Door;
  images?: readonly PromptImage[] | undefined;
}

/**
 * A text's sender is only claimed: the agent gets it as somebody's words, and never as a command of its own (`/clear`).
 */
const labelled = (text: string): string => `Message from the owner by text message:\n${text}`;

/** Commits a prompt: the event, the command for the supervisor, the session's state. While a turn runs it joins that turn. */
export async function acceptPrompt(
  context: Pick<Context, 'ids'>,
  frame: SessionChangeFrame,
  prompt: AcceptPrompt,
): Promise<{ promptId: string }> {
  const { tx, session, now } = frame;
  refuseMonitored(session);
  const state = moveSession(session, 'prompt');
  const promptId = context.ids.uuid();
  const { images = [], ...rest } = prompt;
  const shown = images.map(({ mediaType, data }) => ({ mediaType, bytes: Math.floor((data.length * 3) / 4) }));
  const said = { ...rest, ...(shown.length > 0 && { images: shown }) };
  await frame.append({ sessionId: session.id, kind: 'prompt.accepted', data: { promptId, ...said }, at: now });
  const text = prompt.via === 'sms' ? labelled(prompt.text) : prompt.text;
  const payload = { promptId, text, ...(images.length > 0 && { images }) };
  await addCommand(tx, { sessionId: session.id, kind: 'prompt', payload, now });
  const turnRestarts = prompt.source === 'person' ? 0 : session.turnRestarts;
  await updateSession(tx, session.id, { state, turnRestarts, addMessages: 1, lastActivityAt: now });
  return { promptId };
}

import type { Door, PromptImage } from '@claude-companion/protocol';
import { lastSeq } from '../store/streams.ts';
import { acceptPrompt } from './accept-prompt.ts';
import { changeSession, type Idempotency } from './change-session.ts';
import type { Context } from './context.ts';

export interface SendPrompt {
  sessionId: string;
  text: string;
  via: Door;
  images?: readonly PromptImage[] | undefined;
  idempotency?: Idempotency | undefined;
}

/** A person tells an agent something. `seq` is where the session's log stood before: follow from there to see the turn. */
export async function sendPrompt(context: Context, request: SendPrompt): Promise<{ promptId: string; seq: number }> {
  return changeSession(context, request, async (frame) => {
    const seq = await lastSeq(frame.tx, request.sessionId);
    const { promptId } = await acceptPrompt(context, frame, {
      text: request.text,
      source: 'person',
      via: request.via,
      images: request.images,
    });
    return { promptId, seq };
  });
}

/** All messages of a recorded run through `translate`, as the expectations beside the fixtures hold them. */
import type { Delta, NewEvent } from '@claude-companion/protocol';
import { type ClaudeMessage, INITIAL_TRANSLATION, translate } from '../translate.ts';

export interface Golden {
  events: Pick<NewEvent, 'kind' | 'data'>[];
  deltas: Pick<Delta, 'messageId' | 'kind' | 'text'>[];
}

export function translateAll(messages: readonly ClaudeMessage[]): Golden {
  const stamp = { sessionId: 'session', at: '2000-01-01T00:00:00.000Z', promptOf: (uuid: string) => `prompt ${uuid}` };
  const golden: Golden = { events: [], deltas: [] };
  let state = INITIAL_TRANSLATION;
  for (const message of messages) {
    const translation = translate(state, message, stamp);
    state = translation.state;
    golden.events.push(...translation.events.map(({ kind, data }) => ({ kind, data })));
    golden.deltas.push(...translation.deltas.map(({ messageId, kind, text }) => ({ messageId, kind, text })));
  }
  return golden;
}

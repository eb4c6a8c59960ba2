import type { NewEvent } from '@claude-companion/protocol';

/** Prices of a model that costs nothing are invented by the CLI. */
export function withoutPrice(event: NewEvent): NewEvent {
  if (event.kind !== 'turn.ended') return event;
  const { totalCostUsd: _invented, ...data } = event.data;
  return { ...event, data };
}

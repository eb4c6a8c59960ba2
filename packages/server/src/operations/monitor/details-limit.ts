import { CompanionError } from '@claude-companion/protocol';

/** What belongs to an event is for people to read: this much is kept, and no more. */
const MAX_CHARACTERS = 65_536;
const MAX_DEPTH = 32;

/** Walks without recursion: a body may be nested deeper than the stack. */
export function refuseOversized(details: Record<string, unknown>): void {
  let level: object[] = [details];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH)
      throw new CompanionError('INVALID_REQUEST', `details: nested deeper than ${MAX_DEPTH} levels`);
    level = level
      .flatMap((each): unknown[] => Object.values(each))
      .filter((each): each is object => typeof each === 'object' && each !== null);
  }
  if (JSON.stringify(details).length > MAX_CHARACTERS) {
    throw new CompanionError('REQUEST_TOO_LARGE', `details: has more than ${MAX_CHARACTERS} characters`);
  }
}

/** Refuses text that the database cannot hold as it is: better told at once than changed or lost later. */
import { CompanionError } from '@claude-companion/protocol';

/** Walks without recursion: a body may be nested deeper than the stack. */
export function refuseUnstorable(value: unknown, part: string): void {
  const left: [path: string, value: unknown][] = [[part, value]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [path, current] = next;
    if (typeof current === 'string') refuse(current, path);
    if (typeof current !== 'object' || current === null) continue;
    for (const [key, inner] of Object.entries(current)) {
      refuse(key, path);
      if (typeof inner === 'string' || (typeof inner === 'object' && inner !== null)) {
        left.push([path === part ? key : `${path.slice(0, 200)}.${key}`, inner]);
      }
    }
  }
}

function refuse(text: string, path: string): void {
  if (!text.includes('\0') && text.isWellFormed()) return;
  throw new CompanionError('INVALID_REQUEST', `${path}: must not hold NUL or half of a surrogate pair.`);
}

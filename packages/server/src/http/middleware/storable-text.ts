/** Text that the database cannot hold as it is. Mostly it is refused: better told at once than changed or lost later. */
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

const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

/** Puts U+FFFD in place of each such character, in the value itself, keys included. */
export function replaceUnstorable(value: unknown): void {
  const left: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let next = left.pop(); next; next = left.pop()) {
    for (const [key, inner] of Object.entries(next)) {
      const name = replaced(key);
      const kept = typeof inner === 'string' ? replaced(inner) : inner;
      if (name !== key) Reflect.deleteProperty(next, key);
      if (name !== key || kept !== inner) Reflect.set(next, name, kept);
      if (typeof kept === 'object' && kept !== null) left.push(kept);
    }
  }
}

const replaced = (text: string): string => (isStorable(text) ? text : text.toWellFormed().replaceAll('\0', '\uFFFD'));

function refuse(text: string, path: string): void {
  if (isStorable(text)) return;
  throw new CompanionError('INVALID_REQUEST', `${path}: must not hold NUL or half of a surrogate pair.`);
}

import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * A blank secret fails open: anybody can make a signature with it.
 *
 * @throws RangeError when `value` is empty or only space.
 */
export function refuseBlank(name: string, value: string): void {
  if (value.trim() === '') throw new RangeError(`${name} is blank: anybody could sign with it. Set it.`);
}

/** Whether two secrets are equal, in a time that tells nothing about where or by how much they differ. */
export function equalSecrets(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest();
}

/** Secrets that callers present. The owner holds AUTH_TOKEN; a hosted agent process holds a key that opens only the gateway. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const digest = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Equal in constant time, whatever the lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

/** The token of `Authorization: Bearer …`, or of `x-api-key`, which Anthropic's clients send. */
export function presentedToken(headers: {
  authorization?: string | undefined;
  'x-api-key'?: string | string[] | undefined;
}): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer) return bearer;
  const key = headers['x-api-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}

/** Keys of live agent processes: made at spawn, dead with the process, never stored. */
export class AgentKeys {
  readonly #digests = new Set<string>();

  issue(): { key: string; revoke(): void } {
    const key = `cc_agent_${randomBytes(24).toString('base64url')}`;
    const known = digest(key).toString('hex');
    this.#digests.add(known);
    return { key, revoke: () => this.#digests.delete(known) };
  }

  /** Looked up by digest: how long it takes says nothing about the key. */
  has(key: string): boolean {
    return this.#digests.has(digest(key).toString('hex'));
  }
}

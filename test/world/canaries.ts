/** Secrets that a test plants, and where they came out again. */
import { randomBytes } from 'node:crypto';

export class Canaries {
  readonly #planted = new Map<string, string>();
  /** What the outside got to see, each piece with its name. */
  readonly #seen: { where: string; text: string }[] = [];

  get names(): string[] {
    return [...this.#planted.keys()];
  }

  /** Remembers a secret and returns it; makes one when there is none yet. */
  plant(name: string, secret = `canary${randomBytes(9).toString('hex')}`): string {
    this.#planted.set(name, secret);
    return secret;
  }

  saw(where: string, text: string): void {
    this.#seen.push({ where, text });
  }

  /** `name in where`, for each secret that came out. */
  leaks(): string[] {
    return this.#seen.flatMap(({ where, text }) => this.in(text).map((name) => `${name} in ${where}`));
  }

  in(text: string): string[] {
    return [...this.#planted].filter(([, secret]) => occurs(secret, text)).map(([name]) => name);
  }
}

/**
 * Also encoded as in a URL, as JSON or in base64. A short one counts only as a word of its own: six digits may be part of any
 * long number.
 */
function occurs(secret: string, text: string): boolean {
  if (secret.length <= 8) return new RegExp(`(?<![\\w.-])${secret}(?![\\w-])`).test(text);
  const spellings = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)];
  const encoded = Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1);
  return [...spellings, encoded].some((spelling) => text.includes(spelling));
}

import { createHash } from 'node:crypto';

/** What every provider takes: OpenAI allows 64 characters, Gemini wants a letter or an underscore first. */
const ACCEPTED = /^[A-Za-z_][\w-]{0,63}$/;
const HASH_CHARACTERS = 8;
const KEPT_CHARACTERS = 64 - HASH_CHARACTERS - 1;

function shorten(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARACTERS);
  const safe = name.replace(/[^\w-]/g, '_').replace(/^[^A-Za-z_]/, '_$&');
  return `${safe.slice(0, KEPT_CHARACTERS)}_${hash}`;
}

/**
 * Names of tools on their way to a provider and back. Names of MCP tools are often longer than a provider allows; the short
 * name depends on the long one only, so that it is the same in every request of a conversation.
 */
export class ToolNames {
  readonly #originals = new Map<string, string>();

  /** The name to send; remembers how it was written. */
  toProvider(name: string): string {
    const sent = ACCEPTED.test(name) ? name : shorten(name);
    this.#originals.set(sent, name);
    return sent;
  }

  /** The caller's name. A name nobody announced stays as it is: the caller then tells the model that there is no such tool. */
  toCaller(name: string): string {
    const trimmed = name.trim();
    return this.#originals.get(trimmed) ?? trimmed;
  }
}

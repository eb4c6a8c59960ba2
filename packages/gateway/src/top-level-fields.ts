/**
 * The fields of a JSON object without its depths. A request for Anthropic goes on as it came, so its model is all that has to be
 * read of it; parsing 49 KB for that costs a third of the whole way. Nothing is validated below the top: the provider does.
 */
const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** A value that is an object or a list. */
export const CONTAINER = Symbol('container');

export type TopLevelFields = ReadonlyMap<string, unknown>;

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

class Scanner {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Null when the text is not plainly an object: then it has to be parsed. */
  fields(): TopLevelFields | null {
    const fields = new Map<string, unknown>();
    if (!this.#take(OPEN_OBJECT)) return null;
    if (this.#take(CLOSE_OBJECT)) return this.#atEnd() ? fields : null;
    for (;;) {
      const key = this.#string();
      if (key === null || !this.#take(COLON)) return null;
      const value = this.#value();
      if (value === undefined) return null;
      fields.set(key, value);
      if (this.#take(COMMA)) continue;
      return this.#take(CLOSE_OBJECT) && this.#atEnd() ? fields : null;
    }
  }

  #skipSpace(): void {
    while (isSpace(this.#bytes[this.#at])) this.#at += 1;
  }

  #atEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#bytes.length;
  }

  #take(byte: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at += 1;
    return true;
  }

  /** A key. Null when it is none, or one with an escape. */
  #string(): string | null {
    if (!this.#take(QUOTE)) return null;
    const from = this.#at;
    if (!this.#skipString()) return null;
    const text = this.#bytes.toString('utf8', from, this.#at - 1);
    return text.includes('\\') ? null : text;
  }

  /** From behind the opening quote to behind the closing one. */
  #skipString(): boolean {
    for (let end = this.#bytes.indexOf(QUOTE, this.#at); end !== -1; end = this.#bytes.indexOf(QUOTE, end + 1)) {
      let slashes = 0;
      while (this.#bytes[end - 1 - slashes] === BACKSLASH) slashes += 1;
      if (slashes % 2 === 1) continue;
      this.#at = end + 1;
      return true;
    }
    return false;
  }

  /** Undefined when the value is not well-formed. */
  #value(): unknown {
    this.#skipSpace();
    const first = this.#bytes[this.#at];
    if (first === OPEN_OBJECT || first === OPEN_LIST) return this.#skipContainer() ? CONTAINER : undefined;
    const from = this.#at;
    if (first === QUOTE) {
      this.#at += 1;
      if (!this.#skipString()) return undefined;
    } else {
      let byte = this.#bytes[this.#at];
      while (byte !== undefined && byte !== COMMA && byte !== CLOSE_OBJECT && !isSpace(byte)) {
        this.#at += 1;
        byte = this.#bytes[this.#at];
      }
    }
    try {
      return JSON.parse(this.#bytes.toString('utf8', from, this.#at));
    } catch {
      return undefined;
    }
  }

  #skipContainer(): boolean {
    let depth = 0;
    while (this.#at < this.#bytes.length) {
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === QUOTE) {
        if (!this.#skipString()) return false;
      } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        depth -= 1;
        if (depth === 0) return true;
      }
    }
    return false;
  }
}

export function topLevelFields(bytes: Buffer): TopLevelFields | null {
  return new Scanner(bytes).fields();
}

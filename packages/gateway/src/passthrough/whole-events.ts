/**
 * Lets bytes of an event stream through only up to the end of an event. So a ping or an error can be put in at any moment, and
 * a provider that breaks off leaves no half of an event behind. A chunk that ends with an event, the usual case, goes through
 * untouched.
 */
const LINE_FEED = 10;
const BLANK_LINE = Buffer.from('\n\n');
const CRLF_BLANK_LINE = Buffer.from('\r\n\r\n');

/** Beyond this an event goes through in pieces, and nothing can be put in until it is over. */
const MAX_HELD_BYTES = 4 * 1024 * 1024;

export class WholeEvents {
  #held: Buffer | null = null;
  #split = false;

  /** Whether everything that went through was whole events. */
  get atBoundary(): boolean {
    return !this.#split;
  }

  /** The bytes that may go now; null for none. */
  accept(chunk: Buffer): Buffer | null {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk]);
    const end = this.#endOfEvents(bytes);
    if (end === 0 && bytes.length <= MAX_HELD_BYTES) {
      this.#held = bytes;
      return null;
    }
    this.#split = end === 0;
    if (end === 0 || end === bytes.length) {
      this.#held = null;
      return bytes;
    }
    this.#held = bytes.subarray(end);
    return bytes.subarray(0, end);
  }

  #endOfEvents(bytes: Buffer): number {
    const { length } = bytes;
    if (length > 1 && bytes[length - 1] === LINE_FEED && bytes[length - 2] === LINE_FEED) return length;
    const plain = bytes.lastIndexOf(BLANK_LINE);
    const withReturn = bytes.lastIndexOf(CRLF_BLANK_LINE);
    return Math.max(plain === -1 ? 0 : plain + 2, withReturn === -1 ? 0 : withReturn + 4);
  }
}

/**
 * Finds stop sequences in text that arrives in pieces. They are looked for here and not given to the provider: no other format
 * says which of them ended the text, and some allow only four. The end of the text is held back while it may begin one.
 */
export class StopSequences {
  readonly #sequences: readonly string[];
  readonly #longest: number;
  #held = '';

  constructor(sequences: readonly string[]) {
    this.#sequences = sequences;
    this.#longest = Math.max(0, ...sequences.map((sequence) => sequence.length));
  }

  /** What may be said now, and the sequence that was found; nothing may be said after that. */
  accept(piece: string): { text: string; found: string | null } {
    if (this.#longest === 0) return { text: piece, found: null };
    const text = this.#held + piece;
    const hits = this.#sequences
      .map((sequence) => ({ sequence, at: text.indexOf(sequence) }))
      .filter(({ at }) => at !== -1)
      .sort((a, b) => a.at - b.at);
    const first = hits[0];
    if (first) {
      this.#held = '';
      return { text: text.slice(0, first.at), found: first.sequence };
    }
    const keep = this.#beginningAtEnd(text);
    this.#held = text.slice(text.length - keep);
    return { text: text.slice(0, text.length - keep), found: null };
  }

  /** The text is over: what was held back is only text. */
  flush(): string {
    const text = this.#held;
    this.#held = '';
    return text;
  }

  /** How many characters at the end are the beginning of a sequence. */
  #beginningAtEnd(text: string): number {
    for (let length = Math.min(this.#longest - 1, text.length); length > 0; length -= 1) {
      const end = text.slice(text.length - length);
      if (this.#sequences.some((sequence) => sequence.startsWith(end))) return length;
    }
    return 0;
  }
}

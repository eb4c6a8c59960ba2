/**
 * Separates `<think>…</think>` from the text of models that write their thoughts into it. Only at the very beginning of an
 * answer, where such models put it: later the same letters are something the model quotes.
 */
const OPEN = '<think>';
const CLOSE = '</think>';

export interface ThinkPiece {
  kind: 'text' | 'thinking';
  text: string;
}

export class ThinkTags {
  #state: 'start' | 'thinking' | 'after' | 'text' = 'start';
  #held = '';

  accept(piece: string): ThinkPiece[] {
    if (this.#state === 'text') return [{ kind: 'text', text: piece }];
    this.#held += piece;
    if (this.#state === 'after') return this.#after();
    return this.#state === 'start' ? this.#start() : this.#thinking();
  }

  /** The answer is over: nothing is held back any more. */
  flush(): ThinkPiece[] {
    const text = this.#held;
    this.#held = '';
    return text === '' ? [] : [{ kind: this.#state === 'thinking' ? 'thinking' : 'text', text }];
  }

  #start(): ThinkPiece[] {
    const begin = this.#held.trimStart();
    if (begin.startsWith(OPEN)) {
      this.#state = 'thinking';
      this.#held = begin.slice(OPEN.length);
      return this.#thinking();
    }
    if (OPEN.startsWith(begin)) return [];
    this.#state = 'text';
    return this.flush();
  }

  #thinking(): ThinkPiece[] {
    const end = this.#held.indexOf(CLOSE);
    if (end !== -1) {
      const thought = this.#held.slice(0, end);
      this.#held = this.#held.slice(end + CLOSE.length);
      this.#state = 'after';
      return [...(thought === '' ? [] : [{ kind: 'thinking' as const, text: thought }]), ...this.#after()];
    }
    const keep = this.#closeAtEnd();
    const text = this.#held.slice(0, this.#held.length - keep);
    this.#held = this.#held.slice(this.#held.length - keep);
    return text === '' ? [] : [{ kind: 'thinking', text }];
  }

  /** The line breaks after the thoughts belong to the tags. */
  #after(): ThinkPiece[] {
    this.#held = this.#held.trimStart();
    if (this.#held === '') return [];
    this.#state = 'text';
    return this.flush();
  }

  #closeAtEnd(): number {
    for (let length = Math.min(CLOSE.length - 1, this.#held.length); length > 0; length -= 1) {
      if (this.#held.endsWith(CLOSE.slice(0, length))) return length;
    }
    return 0;
  }
}

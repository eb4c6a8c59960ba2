/** Text for a screen that has room for all of it: line by line, and nothing in it invisible. */
import { isHidden, namedCharacter } from './visible-text.ts';

/** A piece of a line. `hidden`: a character that would not be seen or would move others, by its name. */
export interface Piece {
  text: string;
  hidden: boolean;
}

/**
 * Lines end at `\n` alone. Every other character a reader would not see (controls, bidi marks, zero-width, odd spaces, marks
 * over plain letters) is named, as `\u202e`, in a piece of its own: a screen shows these unlike any text that only looks the same.
 */
export function visibleLines(text: string): Piece[][] {
  return text.split('\n').map((line) => {
    const pieces: Piece[] = [];
    let before: string | undefined;
    for (const char of line) {
      const hidden = isHidden(char, before);
      const last = pieces.at(-1);
      if (!hidden && last && !last.hidden) last.text += char;
      else pieces.push({ text: hidden ? namedCharacter(char) : char, hidden });
      before = char;
    }
    return pieces;
  });
}

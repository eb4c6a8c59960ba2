/** Short enough to be seen growing, long enough not to be slow. */
const PIECE_CHARACTERS = 16;
/** A longer text comes in larger pieces, so that no block takes more than this many paces. */
const MAX_PIECES = 60;

/** Cuts a text into the pieces it is streamed in; joined they are the text. Characters beyond 16 bits stay whole. */
export function pieces(text: string): string[] {
  const size = Math.max(PIECE_CHARACTERS, Math.ceil(text.length / MAX_PIECES));
  const result: string[] = [];
  let piece = '';
  for (const character of text) {
    piece += character;
    if (piece.length < size) continue;
    result.push(piece);
    piece = '';
  }
  if (piece !== '') result.push(piece);
  return result;
}

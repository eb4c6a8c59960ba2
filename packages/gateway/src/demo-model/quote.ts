/** Somebody's words in one line and in quotation marks, cut to about `limit` characters. */
export function quote(text: string, limit = 200): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= limit ? `“${line}”` : `“${line.slice(0, limit).toWellFormed().trimEnd()}…”`;
}

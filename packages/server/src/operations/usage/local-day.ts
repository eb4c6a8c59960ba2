/** `2026-11-21`: the day that a moment belongs to where the owner lives. */
export function localDay(at: Date, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return format.format(at);
}

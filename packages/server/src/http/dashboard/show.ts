/** Agent-written text and moments, as pages show them. */
import type { Piece } from '../../operations/screens/show-ask.ts';
import { html, type Markup } from './html.ts';

/** Hidden characters in a mark of their own; the direction of the text is that of its characters, one after the other. */
export const inline = (pieces: readonly Piece[]): Markup =>
  html`<bdo dir="ltr">${pieces.map(({ text, hidden }) => (hidden ? html`<mark>${text}</mark>` : text))}</bdo>`;

/** The whole text, each of its lines numbered: a line that is only wrapped cannot pass for two. */
export const block = (lines: readonly (readonly Piece[])[], label: string): Markup =>
  html`<pre tabindex="0" role="region" aria-label="${label}"><code>${lines.map(
    (line) => html`<span class="line">${inline(line)}\n</span>`,
  )}</code></pre>`;

export const hasHidden = (texts: readonly (readonly (readonly Piece[])[])[]): boolean =>
  texts.flat(2).some(({ hidden }) => hidden);

const UNITS = [
  { unit: 'day', ms: 86_400_000 },
  { unit: 'hour', ms: 3_600_000 },
  { unit: 'minute', ms: 60_000 },
  { unit: 'second', ms: 1_000 },
] as const;

/** `Mon 3 Mar, 14:03 UTC (in 5 minutes)`. */
export function moment(iso: string, { now, timeZone }: { now: Date; timeZone: string }): Markup {
  const at = Date.parse(iso);
  const date = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).format(at);
  const away = at - now.getTime();
  const { unit, ms } = UNITS.find((each) => Math.abs(away) >= each.ms) ?? UNITS[3];
  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(Math.trunc(away / ms), unit);
  return html`<time datetime="${iso}">${date} (${relative})</time>`;
}

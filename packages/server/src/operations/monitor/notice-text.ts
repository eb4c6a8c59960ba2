/** The texts about monitored sessions, as the document of the plugin writes them. */
import type { MonitoredEventType } from '@claude-companion/protocol';
import { defanged, exactText, quotedText } from '../../asks/visible-text.ts';

/** The emoji make these texts UCS-2: the longest one is five segments. */
const MAX_NAME = 120;
const MAX_ERROR = 120;

export interface Notice {
  type: MonitoredEventType;
  description: string;
  details: Record<string, unknown>;
}

const BODY: Record<MonitoredEventType, (notice: Notice) => string> = {
  error: ({ details }) => `Error: ${errorLine(details)}`,
  done: () => 'Completed successfully!',
  waiting: ({ details }) => {
    const minutes = idleMinutes(details);
    return minutes === null ? 'Waiting for input' : `Waiting for input (${minutes} min idle)`;
  },
};
const SIGN: Record<MonitoredEventType, string> = { error: '⚠️', done: '✅', waiting: '⏳' };

/** What comes from the session is shown with everything invisible escaped, on one line, and cut with an ellipsis. */
export function noticeText(notice: Notice): string {
  const name = shown(notice.description, { limit: MAX_NAME, show: quotedText });
  return `${SIGN[notice.type]} Claude: ${name}\n${BODY[notice.type](notice)}\n\nReply STOP to disable`;
}

/** The first line of what the session calls its error. */
function errorLine({ error, message }: Record<string, unknown>): string {
  const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
  const said = [inner, message].find((each): each is string => typeof each === 'string' && each.trim() !== '');
  const [line = ''] = (said ?? 'no message was given').trim().split(/\r\n|[\n\r\u2028\u2029]/, 1);
  return shown(line.trim(), { limit: MAX_ERROR, show: (text) => defanged(exactText(text)) });
}

/** As the session tells it. Nothing is said about a time that nobody knows. */
function idleMinutes({ idle_minutes: minutes, idle_ms: ms }: Record<string, unknown>): number | null {
  if (isDuration(minutes)) return Math.round(minutes);
  return isDuration(ms) ? Math.round(ms / 60_000) : null;
}

const isDuration = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e12;

/** Cut so that what is shown of it, escapes included, has at most `limit` characters. */
function shown(text: string, { limit, show }: { limit: number; show(text: string): string }): string {
  // Only the beginning can fit; what comes after need not be split into characters.
  const characters = [...text.slice(0, 2 * limit + 2)];
  for (let kept = Math.min(characters.length, limit + 1); ; kept--) {
    const whole = kept === characters.length;
    const line = show(whole ? text : `${characters.slice(0, kept).join('')}…`);
    if ([...line].length <= limit || kept === 0) return line;
  }
}

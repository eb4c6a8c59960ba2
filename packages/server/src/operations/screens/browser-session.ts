/** The life of a signed-in browser: opened with a link or a token, found by its cookie, ended by anybody it belongs to. */
import { createHash } from 'node:crypto';
import { CompanionError } from '@claude-companion/protocol';
import type { Strength } from '../../asks/risk/may-answer.ts';
import {
  type BrowserSession,
  endBrowserSession,
  findLiveBrowserSession,
  insertBrowserSession,
  listBrowserSessions,
  takeTicket,
  touchBrowserSession,
} from '../../store/browser-sessions.ts';
import { type Context, nowOf } from '../context.ts';

export type { BrowserSession } from '../../store/browser-sessions.ts';

const DAY_MS = 86_400_000;
/** A screen that is used stays signed in this long at most; a shorter life for what a text opened. */
const LIFE_MS: Record<Strength, number> = { proven: 30 * DAY_MS, claimed: 7 * DAY_MS };
const IDLE_MS = 7 * DAY_MS;
/** "Last used" is not written more often than this. */
const TOUCH_MS = 60_000;
const SECRET_BYTES = 32;

export const hashOfSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
export const newSecret = ({ ids }: Pick<Context, 'ids'>): string =>
  Buffer.from(ids.bytes(SECRET_BYTES)).toString('base64url');
const later = (now: string, ms: number): string => new Date(Date.parse(now) + ms).toISOString();
const livenessAt = (now: string) => ({ now, idleSince: later(now, -IDLE_MS) });

export interface OpenBrowserSession {
  personId: string;
  strength: Strength;
  /** The paired device whose token opens it: it ends with that device. */
  deviceId?: string | null;
  /** What the browser says it is. */
  userAgent: string | undefined;
}

export interface OpenedBrowserSession {
  id: string;
  /** For the cookie. It is told once; only its hash is kept. */
  secret: string;
  expiresAt: string;
}

export async function openBrowserSession(context: Context, request: OpenBrowserSession): Promise<OpenedBrowserSession> {
  const now = nowOf(context);
  const secret = newSecret(context);
  const { personId, strength, deviceId = null } = request;
  const opened = { id: context.ids.uuid(), expiresAt: later(now, LIFE_MS[strength]) };
  const label = browserLabel(request.userAgent ?? '');
  await insertBrowserSession(context.store.db, {
    ...opened,
    secretHash: hashOfSecret(secret),
    personId,
    strength,
    deviceId,
    label,
    createdAt: now,
  });
  return { ...opened, secret };
}

/** @throws CompanionError AUTH_EXPIRED for a link that was used, is too old, or never was */
export async function signInWithTicket(
  context: Context,
  { ticket, userAgent }: { ticket: string; userAgent: string | undefined },
): Promise<OpenedBrowserSession> {
  // Not in one transaction with what follows: a link that was tried is gone, also when it was too old.
  const personId = await takeTicket(context.store.db, hashOfSecret(ticket), nowOf(context));
  if (personId === null) {
    throw new CompanionError(
      'AUTH_EXPIRED',
      'This sign-in link was used or is too old. Make a new one on the server: npm run companion -- link',
    );
  }
  return openBrowserSession(context, { personId, strength: 'proven', userAgent });
}

/** Whose cookie it is; null when it opens nothing any more. Using it keeps it alive, up to its end. */
export async function findBrowserSession(context: Context, secret: string): Promise<BrowserSession | null> {
  const now = nowOf(context);
  const { db } = context.store;
  const session = await findLiveBrowserSession(db, hashOfSecret(secret), livenessAt(now));
  if (session && session.lastUsedAt <= later(now, -TOUCH_MS)) await touchBrowserSession(db, session.id, now);
  return session;
}

export const browserSessionsOf = (context: Context, personId: string): Promise<BrowserSession[]> =>
  listBrowserSessions(context.store.db, personId, livenessAt(nowOf(context)));

/** From the next request on, the cookie opens nothing. False when it did not before either. */
export const endScreen = (context: Context, session: { id: string; personId: string }): Promise<boolean> =>
  endBrowserSession(context.store.db, { ...session, now: nowOf(context) });

const BROWSERS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrom(e|ium)\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];
const SYSTEMS: readonly (readonly [mark: RegExp, name: string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bMac OS X\b/, 'Mac'],
  [/\bWindows\b/, 'Windows'],
  [/\bLinux\b/, 'Linux'],
];

/** `Firefox on Android`: our words only, whatever the browser sends. */
function browserLabel(userAgent: string): string {
  const named = (table: typeof BROWSERS): string | undefined => table.find(([mark]) => mark.test(userAgent))?.[1];
  const system = named(SYSTEMS);
  return `${named(BROWSERS) ?? 'A browser'}${system === undefined ? '' : ` on ${system}`}`;
}

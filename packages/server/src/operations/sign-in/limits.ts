/** How often codes are asked for and guessed. The keys of the rows are hashes: who asked is not to be read in the database. */
import { CompanionError } from '@claude-companion/protocol';
import type { Transaction } from '../../store/database.ts';
import { lockWindows, readWindows, saveWindows } from '../../store/sign-in-windows.ts';
import { prefixOf } from './phone-number.ts';
import type { SignInContext } from './sign-in-context.ts';
import { DAY_MS, judge, type Limit, MINUTE_MS, type Verdict } from './sliding-window.ts';

/** The documented 3 in 10 minutes, and no more than 8 a day. */
const PER_PHONE: readonly Limit[] = [
  { max: 3, windowMs: 10 * MINUTE_MS },
  { max: 8, windowMs: DAY_MS },
];
const PER_ADDRESS: readonly Limit[] = [
  { max: 20, windowMs: 10 * MINUTE_MS },
  { max: 100, windowMs: DAY_MS },
];
/** Of numbers nobody here knows, that differ in their last four digits only: pumping buys them by the block. */
const PER_PREFIX: readonly Limit[] = [{ max: 10, windowMs: DAY_MS / 2 }];

export type WindowName = 'phone' | 'address' | 'prefix' | 'texts:new' | 'texts:known' | 'lookup';

interface LockedWindow {
  key: string;
  verdict: Verdict;
}

export class Windows {
  readonly #locked: ReadonlyMap<WindowName, LockedWindow>;
  readonly #now: number;
  readonly #taken = new Set<WindowName>();

  constructor(locked: ReadonlyMap<WindowName, LockedWindow>, now: number) {
    this.#locked = locked;
    this.#now = now;
  }

  /** 0 where there is room, and for a limit that is not kept here. */
  waitMs(name: WindowName): number {
    return this.#locked.get(name)?.verdict.waitMs ?? 0;
  }

  take(name: WindowName): void {
    this.#taken.add(name);
  }

  /** Also what was not taken: hits that a wrong clock put ahead must not stay there. */
  async save(tx: Transaction): Promise<void> {
    const forgetAt = new Date(this.#now + DAY_MS).toISOString();
    const changed = [...this.#locked].map(([name, { key, verdict }]) => ({
      key,
      hits: this.#taken.has(name) ? [...verdict.hits, this.#now] : verdict.hits,
      forgetAt,
    }));
    await saveWindows(tx, changed);
  }
}

/** Locks what limits a request for a code. `address` is null where addresses tell nobody apart. */
export async function openWindows(
  context: SignInContext,
  tx: Transaction,
  request: { phone: string; address: string | null },
): Promise<Windows> {
  const half = Math.floor(context.signIn.policy.codeTextsPerDay / 2);
  const limits: readonly NamedLimit[] = [
    ['phone', request.phone, PER_PHONE],
    ['address', request.address, PER_ADDRESS],
    ['prefix', prefixOf(request.phone), PER_PREFIX],
    ['texts:new', '', [{ max: half, windowMs: DAY_MS }]],
    ['texts:known', '', [{ max: context.signIn.policy.codeTextsPerDay - half, windowMs: DAY_MS }]],
  ];
  return lockAndJudge(context, tx, limits);
}

/**
 * Refuses with one look and no lock what is over a limit anyhow: a flood must cost next to nothing. Hits ahead of now are left to
 * `openWindows`, which puts them right.
 */
export async function refuseEarly(
  context: SignInContext,
  request: { phone: string; address: string | null },
): Promise<void> {
  const now = context.clock.now().getTime();
  const looks = keysOf(context, [
    ['phone', request.phone, PER_PHONE],
    ['address', request.address, PER_ADDRESS],
  ]);
  const rows = await readWindows(
    context.store.db,
    looks.map(({ key }) => key),
  );
  const waits = looks.map(({ key, limits }) => {
    const hits = rows.get(key) ?? [];
    return (hits.at(-1) ?? 0) > now ? 0 : judge(hits, now, limits).waitMs;
  });
  const waitMs = Math.max(...waits);
  if (waitMs > 0) throw tooMany(waitMs);
}

/** Somebody who looks for other people's device codes is stopped long before one is found by chance. */
export async function countLookup(context: SignInContext, address: string | null): Promise<void> {
  if (address === null) return;
  const waitMs = await context.store.db.transaction(async (tx) => {
    const windows = await lockAndJudge(context, tx, [['lookup', address, PER_ADDRESS]]);
    const wait = windows.waitMs('lookup');
    if (wait === 0) windows.take('lookup');
    await windows.save(tx);
    return wait;
  });
  if (waitMs > 0) throw tooMany(waitMs);
}

type NamedLimit = readonly [name: WindowName, of: string | null, limits: readonly Limit[]];

const keysOf = (context: SignInContext, limits: readonly NamedLimit[]) =>
  limits.flatMap(([name, of, each]) =>
    of === null ? [] : [{ name, key: context.signIn.hash('limit', `${name}:${of}`), limits: each }],
  );

async function lockAndJudge(context: SignInContext, tx: Transaction, limits: readonly NamedLimit[]): Promise<Windows> {
  const now = context.clock.now().getTime();
  const kept = keysOf(context, limits);
  const rows = await lockWindows(
    tx,
    kept.map(({ key }) => key),
    new Date(now).toISOString(),
  );
  const locked = kept.map(({ name, key, limits: each }): [WindowName, LockedWindow] => [
    name,
    { key, verdict: judge(rows.get(key) ?? [], now, each) },
  ]);
  return new Windows(new Map(locked), now);
}

export function tooMany(waitMs: number): CompanionError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new CompanionError('RATE_LIMIT', `Rate limit exceeded. Try again in ${seconds} seconds`, {
    retryAfterS: seconds,
  });
}

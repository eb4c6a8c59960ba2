/** Signing in without HTTP: the operations on a database of a test, a clock moved by hand, and the texts read from the outbox. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createAccessJwt } from '../../packages/server/src/auth/access-jwt.ts';
import { signInKeys } from '../../packages/server/src/auth/sign-in-keys.ts';
import type { Clock } from '../../packages/server/src/clock.ts';
import type { Context } from '../../packages/server/src/operations/context.ts';
import { CodeExpiry } from '../../packages/server/src/operations/sign-in/code-expiry.ts';
import { type PhoneReading, readPhone } from '../../packages/server/src/operations/sign-in/phone-number.ts';
import { requestCode } from '../../packages/server/src/operations/sign-in/request-code.ts';
import { Revocations } from '../../packages/server/src/operations/sign-in/revocations.ts';
import type { SignInContext, SignInPolicy } from '../../packages/server/src/operations/sign-in/sign-in-context.ts';
import type { Database } from '../../packages/server/src/store/database.ts';
import { ensureOwner, setPhone } from '../../packages/server/src/store/people.ts';
import { createSeal } from '../../packages/server/src/store/seal.ts';
import { silentLogger } from './databases.ts';
import { ManualClock } from './manual-clock.ts';

export const OWNER_PHONE = '+12025550143';

/** Time passes for timers and clock alike, or somebody sets the clock. */
export class SettableClock implements Clock {
  readonly #passed = new ManualClock();
  #set = 0;

  now(): Date {
    return new Date(this.#passed.now().getTime() + this.#set);
  }

  after(ms: number, callback: () => void): () => void {
    return this.#passed.after(ms, callback);
  }

  pass(ms: number): void {
    this.#passed.advance(ms);
  }

  /** No time passes: only what the clock says is different. */
  set(byMs: number): void {
    this.#set += byMs;
  }
}

export interface SignInWorld extends AsyncDisposable {
  context: SignInContext;
  clock: SettableClock;
  /** Asks for a code, as a caller of its own network unless told otherwise. */
  ask(phone: string, handle: string, more?: { address?: string | null; codeChallenge?: string }): Promise<void>;
  /** Every code that was put into the outbox for a number, oldest first. */
  codes(phone: string): Promise<string[]>;
  /** The newest of them. */
  code(phone: string): Promise<string>;
}

const TABLES =
  'access_tokens, paired_devices, sign_ins, device_logins, sign_in_windows, deliveries, asks, sessions, people cascade';

export async function openSignInWorld(db: Database, policy: Partial<SignInPolicy> = {}): Promise<SignInWorld> {
  await db.query(`truncate ${TABLES}`);
  const clock = new SettableClock();
  const seal = createSeal(randomBytes(32));
  const now = clock.now().toISOString();
  const { id: personId } = await ensureOwner(db, { id: randomUUID(), now });
  await setPhone(db, seal, { personId, phone: OWNER_PHONE });
  const logger = { ...silentLogger, debug: () => undefined };
  const keys = signInKeys(randomBytes(32).toString('base64url'));
  const revocations = await Revocations.open(db);
  const codeExpiry = new CodeExpiry({ db, clock, logger });
  // Signing in uses no more of the rest than this.
  const base = {
    store: { db, seal },
    clock,
    logger,
    ids: { uuid: () => randomUUID(), bytes: (count: number) => randomBytes(count) },
    policy: { publicUrl: 'https://companion.example.com' },
    owner: await ensureOwner(db, { id: personId, now }),
  } as unknown as Context;
  const context: SignInContext = {
    ...base,
    signIn: {
      policy: {
        allowedPhones: new Set(),
        allowedCountries: null,
        openSignup: true,
        accessTokenTtlS: 604_800,
        callbackOrigins: new Set(),
        codeTextsPerDay: 40,
        ...policy,
      },
      hash: keys.hash,
      jwt: createAccessJwt(keys.jwt),
      revocations,
      codeExpiry,
    },
  };
  // In the order in which they were written: their times follow a clock that tests set back.
  const codes = async (phone: string): Promise<string[]> => {
    const { rows } = await db.query<{ toSealed: string; bodySealed: string }>(
      `select to_sealed as "toSealed", body_sealed as "bodySealed" from deliveries where purpose = 'code' order by ctid`,
    );
    const texts = rows.filter(({ toSealed }) => seal.open(toSealed) === phone);
    return texts.map(({ bodySealed }) => /^(\d{6}) is your/.exec(seal.open(bodySealed))?.[1] ?? '');
  };
  return {
    context,
    clock,
    async ask(phone, handle, more = {}) {
      const { address = randomUUID(), codeChallenge } = more;
      await requestCode(context, { phone: phoneOf(readPhone(phone)), handle, address, codeChallenge });
    },
    codes,
    code: async (phone) => (await codes(phone)).at(-1) ?? '',
    async [Symbol.asyncDispose]() {
      codeExpiry.close();
      await revocations.close();
    },
  };
}

function phoneOf(reading: PhoneReading) {
  if ('phone' in reading) return reading.phone;
  throw new Error(`a test uses a number that is refused: it ${reading.refusal}`);
}

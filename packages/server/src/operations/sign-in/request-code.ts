/**
 * Somebody typed a phone number and wants a code by text. Every number is answered alike and at the cost of the same statements,
 * whether it is known, new or not welcome: only the phone tells which.
 */
import type { Transaction } from '../../store/database.ts';
import { addDelivery, wakeDeliveries } from '../../store/deliveries.ts';
import { findPersonByPhone } from '../../store/people.ts';
import { addSignIn } from '../../store/sign-ins.ts';
import type { Ids } from '../context.ts';
import { openWindows, refuseEarly, tooMany, type Windows } from './limits.ts';
import { CODE_TTL_MS, codeText, newCode } from './pairing-code.ts';
import type { Phone } from './phone-number.ts';
import type { SignInContext } from './sign-in-context.ts';
import { type Standing, standingOf } from './standing.ts';

export interface CodeRequest {
  phone: Phone;
  /** The temp_token or setup_id: what the client will name this login by. */
  handle: string;
  /** Where the request came from; null where addresses tell nobody apart. */
  address: string | null;
  codeChallenge?: string | undefined;
  /** The machine that the login is for, when it is not the one which asks. */
  deviceLoginId?: string | undefined;
}

/** @throws CompanionError RATE_LIMIT with the seconds to wait; nothing was sent and nothing changed then */
export async function requestCode(context: SignInContext, request: CodeRequest): Promise<void> {
  const { store, logger, signIn } = context;
  const id = context.ids.uuid();
  const who = { phone: request.phone.number, address: request.address };
  await refuseEarly(context, who);
  const outcome = await store.db.transaction(async (tx) => {
    const windows = await openWindows(context, tx, who);
    const waitMs = Math.max(windows.waitMs('phone'), windows.waitMs('address'));
    if (waitMs > 0) {
      await windows.save(tx);
      return { waitMs, texted: false };
    }
    const person = await findPersonByPhone(tx, store.seal, request.phone.number);
    const texted = takeText(windows, standingOf(signIn.policy, request.phone, person));
    await windows.save(tx);
    await writeSignIn(context, tx, { ...request, id, texted });
    return { waitMs, texted };
  });
  if (outcome.waitMs > 0) throw tooMany(outcome.waitMs);
  if (outcome.texted) signIn.codeExpiry.arm(id, CODE_TTL_MS);
  logger.debug({ texted: outcome.texted }, 'a code was asked for');
}

/**
 * Whether this request gets a text. What strangers use up they use up for strangers: the texts for people who are known are counted
 * apart. A refusal here is silent, because telling it would tell who is known.
 */
function takeText(windows: Windows, standing: Standing): boolean {
  windows.take('phone');
  windows.take('address');
  if (standing === 'refused') return false;
  const needed = standing === 'known' ? (['texts:known'] as const) : (['prefix', 'texts:new'] as const);
  if (needed.some((name) => windows.waitMs(name) > 0)) return false;
  for (const name of needed) windows.take(name);
  return true;
}

async function writeSignIn(
  context: SignInContext,
  tx: Transaction,
  request: CodeRequest & { id: string; texted: boolean },
): Promise<void> {
  const { store, signIn, ids, policy } = context;
  const { id, texted, phone } = request;
  const at = context.clock.now();
  const now = at.toISOString();
  const expiresAt = new Date(at.getTime() + CODE_TTL_MS).toISOString();
  const code = newCode(ids);
  await addSignIn(tx, {
    id,
    handleHash: signIn.hash('handle', request.handle),
    phoneIndex: store.seal.index(phone.number),
    phoneSealed: store.seal.seal(phone.number),
    texted,
    codeHash: signIn.hash('code', `${id}:${code}`),
    codeChallenge: request.codeChallenge ?? null,
    deviceLoginId: request.deviceLoginId ?? null,
    now,
    expiresAt,
  });
  // The text is written either way and taken back when none may be sent, and the outbox is woken either way, so that both cost the
  // same time. It is sent a little later than at once: what is asked next would have to wait behind it, and show that there is one.
  await tx.query('savepoint text');
  await addDelivery(tx, store.seal, {
    id: ids.uuid(),
    key: `code:${id}`,
    personId: null,
    channel: 'sms',
    purpose: 'code',
    body: codeText(code, policy.publicUrl),
    to: phone.number,
    expiresAt,
    dueAt: new Date(at.getTime() + sendDelayMs(ids)).toISOString(),
    now,
  });
  await tx.query(texted ? 'release savepoint text' : 'rollback to savepoint text');
  await wakeDeliveries(tx);
}

/** 100 to 355 ms, another one each time. */
const sendDelayMs = (ids: Pick<Ids, 'bytes'>): number => 100 + (ids.bytes(1)[0] ?? 0);

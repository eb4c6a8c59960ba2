/** Signing in a machine that has no browser (RFC 8628): it shows a code, a person types that elsewhere, the machine polls. */

import type { Transaction } from '../../store/database.ts';
import { findPerson, phoneOf } from '../../store/people.ts';
import {
  addDeviceLogin,
  type DeviceLogin,
  decideDeviceLogin,
  findPendingLogin,
  finishDeviceLogin,
  lockDeviceLogin,
  recordPoll,
} from '../../store/sign-in-device-logins.ts';
import { nowOf } from '../context.ts';
import { type AuthGrant, grantOf, type IssuedToken, pairDevice } from './issue-token.ts';
import { countLookup } from './limits.ts';
import type { SignInContext } from './sign-in-context.ts';
import { scopesOf } from './standing.ts';

export const DEVICE_LOGIN_TTL_S = 600;
const INTERVAL_S = 5;
/** Without vowels, so that no words come up, and without what is mistaken for something else. 20^8 is 34 bits. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LENGTH = 8;

export interface StartedDeviceLogin {
  deviceCode: string;
  /** As people read it: `BCDF-GHJK`. */
  userCode: string;
  intervalS: number;
}

export async function startDeviceLogin(
  context: SignInContext,
  { deviceName, address }: { deviceName: string; address: string | null },
): Promise<StartedDeviceLogin> {
  await countLookup(context, address);
  const { store, ids, clock, signIn } = context;
  const deviceCode = Buffer.from(ids.bytes(32)).toString('base64url');
  const userCode = newUserCode((count) => ids.bytes(count));
  const at = clock.now();
  await addDeviceLogin(store.db, {
    id: ids.uuid(),
    deviceCodeHash: signIn.hash('device-code', deviceCode),
    userCodeHash: signIn.hash('user-code', userCode),
    deviceName,
    intervalS: INTERVAL_S,
    now: at.toISOString(),
    expiresAt: new Date(at.getTime() + DEVICE_LOGIN_TTL_S * 1000).toISOString(),
  });
  return { deviceCode, userCode: `${userCode.slice(0, 4)}-${userCode.slice(4)}`, intervalS: INTERVAL_S };
}

function newUserCode(bytes: (count: number) => Uint8Array): string {
  let code = '';
  // 240 is the largest multiple of 20 in a byte: numbers above would make some letters likelier.
  while (code.length < USER_CODE_LENGTH) {
    for (const byte of bytes(USER_CODE_LENGTH)) {
      if (byte < 240 && code.length < USER_CODE_LENGTH) code += ALPHABET[byte % ALPHABET.length];
    }
  }
  return code;
}

/** The login that a person's typed code names, if it is still waiting. Counted, so that nobody tries them all. */
export async function findDeviceLogin(
  context: SignInContext,
  { userCode, address }: { userCode: string; address: string | null },
): Promise<DeviceLogin | undefined> {
  await countLookup(context, address);
  const typed = userCode.toUpperCase().replace(/[^A-Z]/g, '');
  return findPendingLogin(context.store.db, {
    userCodeHash: context.signIn.hash('user-code', typed),
    now: nowOf(context),
  });
}

export async function refuseDeviceLogin(context: SignInContext, id: string): Promise<void> {
  await decideDeviceLogin(context.store.db, { id, state: 'refused', personId: null });
}

/** The errors of RFC 8628, section 3.5, and of RFC 6749. */
export type PollRefusal = 'authorization_pending' | 'slow_down' | 'access_denied' | 'expired_token' | 'invalid_grant';

export async function pollDeviceLogin(
  context: SignInContext,
  deviceCode: string,
): Promise<{ grant: AuthGrant } | { refusal: PollRefusal }> {
  const { store, signIn } = context;
  const outcome = await store.db.transaction(async (tx): Promise<IssuedToken | PollRefusal> => {
    const login = await lockDeviceLogin(tx, signIn.hash('device-code', deviceCode));
    return login ? answerPoll(context, tx, login) : 'invalid_grant';
  });
  return typeof outcome === 'string' ? { refusal: outcome } : { grant: await grantOf(context, outcome) };
}

async function answerPoll(
  context: SignInContext,
  tx: Transaction,
  login: DeviceLogin,
): Promise<IssuedToken | PollRefusal> {
  const now = context.clock.now().getTime();
  if (login.state === 'done') return 'invalid_grant';
  if (login.state === 'refused') return 'access_denied';
  if (Date.parse(login.expiresAt) <= now) return 'expired_token';
  if (login.state === 'approved' && login.personId !== null) {
    await finishDeviceLogin(tx, login.id);
    return pairApproved(context, tx, { personId: login.personId, name: login.deviceName });
  }
  const since = login.polledAt === null ? Number.POSITIVE_INFINITY : now - Date.parse(login.polledAt);
  const tooSoon = since >= 0 && since < login.intervalS * 1000;
  const intervalS = tooSoon ? login.intervalS + INTERVAL_S : login.intervalS;
  await recordPoll(tx, { id: login.id, intervalS, now: new Date(now).toISOString() });
  return tooSoon ? 'slow_down' : 'authorization_pending';
}

async function pairApproved(
  context: SignInContext,
  tx: Transaction,
  device: { personId: string; name: string },
): Promise<IssuedToken | PollRefusal> {
  const { store, signIn } = context;
  const person = await findPerson(tx, device.personId);
  const phone = await phoneOf(tx, store.seal, device.personId);
  if (!person || phone === null) return 'access_denied';
  return pairDevice(context, tx, { ...device, scopes: scopesOf(signIn.policy, phone, person) });
}

/** What a person is signed in with, and taking any of it away. */
import { deletePasskey, listPasskeys, type Passkey } from '../../store/passkeys.ts';
import { devicesOf, type PairedDevice } from '../../store/sign-in-devices.ts';
import type { Context } from '../context.ts';
import { refuseClaimed } from '../passkeys/enrol.ts';
import { relyingPartyOf } from '../passkeys/relying-party.ts';
import { type BrowserSession, browserSessionsOf } from './browser-session.ts';

export interface Account {
  passkeys: Passkey[];
  /** Where passkeys can be added; null where browsers have none. */
  passkeysAt: string | null;
  screens: BrowserSession[];
  devices: PairedDevice[];
}

export async function accountOf(context: Context, personId: string): Promise<Account> {
  const { db } = context.store;
  const [passkeys, screens, devices] = await Promise.all([
    listPasskeys(db, personId),
    browserSessionsOf(context, personId),
    devicesOf(db, personId),
  ]);
  return { passkeys, screens, devices, passkeysAt: relyingPartyOf(context.policy.publicUrl)?.origin ?? null };
}

/** @throws CompanionError AUTH_INSUFFICIENT on a screen that a text opened: it may not weaken what guards against it */
export async function removePasskey(context: Context, session: BrowserSession, id: string): Promise<boolean> {
  refuseClaimed(session);
  return deletePasskey(context.store.db, id, session.personId);
}

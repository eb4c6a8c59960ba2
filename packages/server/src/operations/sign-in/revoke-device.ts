import { CompanionError } from '@claude-companion/protocol';
import type { Transaction } from '../../store/database.ts';
import { type DeviceEnd, devicesOf, endDevice, type PairedDevice } from '../../store/sign-in-devices.ts';
import { nowOf } from '../context.ts';
import type { SignInContext } from './sign-in-context.ts';

export interface DeviceToEnd {
  id: string;
  personId: string;
  reason: DeviceEnd;
}

/** Ends all tokens of a device at commit, and with them its open connections, at every server. */
export async function revokeDevice(context: SignInContext, tx: Transaction, device: DeviceToEnd): Promise<boolean> {
  const ended = await endDevice(tx, { ...device, now: nowOf(context) });
  if (ended) tx.afterCommit(() => context.signIn.revocations.announce(device.id));
  return ended;
}

/** @throws CompanionError NOT_FOUND when the person has no such device, or it was signed out before */
export async function signOut(context: SignInContext, device: DeviceToEnd): Promise<void> {
  const ended = await context.store.db.transaction((tx) => revokeDevice(context, tx, device));
  if (!ended) throw new CompanionError('NOT_FOUND', 'There is no such device.');
}

/** Devices of a person that are signed in, the one used last first. */
export const listDevices = (context: SignInContext, personId: string): Promise<PairedDevice[]> =>
  devicesOf(context.store.db, personId);

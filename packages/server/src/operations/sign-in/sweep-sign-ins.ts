import { sweepDevices } from '../../store/sign-in-devices.ts';
import { sweepSignIns } from '../../store/sign-ins.ts';
import type { SignInContext } from './sign-in-context.ts';
import { DAY_MS } from './sliding-window.ts';

/** How long it can still be seen what became of a login or device. */
const KEEP_MS = DAY_MS;

/** Makes every end final, so that a clock that is set back brings nothing to life, and forgets what ended long ago. */
export async function sweepEnded({ store, clock }: Pick<SignInContext, 'store' | 'clock'>): Promise<void> {
  const at = clock.now();
  const ages = { now: at.toISOString(), forgetBefore: new Date(at.getTime() - KEEP_MS).toISOString() };
  await sweepSignIns(store.db, ages);
  await sweepDevices(store.db, ages);
}

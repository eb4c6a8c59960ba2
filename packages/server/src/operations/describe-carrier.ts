import {
  type FailedTexts,
  failedTextsSince,
  lastTexts,
  listUnknownSenders,
  type UnknownSender,
} from '../store/channel-settings.ts';
import type { Store } from '../store/open.ts';
import { findPerson } from '../store/people.ts';
import { webhookUrl } from './webhook-token.ts';

/** How texts go and come, as it was configured. */
export interface CarrierSettings {
  provider: 'twilio' | 'simulated';
  /** Our number or messaging service; null with the simulated phone. */
  sender: string | null;
  /** Where the carrier reaches this server; null: it cannot. */
  publicUrl: string | null;
}

export interface CarrierState extends CarrierSettings {
  /** The whole address for the carrier's console, with its secret; null: there is none yet. */
  webhookUrl: string | null;
  /** The owner's phone, masked. */
  ownerPhone: string | null;
  ownerOptedOutAt: string | null;
  /** When the last text of a known number came in. */
  lastReceivedAt: string | null;
  lastSentAt: string | null;
  unknownSenders: UnknownSender[];
  /** Of the last three days. */
  failures: FailedTexts[];
}

const RECENT_MS = 3 * 86_400_000;
const MOST_SENDERS = 10;

/** What the operator must know to see why a text does not arrive. It holds the webhook's secret: for the owner alone. */
export async function describeCarrier(
  store: Pick<Store, 'db' | 'seal'>,
  { settings, ownerId, now }: { settings: CarrierSettings; ownerId: string | null; now: Date },
): Promise<CarrierState> {
  const { db } = store;
  const owner = ownerId === null ? undefined : await findPerson(db, ownerId);
  const texts = await lastTexts(db);
  return {
    ...settings,
    webhookUrl: settings.publicUrl === null ? null : await webhookUrl(store, settings.publicUrl),
    ownerPhone: owner?.phone ?? null,
    ownerOptedOutAt: owner?.optedOutAt ?? null,
    lastReceivedAt: texts.receivedAt,
    lastSentAt: texts.sentAt,
    unknownSenders: await listUnknownSenders(db, MOST_SENDERS),
    failures: await failedTextsSince(db, new Date(now.getTime() - RECENT_MS).toISOString()),
  };
}

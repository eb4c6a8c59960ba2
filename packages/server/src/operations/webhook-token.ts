/** The secret in the path of the carrier's webhook: durable, sealed, replaced with a time of transition. */
import { randomBytes } from 'node:crypto';
import { CompanionError } from '@claude-companion/protocol';
import { type ChannelConfig, type ChannelConfigStore, rotateWebhookToken } from '@claude-companion/sms';
import { addChannelSettings, readChannelSettings, writeChannelSettings } from '../store/channel-settings.ts';
import type { Store } from '../store/open.ts';
import { type Context, nowOf } from './context.ts';

export const SMS_CHANNEL = 'sms';
/** A day to tell the carrier the new address. */
const TRANSITION_SECONDS = 86_400;

type Stored = Pick<Store, 'db' | 'seal'>;

/** A burst of texts need not read the token once each. Another server's rotation is felt within this time, our own at once. */
const REMEMBERED_MS = 1_000;
const remembered = new WeakMap<Stored['db'], { settings: ChannelConfig; until: number }>();

export function webhookSettings({ store, clock }: Pick<Context, 'store' | 'clock'>): ChannelConfigStore {
  const { db, seal } = store;
  return {
    async getConfig(id) {
      const now = clock.now().getTime();
      const known = remembered.get(db);
      if (known && known.until > now) return known.settings;
      const settings = await readChannelSettings<ChannelConfig>(db, seal, id);
      if (!settings) throw new Error(`The channel ${id} has no settings.`);
      remembered.set(db, { settings, until: now + REMEMBERED_MS });
      return settings;
    },
    async saveConfig(id, settings) {
      await writeChannelSettings(db, seal, { id, settings, now: nowOf({ clock }) });
      remembered.delete(db);
    },
  };
}

/** At the first start with a carrier. */
export async function ensureWebhookToken(context: Context): Promise<void> {
  const { db, seal } = context.store;
  const settings: ChannelConfig = { webhookPathToken: randomBytes(32).toString('base64url') };
  await addChannelSettings(db, seal, { id: SMS_CHANNEL, settings, now: nowOf(context) });
}

/** What is configured at the carrier as the address for texts that come in; null before the first start with a carrier. */
export async function webhookUrl({ db, seal }: Stored, publicUrl: string): Promise<string | null> {
  const settings = await readChannelSettings<ChannelConfig>(db, seal, SMS_CHANNEL);
  return settings ? `${publicUrl.replace(/\/+$/, '')}/webhook/${settings.webhookPathToken}` : null;
}

export interface RotatedWebhook {
  webhookUrl: string;
  /** Until then the carrier may still call the old address. */
  oldValidUntil: string;
}

/** @throws CompanionError INVALID_REQUEST when the carrier has no address to call */
export async function rotateWebhook(
  context: Context,
  {
    publicUrl,
    transitionSeconds = TRANSITION_SECONDS,
  }: { publicUrl: string | null; transitionSeconds?: number | undefined },
): Promise<RotatedWebhook> {
  if (publicUrl === null) {
    throw new CompanionError(
      'INVALID_REQUEST',
      'This server has no webhook: set PUBLIC_URL and the three TWILIO_ settings, and start it again.',
    );
  }
  const clock = { now: () => context.clock.now().getTime() };
  await rotateWebhookToken({ channelId: SMS_CHANNEL }, webhookSettings(context), { transitionSeconds, clock });
  return {
    webhookUrl: (await webhookUrl(context.store, publicUrl)) ?? '',
    oldValidUntil: new Date(clock.now() + transitionSeconds * 1000).toISOString(),
  };
}

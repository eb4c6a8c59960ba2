/** The phone channel of a start: Twilio where it is configured, else the simulated phone, announced as such everywhere. */
import { CompanionError } from '@claude-companion/protocol';
import { TwilioSmsProvider, type WebhookHandler } from '@claude-companion/sms';
import type { Config } from '../config/config.ts';
import { createCarrierWebhook } from '../http/webhooks/carrier-webhook.ts';
import { CALL_MS, type SmsProvider } from '../notify/channels/sms/provider.ts';
import { createSimulatedPhone, FICTIONAL_PHONE, type SimulatedPhone } from '../notify/channels/sms/simulated-phone.ts';
import { createTwilioPhone } from '../notify/channels/sms/twilio-phone.ts';
import type { Context } from '../operations/context.ts';
import type { CarrierSettings } from '../operations/describe-carrier.ts';
import { receiveCarrierText } from '../operations/receive-carrier-text.ts';
import { ensureWebhookToken, webhookUrl } from '../operations/webhook-token.ts';
import { phoneOf, setPhone } from '../store/people.ts';
import { maskPhone } from '../store/phone-mask.ts';

/** A text that could not be acted on is tried again after this long. */
const RESUME_MS = 30_000;

export interface PhoneChannel {
  sms: SmsProvider;
  /** Null with a real carrier. */
  simulated: SimulatedPhone | null;
  /** Null: no carrier can call this server. */
  webhook: WebhookHandler | null;
  settings: CarrierSettings;
  /** For the page and the first screen; no whole number. */
  label: string;
  /** What does not work although the server runs, one sentence each. */
  notices: string[];
  /** A text can reach the owner. */
  canText: boolean;
  close(): Promise<void>;
}

/** Makes the owner's number known and opens the channel. */
export async function openPhoneChannel(config: Config, context: Context): Promise<PhoneChannel> {
  const { owner, store } = context;
  const { OWNER_PHONE: phone } = config;
  if (phone) await setPhone(store.db, store.seal, { personId: owner.id, phone });
  const account = twilioAccount(config);
  return account ? openTwilio(config, context, account) : openSimulated(context);
}

async function openSimulated(context: Context): Promise<PhoneChannel> {
  const { owner, store, clock, ids } = context;
  const { db, seal } = store;
  const ownersPhone = (): Promise<string | null> => phoneOf(db, seal, owner.id);
  if ((await ownersPhone()) === null) await setPhone(db, seal, { personId: owner.id, phone: FICTIONAL_PHONE });
  const phone = (await ownersPhone()) ?? FICTIONAL_PHONE;
  const simulated = createSimulatedPhone({
    store,
    clock,
    ids,
    from: async () => (await ownersPhone()) ?? FICTIONAL_PHONE,
    deliver: async (text) => {
      await receiveCarrierText(context, { provider: 'simulated', ...text });
    },
  });
  return {
    sms: simulated,
    simulated,
    webhook: null,
    settings: { provider: 'simulated', sender: null, publicUrl: null },
    label: `simulated, ${phone === FICTIONAL_PHONE ? phone : maskPhone(phone)}`,
    notices: [],
    canText: true,
    close: async () => undefined,
  };
}

interface TwilioAccount {
  accountSid: string;
  authToken: string;
  fromNumber: string;
}

/** Null when nothing of it is set; the schema of the settings refuses a part of it. */
function twilioAccount(config: Config): TwilioAccount | null {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_PHONE_NUMBER: fromNumber } = config;
  return accountSid && authToken && fromNumber ? { accountSid, authToken, fromNumber } : null;
}

async function openTwilio(config: Config, context: Context, account: TwilioAccount): Promise<PhoneChannel> {
  const { owner, store, clock, logger } = context;
  const twilio = new TwilioSmsProvider({
    ...account,
    ...(config.TWILIO_API_URL && { baseUrl: config.TWILIO_API_URL }),
    timeoutMs: CALL_MS,
    // The outbox tries again by itself, with longer waits, and across restarts.
    connectRetries: 0,
  });
  const check = twilio.validateConfig();
  if (!check.ok) throw new CompanionError('SERVER_ERROR', `The TWILIO_ settings cannot be used: ${check.error}`);
  const publicUrl = reachableUrl(config);
  if (publicUrl !== null) await ensureWebhookToken(context);
  const ownersPhone = await phoneOf(store.db, store.seal, owner.id);
  const canText = ownersPhone !== null && ownersPhone !== FICTIONAL_PHONE;
  const notices = [
    ...(publicUrl === null ? [NO_INBOUND] : []),
    ...(canText ? [] : ['You have no phone here: set OWNER_PHONE, or no text can reach you.']),
  ];
  for (const notice of notices) logger.warn({}, notice);
  const webhook =
    publicUrl === null
      ? null
      : createCarrierWebhook({ context, provider: twilio, authToken: account.authToken, publicUrl });
  const stopResuming = webhook ? keepResuming(webhook, context) : () => undefined;
  return {
    sms: createTwilioPhone({
      twilio,
      clock,
      reportsTo:
        publicUrl === null
          ? null
          : async (deliveryId) => `${await webhookUrl(store, publicUrl)}/status?d=${encodeURIComponent(deliveryId)}`,
    }),
    simulated: null,
    webhook,
    settings: carrierSettings(config),
    label: `Twilio, from ${maskPhone(account.fromNumber)}`,
    notices,
    canText,
    // A request under way ends by its own time limit; nobody waits for it.
    close: async () => {
      stopResuming();
      await webhook?.idle();
      void twilio.close().catch(() => undefined);
    },
  };
}

/** Texts that an earlier process left, now; and those that could not be acted on, later. */
function keepResuming(webhook: WebhookHandler, { clock, logger }: Context): () => void {
  let cancel = (): void => undefined;
  const resume = (): void => {
    webhook.resume().catch((error: unknown) => logger.error({ err: error }, 'texts that wait could not be read'));
    cancel = clock.after(RESUME_MS, resume);
  };
  resume();
  return () => cancel();
}

/** How texts go and come with these settings. */
export function carrierSettings(config: Config): CarrierSettings {
  const account = twilioAccount(config);
  return account
    ? { provider: 'twilio', sender: account.fromNumber, publicUrl: reachableUrl(config) }
    : { provider: 'simulated', sender: null, publicUrl: null };
}

const NO_INBOUND =
  'Texts can be sent but not answered: Twilio needs an address of this server. Set PUBLIC_URL to one that it can reach, then run "companion doctor".';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Twilio itself cannot call a loopback address, and refuses a text that asks for reports there; an emulator can. */
function reachableUrl({ PUBLIC_URL, TWILIO_API_URL }: Pick<Config, 'PUBLIC_URL' | 'TWILIO_API_URL'>): string | null {
  if (PUBLIC_URL === undefined) return null;
  const isLocal = (url: string): boolean => LOOPBACK.test(new URL(url).hostname);
  const emulated = TWILIO_API_URL !== undefined && isLocal(TWILIO_API_URL);
  return isLocal(PUBLIC_URL) && !emulated ? null : PUBLIC_URL.replace(/\/+$/, '');
}

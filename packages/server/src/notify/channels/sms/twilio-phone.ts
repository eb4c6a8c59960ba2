/** Texts through Twilio. What Twilio says is judged by the table of its error codes; nothing is sent twice on a guess. */
import {
  DELIVERY_STATUSES,
  type DeliveryStatus,
  reconcileSend,
  type SendFailure,
  type TwilioSmsProvider,
  twilioErrorAdvice,
} from '@claude-companion/sms';
import type { Clock } from '../../../clock.ts';
import { carrierReport, type RetryAdvice, reasonOf } from '../../../operations/carrier-report.ts';
import type { FoundText, SendOutcome, SmsProvider } from './provider.ts';
import { FICTIONAL_PHONE } from './simulated-phone.ts';

/** A text is at most ten segments: Twilio takes 1,600 characters. What fits in fewer is up to whoever words it. */
const MAX_SEGMENTS = 10;
/** The carrier may list a text a moment after it took it. */
const SETTLE_MS = 3_000;

export interface TwilioPhoneParts {
  twilio: Pick<TwilioSmsProvider, 'sendSms' | 'listMessages'>;
  clock: Clock;
  /** Where Twilio reports on a text; null: nowhere, because it could not reach us. */
  reportsTo: ((deliveryId: string) => Promise<string>) | null;
}

export function createTwilioPhone({ twilio, clock, reportsTo }: TwilioPhoneParts): SmsProvider {
  return {
    name: 'twilio',
    hears: reportsTo !== null,
    async send(text): Promise<SendOutcome> {
      if (text.to === FICTIONAL_PHONE) return fictional;
      const statusCallbackUrl = await reportsTo?.(text.deliveryId);
      if (clock.now().getTime() > Date.parse(text.callBy)) return tooSlow;
      const result = await twilio.sendSms({
        toNumber: text.to,
        messageText: text.body,
        maxSegments: MAX_SEGMENTS,
        ...(statusCallbackUrl && { statusCallbackUrl }),
        ...(text.expiresAt && { validityPeriodSeconds: secondsUntil(text.expiresAt, clock) }),
      });
      return result.success ? { state: 'sent', providerId: result.messageSid } : refusal(result);
    },
    memory: {
      async find({ to, body, handedAt, otherIds }): Promise<FoundText> {
        const found = await reconcileSend(
          twilio,
          { toNumber: to, text: body, sentAfter: before(handedAt), otherSids: otherIds },
          { settleMs: SETTLE_MS, sleep: (ms) => new Promise((resolve) => clock.after(ms, resolve)) },
        );
        return found.outcome === 'sent' ? { outcome: 'sent', providerId: found.result.messageSid } : found;
      },
      async report({ to, providerId, handedAt }) {
        const texts = await twilio.listMessages({ to, since: before(handedAt) });
        const text = texts.find(({ messageSid }) => messageSid === providerId);
        if (!text || !isStatus(text.status)) return null;
        const code = text.providerCode;
        return carrierReport({
          status: text.status,
          providerId,
          code,
          advice: code === undefined ? undefined : twilioErrorAdvice(code),
        });
      },
    },
  };
}

/** Twilio's clock may be behind ours. Texts of that time that are not meant are known by their ids. */
const before = (moment: string): Date => new Date(Date.parse(moment) - 540_000);

const isStatus = (word: string): word is DeliveryStatus => Object.hasOwn(DELIVERY_STATUSES, word);

/** Twilio takes 1 to 36,000 seconds; the library keeps to the upper end. */
const secondsUntil = (moment: string, clock: Clock): number =>
  Math.max(1, Math.floor((Date.parse(moment) - clock.now().getTime()) / 1000));

/** The number of the simulated phone is in the database of whoever tried that first. It must not cost them a text. */
const fictional: SendOutcome = {
  state: 'failed',
  retry: 'no',
  reason: 'This is the made-up number of the simulated phone. Set OWNER_PHONE to a real one.',
};

const tooSlow: SendOutcome = {
  state: 'failed',
  retry: 'back_off',
  reason: 'This server was too slow to call the carrier in time. It is overloaded, or its database is.',
};

function refusal(failure: SendFailure): SendOutcome {
  const { errorCode, errorMessage, providerCode, ambiguous } = failure;
  if (ambiguous) return { state: 'unknown', reason: errorMessage };
  const advice = providerCode === undefined ? undefined : twilioErrorAdvice(providerCode);
  return {
    state: 'failed',
    retry: advice?.retry ?? WITHOUT_CODE[errorCode] ?? 'no',
    reason: reasonOf(providerCode, { operator: errorMessage }) ?? errorMessage,
    optedOut: errorCode === 'OPTED_OUT',
  };
}

/** Nothing was sent, and the reason passes: the network, or Twilio itself. */
const WITHOUT_CODE: Readonly<Record<string, RetryAdvice>> = {
  CONNECTION_ERROR: 'back_off',
  TIMEOUT: 'back_off',
  RATE_LIMITED: 'back_off',
};

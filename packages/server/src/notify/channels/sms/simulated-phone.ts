/**
 * The phone that stands in when no carrier is configured. Its texts are shown by `companion phone` and the dashboard, and
 * can be answered there. It behaves like a real one: after STOP nothing arrives until START, and the carrier, not the
 * server, answers those words. It stands in for every number: nobody's text leaves this machine.
 */
import { TWILIO_ERRORS } from '@claude-companion/sms';
import type { Clock } from '../../../clock.ts';
import { reasonOf } from '../../../operations/carrier-report.ts';
import type { Ids } from '../../../operations/context.ts';
import type { Store } from '../../../store/open.ts';
import {
  addSimulatedText,
  lastSimulatedWord,
  type SimulatedText,
  simulatedTextExists,
  simulatedTexts,
} from '../../../store/texts.ts';
import type { FoundText, SendOutcome, SmsProvider } from './provider.ts';

/** A number from the range that is set aside for fiction. */
export const FICTIONAL_PHONE = '+12025550143';

const OPT_OUT = ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'CANCEL'];
const OPT_IN = ['START', 'YES', 'UNSTOP'];
const HELP = ['HELP', 'INFO'];

export const CARRIER_REPLIES = {
  optOut:
    'You have successfully been unsubscribed. You will not receive any more messages from this number. Reply START to resubscribe.',
  optIn:
    'You have successfully been re-subscribed to messages from this number. Reply HELP for help. Reply STOP to unsubscribe.',
  help: 'Reply STOP to unsubscribe. Msg&Data Rates May Apply.',
} as const;

export interface SimulatedPhone extends SmsProvider {
  /** Somebody typed on the phone. The text is then handed to `deliver`, as a carrier would post it. */
  type(body: string): Promise<{ carrierId: string }>;
  texts(after: number): Promise<SimulatedText[]>;
}

export interface SimulatedPhoneParts {
  store: Pick<Store, 'db' | 'seal'>;
  clock: Clock;
  ids: Ids;
  /** The number that texts typed here come from. */
  from(): Promise<string>;
  deliver(text: { carrierId: string; from: string; body: string }): Promise<void>;
}

export function createSimulatedPhone(parts: SimulatedPhoneParts): SimulatedPhone {
  const { clock, ids } = parts;
  const { db, seal } = parts.store;
  const now = (): string => clock.now().toISOString();
  const outId = (deliveryId: string): string => `sim_out_${deliveryId}`;

  async function optedOut(phoneIndex: string): Promise<boolean> {
    const word = await lastSimulatedWord(db, phoneIndex, [...OPT_OUT, ...OPT_IN]);
    return word !== null && OPT_OUT.includes(word);
  }

  function carrierReply(body: string): string | null {
    const word = body.trim().toUpperCase();
    if (OPT_OUT.includes(word)) return CARRIER_REPLIES.optOut;
    if (OPT_IN.includes(word)) return CARRIER_REPLIES.optIn;
    return HELP.includes(word) ? CARRIER_REPLIES.help : null;
  }

  return {
    name: 'simulated phone',
    hears: true,
    memory: {
      async find({ deliveryId }): Promise<FoundText> {
        const providerId = outId(deliveryId);
        return (await simulatedTextExists(db, providerId)) ? { outcome: 'sent', providerId } : { outcome: 'not_sent' };
      },
      report: async ({ providerId }) => ({ state: 'delivered', providerId, retry: 'no', optedOut: false }),
    },
    async send(text): Promise<SendOutcome> {
      const phoneIndex = seal.index(text.to);
      if (await optedOut(phoneIndex)) {
        return {
          state: 'failed',
          retry: 'no',
          reason: reasonOf('21610', TWILIO_ERRORS[21610]) ?? '',
          optedOut: true,
        };
      }
      const carrierId = outId(text.deliveryId);
      await addSimulatedText(db, { direction: 'to_phone', body: text.body, carrierId, phoneIndex, now: now() });
      return { state: 'delivered', providerId: carrierId };
    },
    async type(body) {
      const carrierId = `sim_in_${ids.uuid()}`;
      const from = await parts.from();
      const phoneIndex = seal.index(from);
      const reply = carrierReply(body);
      await addSimulatedText(db, { direction: 'from_phone', body, carrierId, phoneIndex, now: now() });
      if (reply) {
        const replyId = `${carrierId}_reply`;
        await addSimulatedText(db, { direction: 'to_phone', body: reply, carrierId: replyId, phoneIndex, now: now() });
      }
      await parts.deliver({ carrierId, from, body });
      return { carrierId };
    },
    texts: (after) => simulatedTexts(db, after),
  };
}

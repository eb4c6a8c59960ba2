/**
 * The phone that stands in when no carrier is configured. Its texts are shown by `companion phone` and the dashboard, and
 * can be answered there. It behaves like a real one: after STOP nothing arrives until START, and the carrier, not the
 * server, answers those words.
 */
import type { Clock } from '../../../clock.ts';
import type { Ids } from '../../../operations/context.ts';
import type { Database } from '../../../store/database.ts';
import { addSimulatedText, type SimulatedText, simulatedTexts } from '../../../store/texts.ts';
import type { SendOutcome, SmsProvider } from './provider.ts';

/** A number from the range that is set aside for fiction. */
export const FICTIONAL_PHONE = '+12025550143';

const OPT_OUT = /^(stop|stopall|unsubscribe|end|quit|revoke|optout|cancel)$/i;
const OPT_IN = /^(start|yes|unstop)$/i;
const HELP = /^(help|info)$/i;

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

export function createSimulatedPhone(parts: {
  db: Database;
  clock: Clock;
  ids: Ids;
  deliver(text: { carrierId: string; body: string }): Promise<void>;
}): SimulatedPhone {
  const { db, clock, ids } = parts;
  const now = (): string => clock.now().toISOString();

  async function optedOut(): Promise<boolean> {
    const { rows } = await db.query<{ body: string }>(
      `select body from simulated_texts where direction = 'from_phone'
         and upper(trim(body)) in ('STOP','STOPALL','UNSUBSCRIBE','END','QUIT','REVOKE','OPTOUT','CANCEL','START','YES','UNSTOP')
       order by id desc limit 1`,
    );
    return OPT_OUT.test(rows[0]?.body.trim() ?? '');
  }

  function carrierReply(body: string): string | null {
    const word = body.trim();
    if (OPT_OUT.test(word)) return CARRIER_REPLIES.optOut;
    if (OPT_IN.test(word)) return CARRIER_REPLIES.optIn;
    return HELP.test(word) ? CARRIER_REPLIES.help : null;
  }

  return {
    name: 'simulated phone',
    async send(text): Promise<SendOutcome> {
      if (await optedOut()) {
        return {
          state: 'failed',
          retry: false,
          reason: '21610: this phone texted STOP; text START from it to come back',
        };
      }
      const carrierId = `sim_out_${text.deliveryId}`;
      await addSimulatedText(db, { direction: 'to_phone', body: text.body, carrierId, now: now() });
      return { state: 'delivered', providerId: carrierId };
    },
    async type(body) {
      const carrierId = `sim_in_${ids.uuid()}`;
      const reply = carrierReply(body);
      await addSimulatedText(db, { direction: 'from_phone', body, carrierId, now: now() });
      if (reply)
        await addSimulatedText(db, { direction: 'to_phone', body: reply, carrierId: `${carrierId}_reply`, now: now() });
      await parts.deliver({ carrierId, body });
      return { carrierId };
    },
    texts: (after) => simulatedTexts(db, after),
  };
}

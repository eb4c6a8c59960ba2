/**
 * Settles a send without an answer. Carriers have no idempotency key for texts: after a crash or a timeout between request
 * and answer nobody knows whether the text was taken, and only the carrier's own list can tell.
 */
import { type Sleep, systemSleep } from '../clock.ts';
import { messageOf } from '../logger.ts';
import type { MessageLookup, SentMessage } from '../providers/provider.ts';
import { countSegments } from '../segments.ts';
import type { SendSuccess } from '../send-result.ts';

/** A send of which nobody knows whether the carrier took it. */
export interface UnansweredSend {
  toNumber: string;
  /** The text as it was sent. */
  text: string;
  /** A part of the text no other text has, such as a code; then the rest of the text may differ. */
  marker?: string;
  /** When the send began, by our clock. */
  sentAfter: Date;
  /** When it was over at the latest. Default: open. */
  sentBefore?: Date;
  /** Ids of texts that belong to other sends: the same text may have been sent before, on purpose. */
  otherSids?: readonly string[];
}

/**
 * `sent`: the carrier has the text; do not send it again. `not_sent`: it has not. `unknown`: the carrier could not be asked,
 * so keep the send as it is and ask again later; sending now could deliver the text twice.
 */
export type ReconcileOutcome =
  | { outcome: 'sent'; message: SentMessage; result: SendSuccess }
  | { outcome: 'not_sent' }
  | { outcome: 'unknown'; reason: string };

/** The carrier's clock may run apart from ours, and its times have no fractions of a second. */
const CLOCK_SKEW_MS = 60_000;

/** What a trial account puts before every text. */
const TRIAL_PREFIX = 'Sent from your Twilio trial account - ';

/** How the carrier is asked. */
export interface ReconcileOptions {
  /**
   * A text that is not in the list is looked for a second time after so many milliseconds: the request may still be on its
   * way, or the carrier may not list it yet. Default 5,000.
   */
  settleMs?: number;
  sleep?: Sleep;
}

/** Looks for a send without an answer in the carrier's list of texts. */
export async function reconcileSend(
  provider: MessageLookup,
  send: UnansweredSend,
  { settleMs = 5_000, sleep = systemSleep }: ReconcileOptions = {},
): Promise<ReconcileOutcome> {
  try {
    let message = await find(provider, send);
    if (!message) {
      await sleep(settleMs);
      message = await find(provider, send);
    }
    return message ? { outcome: 'sent', message, result: toResult(message) } : { outcome: 'not_sent' };
  } catch (error) {
    return { outcome: 'unknown', reason: `The carrier's list could not be read: ${messageOf(error)}` };
  }
}

async function find(provider: MessageLookup, send: UnansweredSend): Promise<SentMessage | undefined> {
  const since = new Date(send.sentAfter.getTime() - CLOCK_SKEW_MS);
  const messages = await provider.listMessages({ to: send.toNumber, since });
  return messages.find((each) => isTheSend(each, send, since));
}

function isTheSend(message: SentMessage, send: UnansweredSend, since: Date): boolean {
  const { toNumber, text, marker, sentBefore, otherSids = [] } = send;
  if (message.to !== toNumber || otherSids.includes(message.messageSid)) return false;
  if (!(message.createdAt >= since)) return false;
  if (sentBefore && message.createdAt.getTime() > sentBefore.getTime() + CLOCK_SKEW_MS) return false;
  if (marker) return message.text.includes(marker);
  return message.text === text || message.text === TRIAL_PREFIX + text;
}

function toResult({ messageSid, text }: SentMessage): SendSuccess {
  return { success: true, messageSid, segmentsCount: countSegments(text).segments };
}

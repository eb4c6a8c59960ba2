import type { SmsAdapter } from '../adapter.ts';
import { type Clock, type Sleep, systemClock, systemSleep } from '../clock.ts';
import { MessageType, type OutboundMessage } from '../message.ts';
import { canLookUp } from '../providers/provider.ts';
import type { SendErrorCode, SendFailure, SendSuccess } from '../send-result.ts';
import { reconcileSend } from './reconcile.ts';

/** What is sent, and how often it is tried. */
export interface SendWithRetryOptions {
  toNumber: string;
  text: string;
  /** Attempts at most. Default 3. */
  maxRetries?: number;
  sleep?: Sleep;
  clock?: Clock;
}

const TRANSIENT: ReadonlySet<SendErrorCode> = new Set(['TIMEOUT', 'CONNECTION_ERROR']);

/**
 * Sends a text again after `TIMEOUT` and `CONNECTION_ERROR`, waiting 1 s, 2 s, 4 s … in between. When an attempt may have
 * reached the carrier, and the provider can list its texts, the list is looked at before the next one: the text is not sent
 * twice. A carrier without a list may deliver such a text twice.
 *
 * @throws Error `SMS send failed: …` after any other error and after the last attempt; `Max retries exceeded` when there
 * was none to make.
 */
export async function sendSmsWithRetry(adapter: SmsAdapter, options: SendWithRetryOptions): Promise<SendSuccess> {
  const { toNumber, text, maxRetries = 3, sleep = systemSleep, clock = systemClock } = options;
  const startedAt = new Date(clock.now());
  for (let attempt = 0; attempt < maxRetries; attempt += 1) {
    const result = await adapter.handleOutbound(toMessage(adapter.channelId, toNumber, text));
    if (result.success) return result;
    if (!TRANSIENT.has(result.errorCode)) throw failed(result);
    const isLast = attempt === maxRetries - 1;
    if (!isLast) await sleep(1_000 * 2 ** attempt);
    const settled = result.ambiguous ? await settle({ adapter, toNumber, text, startedAt, sleep }) : undefined;
    if (settled) return settled;
    if (isLast) throw failed(result);
  }
  throw new Error('Max retries exceeded');
}

function toMessage(channelId: string, toNumber: string, text: string): OutboundMessage {
  return { channelId, userKey: toNumber, conversationKey: toNumber, type: MessageType.TEXT, text };
}

function failed(result: SendFailure): Error {
  return new Error(`SMS send failed: ${result.errorMessage}`, { cause: result });
}

interface UnsettledSend {
  adapter: SmsAdapter;
  toNumber: string;
  text: string;
  startedAt: Date;
  sleep: Sleep;
}

/** The text of an attempt without an answer, when the carrier has it after all. */
async function settle({ adapter, toNumber, text, startedAt, sleep }: UnsettledSend): Promise<SendSuccess | undefined> {
  if (!canLookUp(adapter.provider)) return undefined;
  const send = { toNumber, text, sentAfter: startedAt, otherSids: adapter.sentSids };
  const outcome = await reconcileSend(adapter.provider, send, { sleep });
  if (outcome.outcome === 'unknown') throw new Error(`SMS send failed: ${outcome.reason}`);
  return outcome.outcome === 'sent' ? outcome.result : undefined;
}

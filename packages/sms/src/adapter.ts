import type { AuditEntry, AuditSink } from './audit.ts';
import { carrierKeyword } from './carrier-keyword.ts';
import type { Claim, DedupeStore } from './dedupe/dedupe-store.ts';
import { MemoryDedupeStore } from './dedupe/memory.ts';
import { type InboundText, readInboundText } from './inbound-text.ts';
import { type Logger, messageOf, silentLogger } from './logger.ts';
import type { InboundMessage, OutboundMessage } from './message.ts';
import { emptyMetrics, type SmsMetrics } from './metrics.ts';
import { MemoryOptOutList, type OptOutList } from './opt-out.ts';
import { lengthOf, outboundFault, truncate, type WhenTooLong } from './outbound-check.ts';
import type { CarrierErrorAdvice } from './providers/carrier-error.ts';
import type { SendSmsRequest, SmsProvider } from './providers/provider.ts';
import { refuseBlank } from './secret.ts';
import { type SendResult, sendFailure } from './send-result.ts';
import { advanceStatus, type DeliveryStatus } from './status/delivery-status.ts';
import { parseStatusCallback, type StatusReport } from './status/status-callback.ts';
import { MemoryStatusStore, type StatusStore } from './status/status-store.ts';
import { StatusTracker } from './status/status-tracker.ts';
import type { FormFields } from './webhook/form.ts';
import { verifyTwilioSignature } from './webhook/twilio-signature.ts';

/** What an adapter is made of; only the channel id and the provider are needed. */
export interface SmsAdapterOptions {
  channelId: string;
  provider: SmsProvider;
  /** Given a record of each text. Default: none is kept. */
  auditStore?: AuditSink;
  /** Characters a text may have. Default 480. */
  maxLength?: number;
  /**
   * What happens to a longer text. Default `refuse`: a person who is asked to approve a shortened text approves something
   * they did not read. `truncate` cuts it and says so in the result.
   */
  whenTooLong?: WhenTooLong;
  /** Segments a text may have. Default: the provider's, 3. */
  maxSegments?: number;
  /**
   * The secret that signs the webhooks: Twilio's auth token. A list while the token is being replaced. Without one no
   * signature is ever right.
   */
  webhookAuthToken?: string | readonly string[];
  /** Default: in memory. */
  dedupe?: DedupeStore;
  /** Default: in memory. */
  optOuts?: OptOutList;
  /** Default: in memory. */
  statuses?: StatusStore;
  logger?: Logger;
}

/** `handled`: by this call. `duplicate`: before. `busy`: in hand elsewhere, ask again later. `invalid`: no text at all. */
export type ReceiveOutcome = 'handled' | 'duplicate' | 'busy' | 'invalid';

/** A report about a text, and where the text stands after it. */
export interface StatusUpdate extends StatusReport {
  /** Where the text stands now; what was reported may be older. */
  status: DeliveryStatus;
  /** False for a report that is late or a copy. */
  changed: boolean;
  /** What the error code means, when the provider knows it. */
  advice?: CarrierErrorAdvice;
}

/** More than a carrier takes from one number in the minutes in which a send can be without an answer. */
const REMEMBERED_SIDS = 1_000;

/** Joins one provider to a channel: sends its texts, and reads the webhooks of the texts that arrive. */
export class SmsAdapter {
  readonly channelId: string;
  readonly provider: SmsProvider;
  readonly dedupe: DedupeStore;
  readonly optOuts: OptOutList;
  readonly logger: Logger;
  readonly #options: SmsAdapterOptions;
  readonly #authTokens: readonly string[];
  readonly #statuses: StatusTracker;
  readonly #metrics = emptyMetrics();
  /** Texts this process has in hand. A copy waits for the outcome instead of being sent away. */
  readonly #inHand = new Map<string, Promise<ReceiveOutcome>>();
  readonly #sentSids = new Set<string>();

  /** @throws RangeError when the channel id or a webhook auth token is blank. */
  constructor(options: SmsAdapterOptions) {
    refuseBlank('channelId', options.channelId);
    this.#authTokens = [options.webhookAuthToken ?? []].flat();
    for (const token of this.#authTokens) refuseBlank('webhookAuthToken', token);
    this.#options = options;
    this.channelId = options.channelId;
    this.provider = options.provider;
    this.dedupe = options.dedupe ?? new MemoryDedupeStore();
    this.optOuts = options.optOuts ?? new MemoryOptOutList();
    this.logger = options.logger ?? silentLogger;
    this.#statuses = new StatusTracker(options.statuses ?? new MemoryStatusStore());
  }

  /** Whether webhooks can be verified at all. */
  get canVerify(): boolean {
    return this.#authTokens.length > 0;
  }

  /** Sends a text. Every failure is a result; nothing is thrown. */
  async handleOutbound(message: OutboundMessage): Promise<SendResult> {
    const result = await this.#send(message).catch((error: unknown) =>
      sendFailure('STORE_ERROR', `The opt-out list failed, and no text was sent: ${messageOf(error)}`),
    );
    if (result.success) this.#countSent(result.messageSid);
    else this.#metrics.errors += 1;
    await this.#audit({
      direction: 'outbound',
      userKey: message.userKey,
      text: message.text,
      outcome: result.success ? 'sent' : result.errorCode,
      ...(result.success && { messageSid: result.messageSid, segmentsCount: result.segmentsCount }),
      ...(result.success && result.cost !== undefined && { cost: result.cost }),
    });
    return result;
  }

  /**
   * Whether the carrier signed this webhook.
   *
   * @param url the URL the carrier calls, from configuration; a list where it may be written in more than one way.
   */
  verifyTwilioSignature(url: string | readonly string[], postData: FormFields, signature: string): boolean {
    const valid = [url]
      .flat()
      .some((each) =>
        this.#authTokens.some((authToken) => verifyTwilioSignature({ url: each, postData, signature, authToken })),
      );
    if (!valid) this.#metrics.signatureFailures += 1;
    return valid;
  }

  /**
   * Reads a verified webhook and marks its message id as seen. Null for a copy and for what is no text. The caller must not
   * lose the message: the carrier's next copy is a duplicate. Where it may fail, use `receive`.
   */
  async parseInboundWebhook(postData: FormFields): Promise<InboundMessage | null> {
    const text = readInboundText(this.channelId, postData);
    if (!text) return this.#nothing();
    const { messageSid } = text.message;
    const [isNew] = await this.dedupe.markMany([messageSid]);
    if (!isNew) return this.#nothing();
    try {
      return await this.#accept(text);
    } catch (error) {
      await this.#settle('dedupe store', () => this.dedupe.unmark(messageSid));
      throw error;
    }
  }

  /**
   * Hands a verified webhook to `handler` and marks its message id as seen only when the handler is through: when it
   * throws, the error is thrown on, and the carrier's next copy is handled again. Should the store lose the mark, a copy is
   * handled twice: a handler that keeps texts by `messageSid` is safe from that too.
   */
  async receive(postData: FormFields, handler: (message: InboundMessage) => Promise<void>): Promise<ReceiveOutcome> {
    const text = readInboundText(this.channelId, postData);
    if (!text) {
      this.#nothing();
      return 'invalid';
    }
    const id = text.message.messageSid;
    const earlier = this.#inHand.get(id);
    if (earlier) return earlier.then((outcome) => (outcome === 'handled' ? this.#duplicate() : outcome));
    const outcome = this.#handleOnce(text, handler).finally(() => this.#inHand.delete(id));
    this.#inHand.set(id, outcome);
    return outcome;
  }

  /**
   * Takes a verified status callback: the text's status moves forward, and a recipient who opted out is remembered. The
   * reports about one text are taken one after the other.
   *
   * @param handler is given the update before it counts: when it throws, the error is thrown on, and the carrier's next copy
   * of the report is news again.
   */
  async handleStatusCallback(
    postData: FormFields,
    handler: (update: StatusUpdate) => Promise<void> = async () => {},
  ): Promise<StatusUpdate | null> {
    const report = parseStatusCallback(postData);
    if (!report) return null;
    const advice = report.providerCode === undefined ? undefined : this.provider.explainError?.(report.providerCode);
    if (advice?.errorCode === 'OPTED_OUT' && report.to !== undefined) await this.optOuts.optOut(report.to);
    return this.#statuses.take(report.messageSid, async (current) => {
      const status = advanceStatus(current, report.status);
      const update: StatusUpdate = { ...report, status, changed: status !== current, ...(advice && { advice }) };
      await handler(update);
      return update;
    });
  }

  /** The carrier's ids of the texts this adapter sent last, oldest first: they answer no other send. */
  get sentSids(): readonly string[] {
    return [...this.#sentSids];
  }

  /** The counts so far. */
  getMetrics(): SmsMetrics {
    return { ...this.#metrics };
  }

  async #send(message: OutboundMessage): Promise<SendResult> {
    const { maxLength = 480, whenTooLong = 'refuse', maxSegments } = this.#options;
    const fault = outboundFault(message);
    if (fault) return fault;
    if (await this.optOuts.isOptedOut(message.userKey)) {
      return sendFailure(
        'OPTED_OUT',
        'The recipient asked for no more texts. Use another channel, until they text START.',
      );
    }
    const length = lengthOf(message.text);
    const tooLong = length > maxLength;
    if (tooLong && whenTooLong === 'refuse') {
      return sendFailure(
        'TEXT_TOO_LONG',
        `The text has ${length} characters; at most ${maxLength} are sent. Shorten it.`,
      );
    }
    const { validityPeriodSeconds, statusCallbackUrl } = message;
    const result = await this.#hand({
      toNumber: message.userKey,
      messageText: tooLong ? truncate(message.text, maxLength) : message.text,
      ...(maxSegments !== undefined && { maxSegments }),
      ...(validityPeriodSeconds !== undefined && { validityPeriodSeconds }),
      ...(statusCallbackUrl !== undefined && { statusCallbackUrl }),
    });
    if (!result.success && result.errorCode === 'OPTED_OUT') {
      await this.#settle('opt-out list', async () => this.optOuts.optOut(message.userKey));
    }
    return result.success && tooLong ? { ...result, truncatedFrom: length } : result;
  }

  async #hand(request: SendSmsRequest): Promise<SendResult> {
    try {
      return await this.provider.sendSms(request);
    } catch (error) {
      const sentence = `The provider failed: ${messageOf(error)}. The text may have been taken.`;
      return sendFailure('CARRIER_ERROR', sentence, { ambiguous: true });
    }
  }

  async #handleOnce(text: InboundText, handler: (message: InboundMessage) => Promise<void>): Promise<ReceiveOutcome> {
    const claim: Claim | 'busy' | 'done' = await this.dedupe.claim(text.message.messageSid);
    if (claim === 'busy') return 'busy';
    if (claim === 'done') return this.#duplicate();
    try {
      await handler(await this.#accept(text));
    } catch (error) {
      await this.#settle('dedupe store', () => claim.release());
      throw error;
    }
    await this.#settle('dedupe store', () => claim.complete());
    return 'handled';
  }

  /** A note that cannot be made changes nothing about what happened: the text was handled, sent, refused, or not. */
  async #settle(store: string, note: () => Promise<void>): Promise<void> {
    try {
      await note();
    } catch (error) {
      this.logger.error(`The ${store} failed: ${messageOf(error)}`);
    }
  }

  /** Does what the carrier's words ask for, before anybody else sees the text. */
  async #accept({ message, optOutType }: InboundText): Promise<InboundMessage> {
    const { userKey, text } = message;
    const optedOut = await this.optOuts.isOptedOut(userKey);
    const keyword = carrierKeyword({ text, optedOut, ...(optOutType !== undefined && { optOutType }) });
    if (keyword === 'opt_out') await this.optOuts.optOut(userKey);
    if (keyword === 'opt_in') await this.optOuts.optIn(userKey);
    this.#metrics.inboundCount += 1;
    const outcome = keyword ? 'keyword' : 'received';
    await this.#audit({ direction: 'inbound', userKey, text, outcome, messageSid: message.messageSid });
    return keyword ? { ...message, keyword } : message;
  }

  #countSent(messageSid: string): void {
    this.#metrics.outboundCount += 1;
    this.#sentSids.add(messageSid);
    const oldest = this.#sentSids.values().next();
    if (this.#sentSids.size > REMEMBERED_SIDS && !oldest.done) this.#sentSids.delete(oldest.value);
  }

  #nothing(): null {
    this.#metrics.duplicates += 1;
    return null;
  }

  #duplicate(): 'duplicate' {
    this.#nothing();
    return 'duplicate';
  }

  /** An audit store that fails must not undo a text that was sent, nor have a text handled twice. */
  async #audit(entry: Omit<AuditEntry, 'channelId'>): Promise<void> {
    await this.#settle('audit store', async () => {
      await this.#options.auditStore?.record({ ...entry, channelId: this.channelId });
    });
  }
}

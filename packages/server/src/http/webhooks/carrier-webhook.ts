/**
 * What Twilio posts: texts that come in, and reports about texts that went out. Path token, signature, commit, answer; nothing
 * that takes time is between: a text is acted on after the answer, one after the other in the order of arrival. The signature is checked over the configured address, never over what a request says of itself.
 */
import {
  createWebhookHandler,
  type InboundMessage,
  type OptOutList,
  pathTokensOf,
  SmsAdapter,
  type SmsProvider,
  type StatusUpdate,
  type WebhookHandler,
} from '@claude-companion/sms';
import { carrierInbox } from '../../operations/carrier-inbox.ts';
import { carrierReport } from '../../operations/carrier-report.ts';
import type { Context } from '../../operations/context.ts';
import { receiveCarrierText } from '../../operations/receive-carrier-text.ts';
import { receiveStatus } from '../../operations/receive-status.ts';
import { SMS_CHANNEL, webhookSettings } from '../../operations/webhook-token.ts';

export interface CarrierWebhookParts {
  context: Context;
  provider: SmsProvider;
  /** Signs the webhooks. */
  authToken: string;
  publicUrl: string;
}

export function createCarrierWebhook({ context, provider, authToken, publicUrl }: CarrierWebhookParts): WebhookHandler {
  const logger = {
    info: (message: string) => context.logger.info({}, message),
    warn: (message: string) => context.logger.warn({}, message),
    error: (message: string) => context.logger.error({}, message),
  };
  const clock = { now: () => context.clock.now().getTime() };
  const adapter = new SmsAdapter({
    channelId: SMS_CHANNEL,
    provider,
    webhookAuthToken: authToken,
    optOuts: OPT_OUTS,
    logger,
  });
  return createWebhookHandler({
    adapter,
    publicUrl,
    pathToken: pathTokensOf(webhookSettings(context), SMS_CHANNEL),
    inbox: carrierInbox(context),
    process: inTurn((message) => actOn(context, message)),
    onStatus: (update, query) => report(context, update, query),
    clock,
  });
}

/** Together they would only wait for each other in the database, and the texts that come in behind them. */
function inTurn<T>(work: (item: T) => Promise<void>): (item: T) => Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  return (item) => {
    const done = last.then(() => work(item));
    last = done.catch(() => undefined);
    return done;
  };
}

async function actOn(context: Context, message: InboundMessage): Promise<void> {
  const { messageSid, userKey, text, keyword } = message;
  await receiveCarrierText(context, { provider: 'twilio', carrierId: messageSid, from: userKey, body: text, keyword });
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The query is our own, and signed. */
async function report(context: Context, update: StatusUpdate, query: URLSearchParams): Promise<void> {
  const textId = query.get('d') ?? '';
  if (!update.changed || !UUID.test(textId)) return;
  const { status, messageSid, providerCode, advice } = update;
  const said = carrierReport({ status, providerId: messageSid, code: providerCode, advice });
  if (said) await receiveStatus(context, { textId, report: said });
}

/** The outbox knows who is opted out; a text changes that in the transaction that receives it, where a late copy cannot. */
const OPT_OUTS: OptOutList = { isOptedOut: () => false, optOut: () => undefined, optIn: () => undefined };

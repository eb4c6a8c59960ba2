/**
 * Answers a carrier's webhooks in the order that loses nothing: path token, signature, commit, answer; what takes time
 * comes after the answer, because a carrier that waits too long delivers again.
 */
import type { SmsAdapter, StatusUpdate } from '../adapter.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { type Logger, messageOf } from '../logger.ts';
import type { InboundMessage } from '../message.ts';
import { refuseBlank } from '../secret.ts';
import { twilioDialect, type WebhookDialect } from './dialect.ts';
import { type FormFields, field } from './form.ts';
import { isPathToken, type PathToken, type PathTokenSource } from './path-token.ts';
import { WebhookRefusal } from './refusal.ts';
import { TextsInHand } from './texts-in-hand.ts';
import { checkPublicUrl, signedUrls } from './webhook-url.ts';

/** Where the webhook is, who may call it, and what happens to what arrives. */
export interface WebhookHandlerOptions {
  adapter: SmsAdapter;
  /**
   * The address the carrier calls, up to the path below: `https://sms.example.com`. The signature is checked over it and
   * never over what a request says of itself.
   */
  publicUrl: string;
  /** Where the handler is mounted. Default `/webhook`: it then answers `POST /webhook/<token>` and `…/<token>/status`. */
  path?: string;
  /** The secret in the path; a source of tokens where it is rotated (`pathTokensOf`). */
  pathToken: string | PathTokenSource;
  /** Keeps each text before the carrier is answered, and until it is processed. */
  inbox?: Inbox;
  /** Called with each text before the carrier is answered; be quick. When it throws, the answer is 503. */
  commit?: (message: InboundMessage) => Promise<void>;
  /** Called with each text after the carrier was answered. May take as long as it likes. */
  process?: (message: InboundMessage) => Promise<unknown>;
  /**
   * Called with each report about a text of ours before the carrier is answered. When it throws, the answer is 503. The
   * query is the one of the text's `statusCallbackUrl`; it is signed. Put your own id there: a report may arrive before the
   * answer that says the carrier's id.
   */
  onStatus?: (update: StatusUpdate, query: URLSearchParams) => Promise<void>;
  /**
   * The carrier is answered by then, with 503 when nothing else can be said. Default 10,000: Twilio hangs up after 15 s. What
   * was begun goes on, and a copy that arrives meanwhile waits for its outcome.
   */
  answerTimeoutMs?: number;
  /** Whose webhooks they are. Default Twilio's. */
  dialect?: WebhookDialect;
  /** Keeps a serverless runtime alive until the processing is over, such as `context.waitUntil`. */
  waitUntil?: (work: Promise<unknown>) => void;
  clock?: Clock;
  /** Default: the adapter's. */
  logger?: Logger;
}

/** A fetch-style handler of webhooks. */
export interface WebhookHandler {
  (request: Request): Promise<Response>;
  /** Where the handler is mounted. */
  readonly path: string;
  /**
   * Processes what waits in the inbox: what an earlier process left there, and what failed. Call it at start, and now and
   * then to try again. Texts this process is working on are left out; what another process works on cannot be known here.
   *
   * @returns how many texts were processed.
   */
  resume(): Promise<number>;
  /** Resolves when nothing is being processed; await it before the process ends. */
  idle(): Promise<void>;
}

/** @throws RangeError for a blank or unsafe path token, an adapter without auth token, or a publicUrl that is none. */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler {
  const { adapter, dialect = twilioDialect, logger = adapter.logger, clock = systemClock } = options;
  if (!adapter.canVerify && !dialect.ownKey)
    throw new RangeError('The adapter has no webhookAuthToken: it could verify nothing.');
  const path = `/${(options.path ?? '/webhook').replace(/^\/+|\/+$/g, '')}`;
  const base = checkPublicUrl(options.publicUrl) + path;
  const tokens = tokenSource(options.pathToken);
  const running = new Set<Promise<unknown>>();
  const inHand = new TextsInHand();

  /** Processes a text that was taken in hand. */
  const processNow = async (message: InboundMessage): Promise<boolean> => {
    const { messageSid } = message;
    try {
      await options.process?.(message);
      await options.inbox?.done(messageSid);
      return true;
    } catch (error) {
      logger.error(`Processing ${messageSid} failed: ${messageOf(error)}`);
      return false;
    } finally {
      inHand.drop(messageSid);
    }
  };

  const processLater = (message: InboundMessage): void => {
    const work = new Promise<void>((resolve) => setImmediate(resolve))
      .then(() => processNow(message))
      .finally(() => running.delete(work));
    running.add(work);
    options.waitUntil?.(work);
  };

  /** False: it was kept before, or is in hand. A text is taken in hand before `resume` can find it in the inbox. */
  const keep = async (message: InboundMessage): Promise<boolean> => {
    if (!options.process) {
      await options.inbox?.save(message);
      return false;
    }
    const taken = inHand.take(message.messageSid);
    let isNew = false;
    try {
      isNew = taken && ((await options.inbox?.save(message)) ?? true);
      return isNew;
    } finally {
      if (taken && !isNew) inHand.drop(message.messageSid);
    }
  };

  const takeText = async (form: FormFields): Promise<void> => {
    const outcome = await adapter.receive(form, async (message) => {
      await options.commit?.(message);
      // Last: a text that is in the inbox must not be asked for again.
      if (await keep(message)) processLater(message);
    });
    if (outcome === 'busy') throw new WebhookRefusal(503, 'Try again later');
  };

  const takeStatus = async (form: FormFields, query: URLSearchParams): Promise<void> => {
    await adapter.handleStatusCallback(form, async (update) => options.onStatus?.(update, query));
  };

  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const { token, isStatus } = readPath(url.pathname, path);
    if (!isPathToken(token, await tokens(), clock.now())) throw new WebhookRefusal(404, 'Not Found');
    if (request.method !== 'POST') throw new WebhookRefusal(405, 'Method Not Allowed');
    const urls = signedUrls(`${base}/${token}${isStatus ? '/status' : ''}`).flatMap((each) =>
      withQuery(each, url.search),
    );
    const form = await dialect.read(request, { adapter, urls, logger });
    const isReport = isStatus || (form !== null && field(form, 'MessageStatus') !== undefined);
    if (form) await (isReport ? takeStatus(form, url.searchParams) : takeText(form));
    return Response.json({ status: 'ok' });
  };

  const handle = async (request: Request): Promise<Response> => {
    try {
      return await within(options.answerTimeoutMs ?? 10_000, answer(request));
    } catch (error) {
      if (error instanceof WebhookRefusal) return Response.json({ detail: error.message }, { status: error.status });
      logger.error(`A webhook was not handled: ${messageOf(error)}`);
      return Response.json({ detail: 'Try again later' }, { status: 503 });
    }
  };

  return Object.assign(handle, {
    path,
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    resume: () =>
      inHand.during(async (taken) => {
        let processed = 0;
        for (const message of (await options.inbox?.pending()) ?? []) {
          const { messageSid } = message;
          if (!taken.has(messageSid) && inHand.take(messageSid) && (await processNow(message))) processed += 1;
        }
        return processed;
      }),
  });
}

/** @throws WebhookRefusal 503 when `work` is not over in time. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new WebhookRefusal(503, 'Try again later')), milliseconds);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function tokenSource(pathToken: string | PathTokenSource): PathTokenSource {
  if (typeof pathToken !== 'string') return pathToken;
  refuseBlank('pathToken', pathToken);
  if (!/^[\w.~-]+$/.test(pathToken)) throw new RangeError('pathToken may have letters, digits, and . _ ~ - only.');
  const tokens: readonly PathToken[] = [{ token: pathToken }];
  return async () => tokens;
}

function readPath(pathname: string, path: string): { token: string; isStatus: boolean } {
  const prefix = path === '/' ? '/' : `${path}/`;
  if (!pathname.startsWith(prefix)) return { token: '', isStatus: false };
  const [token = '', rest, ...more] = pathname.slice(prefix.length).split('/');
  const known = more.length === 0 && (rest === undefined || rest === 'status');
  return { token: known ? token : '', isStatus: rest === 'status' };
}

/** The query is part of what is signed. `Request` writes an apostrophe as %27; Twilio signs what it was given. */
function withQuery(url: string, search: string): string[] {
  const asGiven = search.replaceAll('%27', "'");
  return asGiven === search ? [url + search] : [url + search, url + asGiven];
}

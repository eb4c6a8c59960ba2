/** Operations, outbox and phone without an agent: asks are opened as an agent would, the clock is moved by hand. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutgoingText, SendOutcome, SmsProvider } from '../../packages/server/src/notify/channels/sms/provider.ts';
import { DeliveryWorker } from '../../packages/server/src/notify/delivery-worker.ts';
import { ownerActor } from '../../packages/server/src/operations/actor.ts';
import { changeSession, type ServedSession } from '../../packages/server/src/operations/change-session.ts';
import type { Context, Policy } from '../../packages/server/src/operations/context.ts';
import { type OpenAsk, openAsk } from '../../packages/server/src/operations/open-ask.ts';
import { receiveText } from '../../packages/server/src/operations/receive-text.ts';
import { startSession } from '../../packages/server/src/operations/start-session.ts';
import { type AskRow, findAsk } from '../../packages/server/src/store/asks.ts';
import type { Database } from '../../packages/server/src/store/database.ts';
import { EventFeed } from '../../packages/server/src/store/event-feed.ts';
import { EventLog } from '../../packages/server/src/store/event-log.ts';
import { Idempotency } from '../../packages/server/src/store/idempotency.ts';
import { Leases } from '../../packages/server/src/store/leases.ts';
import { ensureOwner, setPhone } from '../../packages/server/src/store/people.ts';
import { createSeal } from '../../packages/server/src/store/seal.ts';
import { silentLogger } from './databases.ts';
import { ManualClock } from './manual-clock.ts';
import { eventually } from './server.ts';

/** A carrier that keeps what it is given, or does what a test tells it to. */
export class Carrier implements SmsProvider {
  readonly name = 'test carrier';
  readonly hears = true;
  /** Set by tests of sendings that are not answered. */
  memory: SmsProvider['memory'] = null;
  readonly sent: OutgoingText[] = [];
  /** What the next sends answer; empty: all goes well. */
  readonly outcomes: SendOutcome[] = [];

  async send(text: OutgoingText): Promise<SendOutcome> {
    const outcome = this.outcomes.shift() ?? { state: 'sent', providerId: `SM${this.sent.length}` };
    if (outcome.state !== 'failed' && outcome.state !== 'unknown') this.sent.push(text);
    return outcome;
  }
}

export interface Conversation extends AsyncDisposable {
  context: Context;
  clock: ManualClock;
  carrier: Carrier;
  /** Starts a session of `my-app` and opens an ask in it. */
  ask(ask: OpenAsk): Promise<string>;
  find(askId: string): Promise<AskRow>;
  /** Takes the lease of the ask's session, as the server that runs its agent does. */
  serve(askId: string): Promise<ServedSession>;
  /** A text from the owner's phone; a carrier id may be repeated. */
  text(body: string, carrierId?: string): Promise<{ duplicate: boolean }>;
  /** Waits until the phone has got this many texts in all, and returns them. */
  texts(count: number): Promise<string[]>;
  pass(ms: number): Promise<void>;
  /** Lets time pass, a second a step unless told otherwise, until it is so. */
  settle(isSo: () => Promise<boolean>, stepMs?: number): Promise<void>;
  /** Rows of the outbox, oldest first. */
  outbox(): Promise<{ state: string; reason: string | null; purpose: string }[]>;
}

const TABLES =
  'unknown_senders, channels, wrong_codes, deliveries, inbound_texts, ask_codes, asks, commands, sessions, people, events, idempotency, leases';

/** How long a lane that hangs at its carrier, as some tests want, is waited for. */
const HUNG_MS = 250;

/** Time must not pass while the worker writes down what it did: a slow machine would then look like a carrier that hangs. */
async function atRest(worker: DeliveryWorker): Promise<void> {
  for (let waited = 0; worker.busy && waited < HUNG_MS; waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Starts from an empty database; one serves many conversations, one after the other. */
export async function openConversation(db: Database, policy: Partial<Policy> = {}): Promise<Conversation> {
  await db.query(`truncate ${TABLES} cascade`);
  const directory = mkdtempSync(join(tmpdir(), 'companion-conversation-'));
  mkdirSync(join(directory, 'my-app'));
  const clock = new ManualClock();
  const ids = { uuid: () => randomUUID(), bytes: (count: number) => randomBytes(count) };
  const log = await EventLog.open(db);
  const feed = await EventFeed.open(db, { clock });
  const store = {
    db,
    log,
    feed,
    leases: new Leases(db),
    idempotency: new Idempotency(clock),
    seal: createSeal(randomBytes(32)),
    durable: true,
    close: async () => undefined,
  };
  const { id: personId } = await ensureOwner(db, { id: ids.uuid(), now: clock.now().toISOString() });
  await setPhone(db, store.seal, { personId, phone: '+14155550123' });
  const owner = await ensureOwner(db, { id: personId, now: clock.now().toISOString() });
  const context: Context = {
    store,
    clock,
    ids,
    logger: { ...silentLogger, debug: () => undefined },
    owner,
    // No agent runs here: every name of a model is as good as another.
    models: {
      check: () => undefined,
      checkChange: () => undefined,
      wayOf: () => 'gateway',
      cheaperThan: () => 'demo-small',
    },
    usage: { add: () => undefined, settled: async () => undefined },
    policy: {
      projectsDir: directory,
      defaultProject: null,
      defaultModel: null,
      permissionTimeoutS: null,
      textAfterSeconds: 0,
      holdDownSeconds: 0,
      foldSeconds: 20,
      textCeiling: 'low',
      quietHours: null,
      timeZone: 'UTC',
      publicUrl: 'https://companion.example',
      hostPhones: new Set(),
      canText: true,
      ...policy,
    },
  };
  const carrier = new Carrier();
  const worker = new DeliveryWorker(context, { sms: carrier });
  await worker.start();
  const pass = async (ms: number): Promise<void> => {
    await atRest(worker);
    clock.advance(ms);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await atRest(worker);
  };
  const settle = async (isSo: () => Promise<boolean>, stepMs = 1_000): Promise<void> => {
    await eventually(async () => {
      if (await isSo()) return true;
      await atRest(worker);
      clock.advance(stepMs);
      return false;
    });
  };

  return {
    context,
    clock,
    carrier,
    async ask(ask) {
      const session = await startSession(context, { by: ownerActor(context), project: 'my-app', via: 'api' });
      return changeSession(context, { sessionId: session.id }, (frame) => openAsk(context, frame, ask));
    },
    async find(askId) {
      const ask = await findAsk(db, askId);
      if (!ask) throw new Error('no such ask');
      return ask;
    },
    async serve(askId) {
      const { rows } = await db.query<{ sessionId: string }>(
        'select session_id as "sessionId" from asks where id = $1',
        [askId],
      );
      const sessionId = rows[0]?.sessionId ?? '';
      const fence = await store.leases.acquire(`session:${sessionId}`, 'test', 60_000);
      if (!fence) throw new Error('the lease is taken');
      return { sessionId, fence };
    },
    text: (body, carrierId = randomUUID()) =>
      receiveText(context, { provider: 'test', carrierId, person: context.owner, body }),
    async texts(count) {
      await settle(async () => carrier.sent.length >= count);
      return carrier.sent.map(({ body }) => body);
    },
    pass,
    settle,
    async outbox() {
      const { rows } = await db.query<{ state: string; reason: string | null; purpose: string }>(
        'select state, reason, purpose from deliveries order by created_at, id',
      );
      return rows;
    },
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await feed.close();
      await log.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The code that a text tells. */
export const codeIn = (body: string | undefined): string =>
  /\b(?:OK|NO|Reply) ([0-9A-Z]{4})\b/.exec(body ?? '')?.[1] ?? '';

/**
 * Twilio at its worst and `kill -9` of the server in between, while the owner texts, an agent asks three things at once and a
 * session elsewhere reports: nothing that was acknowledged is lost, at most one text a kill arrives twice, every delivery ends
 * with a reason. CARRIER_KILLS sets the number of kills, CARRIER_SEED repeats a run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { scripted } from '@claude-companion/gateway';
import { type Clock, createLogger, parseConfig, type RunningServer, startServer } from '@claude-companion/server';
import { expect, test } from 'vitest';
import { freePort } from '../sms/free-port.ts';
import { CACHE_DIR } from '../world/cache-dir.ts';
import {
  type AskCode,
  carrierSettings,
  type DeliveryRow,
  OWN_NUMBER,
  OWNER_PHONE,
  storedTexts,
} from '../world/carrier.ts';
import { eventually, TOKEN } from '../world/server.ts';
import { type Home, makeHome, type ServerProcess, startProcess } from '../world/server-process.ts';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { noFaults, randomFaults, seededRandom, wildCallbacks } from '../world/twilio/faults.ts';

const KILLS = Number(process.env.CARRIER_KILLS ?? (process.env.PROOF_LENGTH === 'full' ? 60 : 2));
const SEED = Number(process.env.CARRIER_SEED ?? Math.floor(Math.random() * 2 ** 31));
const TEXTS_A_LIFE = 12;

/** Shares of the requests; half of them go wrong somehow. */
const FAULTS = {
  slow: 0.1,
  error_before: 0.08,
  error_after: 0.08,
  reset_before: 0.08,
  reset_after: 0.08,
  garbage_after: 0.06,
  hang_after: 0.02,
} as const;

/** How much faster than ours the time runs in the last lives. */
const HURRY = 30;

const TERMINAL = ['delivered', 'failed', 'skipped'];

/** What was acknowledged before the server died. */
interface Acknowledged {
  /** Carrier's ids of texts. */
  texts: string[];
  /** Asks that somebody saw. */
  asks: Set<string>;
  /** Deliveries of notices. */
  notices: string[];
}

interface Life {
  server: ServerProcess;
  carrier: TwilioEmulator;
  random: () => number;
  acknowledged: Acknowledged;
  /** Sessions that nobody has closed. */
  hosted: string[];
  life: number;
}

/** One life of a server: it has a lot to tell until it is killed. */
async function live(each: Life): Promise<void> {
  const { server, carrier, random } = each;
  carrier.webhookUrl = (await server.client.carrier()).webhookUrl ?? '';
  await closeOld(each);
  const { session_id } = await server.client.startSession({ project: 'my-app', message: THREE_AT_ONCE });
  each.hosted.push(session_id);
  // What fails from here on, failed because of the kill.
  const underWay = [...textIn(each), report(each).catch(() => undefined)];
  await untilAsked(each, session_id);
  await sleep(random() * 4_000);
  await server.kill();
  await Promise.all(underWay);
}

/** Three calls side by side: one text that names three codes. An agent reads files in parallel; commands it would run in turn. */
const THREE_AT_ONCE = scripted([
  { tools: ['hostname', 'hosts', 'passwd'].map((name) => ({ tool: 'Read', input: { file_path: `/etc/${name}` } })) },
  { text: 'Done.' },
]);

/** A machine has room for a few agents only. */
async function closeOld({ server, hosted }: Life): Promise<void> {
  // The last two stay: what they ask is still to be told in this life.
  for (const id of hosted.splice(0, Math.max(0, hosted.length - 2))) await server.client.closeSession(id);
}

/** The owner texts, some texts in copies. */
function textIn({ carrier, life, random, acknowledged }: Life): Promise<void>[] {
  return Array.from({ length: TEXTS_A_LIFE }, async (_text, count) => {
    const messageSid = `SM${String(life).padStart(16, '0')}${String(count).padStart(16, '0')}`;
    const copies = 1 + Math.floor(random() * 3);
    await sleep(random() * 5_000);
    const answers = await carrier.arrive({ from: OWNER_PHONE, to: OWN_NUMBER, body: 'STATUS', messageSid, copies });
    if (answers.some((answer) => answer?.status === 200)) acknowledged.texts.push(messageSid);
  });
}

/** A session in somebody's terminal tells three things; of each kind one text goes out. */
async function report({ server, life, random, acknowledged }: Life): Promise<void> {
  const post = async (path: string, token: string, body: object): Promise<Record<string, string>> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return (await response.json()) as Record<string, string>;
  };
  const started = { claude_session_id: `job-${life}`, description: `Job ${life}` };
  const { monitoring_id, session_token = '' } = await post('/sessions/start', TOKEN, started);
  for (const event_type of ['waiting', 'error', 'done']) {
    await sleep(random() * 1_500);
    const { sms_id } = await post(`/sessions/${monitoring_id}/events`, session_token, { event_type });
    if (sms_id) acknowledged.notices.push(sms_id);
  }
}

/** Waits for the three asks, but not for ever: an agent may have been cut before it could ask. */
async function untilAsked({ server, acknowledged }: Life, sessionId: string): Promise<void> {
  const patience = Date.now() + 30_000;
  for (let asked = 0; asked < 3 && Date.now() < patience; await sleep(50)) {
    const asks = await server.client.listAsks();
    for (const { id } of asks) acknowledged.asks.add(id);
    asked = asks.filter((ask) => ask.sessionId === sessionId).length;
  }
}

/** The world's time: the server's and the carrier's. It runs faster once `hurry` was called, so that no wait takes long. */
class WorldTime implements Clock {
  #since: number | null = null;

  hurry(): void {
    this.#since ??= Date.now();
  }

  now(): Date {
    const ahead = this.#since === null ? 0 : (Date.now() - this.#since) * (HURRY - 1);
    return new Date(Date.now() + ahead);
  }

  after(ms: number, callback: () => void): () => void {
    const timer = setTimeout(callback, ms / HURRY);
    return () => clearTimeout(timer);
  }
}

/** A last life in the hurried world. */
async function finish(home: Home, settings: Record<string, string>, clock: Clock): Promise<RunningServer> {
  return startServer({
    config: parseConfig({
      ...settings,
      DATA_DIR: home.dataDir,
      PROJECTS_DIR: home.projectsDir,
      WARM_AGENTS: 'false',
      SHUTDOWN_GRACE_S: '0',
    }),
    authToken: TOKEN,
    environment: { PATH: process.env.PATH ?? '', HOME: home.directory, LANG: 'C.UTF-8' },
    logger: createLogger({ level: 'silent', write: () => undefined }),
    cacheDir: CACHE_DIR,
    clock,
  });
}

/** Texts that told nothing new: sent once more, or about asks that all were told before. */
function toldTwice(
  taken: readonly { body: string; statusCallback: string | null }[],
  { asks, purposeOf }: { asks: readonly AskCode[]; purposeOf: ReadonlyMap<string | null, string> },
): number {
  const told = new Set<string>();
  return taken.filter(({ body, statusCallback }) => {
    const id = new URL(statusCallback ?? 'http://none').searchParams.get('d');
    const codes = purposeOf.get(id) === 'ask' ? asks.filter(({ code }) => body.includes(code)) : [];
    const known = codes.length > 0 ? codes.every(({ code }) => told.has(code)) : told.has(String(id));
    for (const word of [String(id), ...codes.map(({ code }) => code)]) told.add(word);
    return known;
  }).length;
}

const isOver = ({ state, reason }: DeliveryRow): boolean =>
  state === 'delivered' || (TERMINAL.includes(state) && !!reason);

test(
  `no text is lost, none arrives more than once a kill, every delivery ends (${KILLS} kills, CARRIER_SEED=${SEED})`,
  async () => {
    using home = makeHome();
    const time = new WorldTime();
    await using carrier = await new TwilioEmulator({ webhookRetries: 2, now: () => time.now() }).listen();
    const DATA_KEY = Buffer.alloc(32, 1).toString('base64');
    const settings = { ...carrierSettings(carrier, await freePort()), DATA_KEY, FOLD_SECONDS: '1' };
    const random = seededRandom(SEED);
    carrier.faults = randomFaults(FAULTS, seededRandom(SEED + 1));
    carrier.callbacks = wildCallbacks(seededRandom(SEED + 2));
    const acknowledged: Acknowledged = { texts: [], asks: new Set(), notices: [] };
    const hosted: string[] = [];
    for (let life = 0; life < KILLS; life += 1) {
      const server = await startProcess(home, { ...settings, SHUTDOWN_GRACE_S: '0', LOG_LEVEL: 'silent' });
      await live({ server, carrier, random, acknowledged, hosted, life });
      await carrier.settled();
    }
    time.hurry();
    // The time limit of a request runs by the real clock.
    carrier.faults = randomFaults({ ...FAULTS, hang_after: 0 }, seededRandom(SEED + 3));

    let stored = await storedTexts(home.dataDir);
    let lastLives = 0;
    await eventually(async () => {
      lastLives += 1;
      if (lastLives === 4) carrier.faults = noFaults;
      const server = await finish(home, settings, time);
      await sleep(8_000);
      await server.close({ graceMs: 0 });
      await carrier.settled();
      stored = await storedTexts(home.dataDir);
      return stored.deliveries.every(({ state }) => TERMINAL.includes(state));
    });
    const { deliveries, inbound, asks } = stored;
    expect(deliveries.filter((each) => !isOver(each))).toEqual([]);
    const delivered = deliveries.filter(({ state }) => state === 'delivered');

    const received = new Map(inbound.map(({ id, carrierId }) => [carrierId, id]));
    expect(acknowledged.texts.filter((id) => !received.has(id))).toEqual([]);
    const replies = Map.groupBy(
      deliveries.filter(({ purpose }) => purpose === 'reply'),
      ({ inboundId }) => inboundId,
    );
    for (const id of received.values()) expect(replies.get(id)).toMatchObject([{ state: 'delivered' }]);

    const notices = new Map(deliveries.map(({ id, state }) => [id, state]));
    expect(acknowledged.notices.filter((id) => notices.get(id) !== 'delivered')).toEqual([]);

    // Whoever still has to answer was told; what nobody has to answer any more need not be.
    const tellings = Map.groupBy(deliveries, ({ askId }) => askId);
    expect([...acknowledged.asks].filter((id) => !tellings.has(id))).toEqual([]);
    const open = asks.filter(({ state }) => state === 'open');
    expect(open.filter(({ id }) => !tellings.get(id)?.some(({ state }) => state === 'delivered'))).toEqual([]);

    // Every text that is said to have arrived is with the carrier, and none is taken for another one with the same words.
    const taken = carrier.sentTo(OWNER_PHONE);
    const sids = Map.groupBy(delivered, ({ textId }) => textId);
    const sidsOfTexts = [...sids.values()].map((rows) => [...new Set(rows.map(({ providerId }) => providerId))]);
    expect(sidsOfTexts.filter(({ length }) => length !== 1)).toEqual([]);
    expect(new Set(sidsOfTexts.flat()).size).toBe(sids.size);
    expect(sidsOfTexts.flat().filter((sid) => !taken.some((text) => text.sid === sid))).toEqual([]);
    const folded = [...sids.values()].filter(({ length }) => length > 1);
    expect(folded.length, 'texts that told several asks').toBeGreaterThan(0);

    const purposeOf = new Map(deliveries.map(({ id, purpose }) => [id, purpose]));
    const twice = toldTwice(taken, { asks, purposeOf });
    expect(twice).toBeLessThanOrEqual(KILLS);
    const count = (purpose: string): number => deliveries.filter((each) => each.purpose === purpose).length;
    console.log(
      `${KILLS} kills: ${acknowledged.texts.length} texts, ${acknowledged.asks.size} asks and ${acknowledged.notices.length} notices acknowledged; ` +
        `${received.size} texts received; deliveries: ${count('reply')} replies, ${count('ask')} asks, ${count('notice')} notices, ` +
        `${delivered.length} delivered, ${deliveries.length - delivered.length} ended otherwise; ${folded.length} folded texts; ` +
        `${carrier.sendRequests} requests, ${taken.length} texts taken, ${twice} of them twice`,
    );
  },
  120_000 + KILLS * 30_000,
);

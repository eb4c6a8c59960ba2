/**
 * Twilio at its worst and `kill -9` of the server in between: nothing that was acknowledged is lost, at most one text a kill
 * arrives twice, every delivery ends with a reason. CARRIER_KILLS sets the number of kills, CARRIER_SEED repeats a run.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, createLogger, parseConfig, type RunningServer, startServer } from '@claude-companion/server';
import { expect, test } from 'vitest';
import { freePort } from '../sms/free-port.ts';
import { carrierSettings, OWN_NUMBER, OWNER_PHONE, storedTexts } from '../world/carrier.ts';
import { CACHE_DIR, eventually, TOKEN } from '../world/server.ts';
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

/** One life of a server: the owner texts until the server is killed. @returns the ids of acknowledged texts */
async function live(
  server: ServerProcess,
  carrier: TwilioEmulator,
  { life, random }: { life: number; random: () => number },
): Promise<string[]> {
  const response = await fetch(`${server.url}/api/carrier`, { headers: { authorization: `Bearer ${TOKEN}` } });
  carrier.webhookUrl = ((await response.json()) as { webhookUrl: string }).webhookUrl;
  const acknowledged: string[] = [];
  const killAt = Math.floor(random() * TEXTS_A_LIFE);
  const arriving: Promise<void>[] = [];
  for (let count = 0; count < TEXTS_A_LIFE; count += 1) {
    const messageSid = `SM${String(life).padStart(16, '0')}${String(count).padStart(16, '0')}`;
    const text = {
      from: OWNER_PHONE,
      to: OWN_NUMBER,
      body: 'STATUS',
      messageSid,
      copies: 1 + Math.floor(random() * 3),
    };
    arriving.push(
      carrier.arrive(text).then((answers) => {
        if (answers.some((answer) => answer?.status === 200)) acknowledged.push(messageSid);
      }),
    );
    if (count === killAt) {
      await sleep(random() * 4_000);
      break;
    }
    await sleep(random() * 250);
  }
  await server.kill();
  await Promise.all(arriving);
  return acknowledged;
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

test(
  `no text is lost, none arrives more than once a kill, every delivery ends (${KILLS} kills, CARRIER_SEED=${SEED})`,
  async () => {
    using home = makeHome();
    const time = new WorldTime();
    await using carrier = await new TwilioEmulator({ webhookRetries: 2, now: () => time.now() }).listen();
    const DATA_KEY = Buffer.alloc(32, 1).toString('base64');
    const settings = { ...carrierSettings(carrier, await freePort()), DATA_KEY, FOLD_SECONDS: '0' };
    const random = seededRandom(SEED);
    carrier.faults = randomFaults(FAULTS, seededRandom(SEED + 1));
    carrier.callbacks = wildCallbacks(seededRandom(SEED + 2));
    const acknowledged: string[] = [];
    for (let life = 0; life < KILLS; life += 1) {
      const server = await startProcess(home, { ...settings, SHUTDOWN_GRACE_S: '0', LOG_LEVEL: 'silent' });
      acknowledged.push(...(await live(server, carrier, { life, random })));
      await carrier.settled();
    }
    time.hurry();

    let stored = await storedTexts(home.dataDir);
    let lastLives = 0;
    await eventually(async () => {
      lastLives += 1;
      if (lastLives === 4) carrier.faults = noFaults;
      const server = await finish(home, settings, time);
      await sleep(10_000);
      await server.close({ graceMs: 0 });
      await carrier.settled();
      stored = await storedTexts(home.dataDir);
      return stored.deliveries.every(({ state }) => TERMINAL.includes(state));
    });

    const received = new Map(stored.inbound.map(({ id, carrierId }) => [carrierId, id]));
    expect(acknowledged.filter((id) => !received.has(id))).toEqual([]);
    const replies = Map.groupBy(
      stored.deliveries.filter(({ purpose }) => purpose === 'reply'),
      ({ inboundId }) => inboundId,
    );
    for (const id of received.values()) expect(replies.get(id)).toMatchObject([{ state: 'delivered' }]);
    const unexplained = stored.deliveries.filter(({ state, reason }) => state !== 'delivered' && !reason);
    expect(unexplained).toEqual([]);

    const sent = Map.groupBy(carrier.sentTo(OWNER_PHONE), ({ statusCallback }) =>
      new URL(statusCallback ?? 'http://none').searchParams.get('d'),
    );
    const delivered = stored.deliveries.filter(({ state }) => state === 'delivered');
    const lost = delivered.filter(({ textId }) => !sent.has(textId));
    expect(lost).toEqual([]);
    // Nor is any text taken for another one with the same words.
    const sids = delivered.map(({ providerId }) => providerId);
    expect(new Set(sids).size).toBe(sids.length);
    const twice = [...sent.values()].reduce((sum, copies) => sum + copies.length - 1, 0);
    expect(twice).toBeLessThanOrEqual(KILLS);
    console.log(
      `${KILLS} kills: ${acknowledged.length} texts acknowledged, ${received.size} received, ${stored.deliveries.length} deliveries, ` +
        `${carrier.sendRequests} requests, ${carrier.sentTo(OWNER_PHONE).length} texts taken, ${twice} of them twice`,
    );
  },
  120_000 + KILLS * 30_000,
);

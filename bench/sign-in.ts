/**
 * Signing in: requests for a code per second against a bare Fastify POST; whether time tells known numbers from others; how long a
 * pairing takes; and what a flood of requests costs. `PROOF_LENGTH=full` floods with 100,000 requests from 10,000 addresses.
 */
import { randomInt, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { Agent, request } from 'undici';
import { eventually } from '../test/world/server.ts';
import { makeHome, type ServerProcess, startProcess } from '../test/world/server-process.ts';

const REQUESTS = 1_500;
const AT_ONCE = 16;
const TIMED_NUMBERS = 250;
/** The limit of one number in ten minutes. */
const PER_NUMBER = 3;
const PAIRINGS = 20;
const FULL = process.env.PROOF_LENGTH === 'full';
const FLOOD = FULL
  ? { requests: 100_000, addresses: 10_000, numbers: 5_000 }
  : { requests: 5_000, addresses: 500, numbers: 500 };
const TEXTS_PER_DAY = 40;

const known = Array.from({ length: TIMED_NUMBERS }, (_, index) => `+1415555${String(1_000 + index)}`);
const strangers = Array.from({ length: TIMED_NUMBERS }, (_, index) => `+1303555${String(1_000 + index)}`);

export async function run(): Promise<void> {
  await measureRate();
  await measureTiming();
  await measurePairing();
  await measureFlood();
}

interface Sent {
  status: number;
  ms: number;
}

/** Requests from as many addresses of this machine as there are numbers to spread them over. */
class Senders {
  readonly #agents = new Map<number, Agent>();

  agent(index: number): Agent {
    const found = this.#agents.get(index);
    if (found) return found;
    // Another network for each: the last number of an address does not count.
    const agent = new Agent({
      connections: 1,
      localAddress: `127.${1 + Math.floor(index / 250)}.${index % 250}.1`,
    });
    this.#agents.set(index, agent);
    return agent;
  }

  async release(index: number): Promise<void> {
    const agent = this.#agents.get(index);
    this.#agents.delete(index);
    await agent?.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()));
    this.#agents.clear();
  }
}

async function send(url: string, body: unknown, dispatcher: Agent): Promise<Sent> {
  const started = performance.now();
  const response = await request(url, {
    method: 'POST',
    dispatcher,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.body.dump();
  return { status: response.statusCode, ms: performance.now() - started };
}

/** Runs `count` times, `AT_ONCE` of them together. */
async function together(count: number, work: (index: number) => Promise<void>): Promise<number> {
  const started = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let index = next++; index < count; index = next++) await work(index);
    }),
  );
  return (performance.now() - started) / 1_000;
}

async function withServer(env: Record<string, string>, work: (server: ServerProcess) => Promise<void>): Promise<void> {
  using home = makeHome();
  const server = await startProcess(home, { LOG_LEVEL: 'error', ...env });
  try {
    await work(server);
  } finally {
    await server.kill();
  }
}

async function measureRate(): Promise<void> {
  const senders = new Senders();
  const bare = Fastify();
  bare.post('/login/submit-with-setup', async () => ({ message: 'Check your phone for the 6-digit SMS code' }));
  const floorUrl = await bare.listen({ port: 0, host: '127.0.0.1' });
  const rate = async (url: string): Promise<number> => {
    const seconds = await together(REQUESTS, async (index) => {
      const phone = `+1415${2_220_000 + index * 1_001}`;
      const body = { phone, setup_id: randomUUID() };
      const { status } = await send(`${url}/login/submit-with-setup`, body, senders.agent(index % 150));
      if (status !== 200) throw new Error(`a request for a code was answered with ${status}`);
    });
    return REQUESTS / seconds;
  };
  await rate(floorUrl);
  const floor = await rate(floorUrl);
  await bare.close();
  await withServer({}, async ({ url }) => {
    const ours = await rate(url);
    console.log(
      `sign-in requests: ${Math.round(ours)}/s, durable, PGlite; a bare Fastify POST ${Math.round(floor)}/s (${(floor / ours).toFixed(1)}×)`,
    );
  });
  await senders.close();
}

/** Numbers that are listed and get a text, and numbers that are not and get none, in random order. */
async function measureTiming(): Promise<void> {
  const senders = new Senders();
  const env = { OPEN_SIGNUP: 'false', ALLOWED_PHONES: known.join(','), CODE_TEXTS_PER_DAY: '100000' };
  await withServer(env, async ({ url }) => {
    const order = Array.from({ length: PER_NUMBER }, () => [
      ...known.map((phone) => ({ phone, known: true })),
      ...strangers.map((phone) => ({ phone, known: false })),
    ]).flat();
    shuffle(order);
    const asked: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    const guessed: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
    for (const [index, each] of order.entries()) {
      const setup_id = randomUUID();
      const kind = each.known ? 'known' : 'unknown';
      const agent = senders.agent(index % 120);
      const ask = await send(`${url}/login/submit-with-setup`, { phone: each.phone, setup_id }, agent);
      if (ask.status !== 200) throw new Error(`a request for a code was answered with ${ask.status}`);
      asked[kind].push(ask.ms);
      const guess = await send(`${url}/auth/exchange-by-setup`, { setup_id, pairing_code: '000000' }, agent);
      if (guess.status === 400) guessed[kind].push(guess.ms);
    }
    tell('asking for a code', asked);
    tell('guessing a code', guessed);
  });
  await senders.close();
}

function tell(what: string, times: Record<'known' | 'unknown', number[]>): void {
  // The first ones warm the server up; the slowest few are pauses of the machine, whichever the number was.
  const [a, b] = [times.known, times.unknown].map((each) => trimmed(each.slice(20)));
  if (!a || !b) return;
  const difference = mean(a) - mean(b);
  const t = difference / Math.sqrt(variance(a) / a.length + variance(b) / b.length);
  console.log(
    `${what}: known ${mean(a).toFixed(2)} ms, unknown ${mean(b).toFixed(2)} ms (means of ${a.length} and ${b.length}), ` +
      `difference ${(difference * 1_000).toFixed(0)} µs, medians differ by ${((median(a) - median(b)) * 1_000).toFixed(0)} µs, t = ${t.toFixed(2)}`,
  );
}

async function measurePairing(): Promise<void> {
  const agent = new Agent();
  await withServer({ CODE_TEXTS_PER_DAY: '1000' }, async ({ url, client }) => {
    const times: number[] = [];
    for (let count = 0; count < PAIRINGS; count++) {
      const setup_id = randomUUID();
      const before = (await client.phoneTexts(0)).at(-1)?.id ?? 0;
      const started = performance.now();
      await send(`${url}/login/submit-with-setup`, { phone: `+1415${5_550_000 + count * 10_000}`, setup_id }, agent);
      const pairing_code = await eventually(async () =>
        (await client.phoneTexts(before)).map(({ body }) => /^(\d{6}) is/.exec(body)?.[1]).find((code) => code),
      );
      const { status } = await send(`${url}/auth/exchange-by-setup`, { setup_id, pairing_code }, agent);
      if (status !== 200) throw new Error(`the exchange was answered with ${status}`);
      times.push(performance.now() - started);
    }
    console.log(
      `pairing end to end (request, text on the simulated phone, exchange; a text waits 100 to 355 ms, the phone is looked at every 25 ms): median ${median(times).toFixed(0)} ms, slowest ${Math.max(...times).toFixed(0)} ms`,
    );
  });
  await agent.close();
}

async function measureFlood(): Promise<void> {
  const senders = new Senders();
  const env = { ALLOWED_PHONES: '+12125550100', CODE_TEXTS_PER_DAY: String(TEXTS_PER_DAY) };
  await withServer(env, async ({ url, client }) => {
    const statuses = new Map<number, number>();
    let friend: Promise<number> | null = null;
    const each = FLOOD.requests / FLOOD.addresses;
    const seconds = await together(FLOOD.addresses, async (address) => {
      const agent = senders.agent(address);
      for (let count = 0; count < each; count++) {
        const number = randomInt(FLOOD.numbers);
        // Three blocks of numbers, as whoever pumps has them.
        const phone = `+1${[303, 404, 505][number % 3]}55${String(10_000 + Math.floor(number / 3)).padStart(5, '0')}`;
        const { status } = await send(`${url}/login/submit-with-setup`, { phone, setup_id: randomUUID() }, agent);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      await senders.release(address);
      if (address === Math.floor(FLOOD.addresses / 2)) friend = signIn(url, senders.agent(FLOOD.addresses + 1));
    });
    const friendMs = await friend;
    const texts = (await client.phoneTexts(0)).length;
    console.log(
      `flood: ${FLOOD.requests} requests from ${FLOOD.addresses} networks in ${seconds.toFixed(0)} s (${Math.round(FLOOD.requests / seconds)}/s): ` +
        `${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}; ${texts} texts, of which one to a listed person, ` +
        `asked for in the middle of it and answered in ${Number(friendMs).toFixed(0)} ms (the limit of a day is ${TEXTS_PER_DAY}, half of it for strangers)`,
    );
  });
  await senders.close();
}

async function signIn(url: string, agent: Agent): Promise<number> {
  const { status, ms } = await send(
    `${url}/login/submit-with-setup`,
    { phone: '+12125550100', setup_id: randomUUID() },
    agent,
  );
  if (status !== 200) throw new Error(`a listed person was answered with ${status}`);
  return ms;
}

function shuffle<T>(list: T[]): void {
  for (let index = list.length - 1; index > 0; index--) {
    const other = randomInt(index + 1);
    const [a, b] = [list[index], list[other]];
    if (a !== undefined && b !== undefined) [list[index], list[other]] = [b, a];
  }
}

const sorted = (values: readonly number[]): number[] => values.toSorted((one, other) => one - other);
const median = (values: readonly number[]): number => sorted(values)[Math.floor(values.length / 2)] ?? 0;
const trimmed = (values: readonly number[]): number[] => sorted(values).slice(0, Math.floor(values.length * 0.98));
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]): number => {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
};

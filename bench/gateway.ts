/**
 * What the gateway costs. CPU per request of its process, and the middle of the times of requests one after the other, against a
 * bare undici pipe in the same run; the translations against the pass-through; other gateways where they can be installed;
 * 1,000 streams nobody planned against the grammar; memory over 10,000 streams. All sides take turns, the middle of the rounds
 * counts. Budgets: pass-through at most 1.3 times the CPU of the pipe with a body of 49 KB, translation at most 2 times
 * the pass-through, 10 times less than claude-code-router.
 */
import { type Bodies, bodies } from './gateway-body.ts';
import { fuzz } from './gateway-fuzz.ts';
import {
  type Bench,
  cpuPerRequest,
  median,
  residentMb,
  type Served,
  type Shot,
  sequentialP50,
  serve,
  volley,
} from './gateway-load.ts';
import { CLAUDE_CODE_ROUTER, type Peer, PORTKEY } from './gateway-peers.ts';

const ROUNDS = 3;
const WARM_UP = 1000;
const REQUESTS = 400;
const SEQUENTIAL = 60;
const FUZZED = 1000;
const STREAMS = 10_000;

interface Contender {
  name: string;
  served: Served;
  shot: (size: keyof Bodies) => Shot;
}

interface Figures {
  cpu: number;
  p50: number;
}

async function measure(contenders: readonly Contender[], size: keyof Bodies): Promise<Map<string, Figures>> {
  const samples = new Map(contenders.map(({ name }) => [name, { cpu: [] as number[], p50: [] as number[] }]));
  // Until the compiler is through with them, all sides cost two to three times as much.
  for (const { shot } of contenders) await volley(shot(size), WARM_UP, 16);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, served, shot } of contenders) {
      const sample = samples.get(name);
      sample?.cpu.push(await cpuPerRequest(served.pid, shot(size), REQUESTS));
      sample?.p50.push(await sequentialP50(shot(size), SEQUENTIAL));
    }
  }
  return new Map([...samples].map(([name, { cpu, p50 }]) => [name, { cpu: median(cpu), p50: median(p50) }]));
}

function print(title: string, figures: ReadonlyMap<string, Figures>, floor: string): void {
  console.log(title);
  const base = figures.get(floor) ?? { cpu: Number.NaN, p50: Number.NaN };
  for (const [name, { cpu, p50 }] of figures) {
    const added = p50 - base.p50;
    const times = `${(cpu / base.cpu).toFixed(2)} × ${floor}`;
    console.log(
      `  ${name.padEnd(38)} ${cpu.toFixed(2)} ms CPU a request = ${times}; p50 ${p50.toFixed(2)} ms, ${added < 0 ? '−' : '+'}${Math.abs(added).toFixed(2)}`,
    );
  }
}

function ours(name: string, served: Served, requests: Bodies): Contender {
  return { name, served, shot: (size) => ({ url: served.url, body: requests[size] }) };
}

async function withPeer(
  peer: Peer,
  upstream: string,
  use: (contender: (requests: Bodies) => Contender) => Promise<void>,
): Promise<void> {
  try {
    const served = await peer.start(upstream);
    try {
      await use((requests) => ({
        name: peer.name,
        served,
        shot: (size) => ({ ...served.shot, url: served.url, body: requests[size] }),
      }));
    } finally {
      served.stop();
    }
  } catch (error) {
    console.log(
      `  ${peer.name} could not be measured: ${error instanceof Error ? error.message.slice(0, 200) : String(error)}`,
    );
  }
}

/** What is in use once the garbage is collected tells a leak; the resident size tells what the machine has to give. */
async function memory(served: Bench, body: string): Promise<void> {
  await volley({ url: served.url, body }, STREAMS / 10, 16);
  const before = [await served.heapMb(), residentMb(served.pid)] as const;
  await volley({ url: served.url, body }, STREAMS, 16);
  const after = [await served.heapMb(), residentMb(served.pid)] as const;
  const told = ([heap, resident]: readonly [number, number]): string =>
    `${heap.toFixed(1)} MB in use (${resident.toFixed(0)} MB resident)`;
  console.log(
    `memory of the gateway: ${told(before)} after ${STREAMS / 10} streams, ${told(after)} after ${STREAMS} more`,
  );
}

export async function run(): Promise<void> {
  const upstream = await serve('gateway-upstream.ts');
  const pipe = await serve('gateway-process.ts', 'pipe', upstream.url);
  const gateway = await serve('gateway-process.ts', 'gateway', upstream.url);
  const claude = bodies('claude-sonnet-4-5', true);
  const whole = bodies('claude-sonnet-4-5', false);
  const chat = bodies('gpt-4o', true);
  const floor = 'bare pipe';
  try {
    for (const size of ['small', 'claudeCode'] as const) {
      const kilobytes = (claude[size].length / 1024).toFixed(1);
      const ways = [
        ours(floor, pipe, claude),
        ours('pass-through', gateway, claude),
        ours('own translator (OpenAI chat)', gateway, chat),
        ours('provider package (Gemini)', gateway, bodies('gemini-2.5-flash', true)),
      ];
      print(`streams of 40 pieces, ${kilobytes} KB asked`, await measure(ways, size), floor);
      await withPeer(CLAUDE_CODE_ROUTER, upstream.url, async (peer) => {
        print(
          `the same against ${CLAUDE_CODE_ROUTER.name}`,
          await measure([...ways.slice(1), peer(chat)], size),
          'pass-through',
        );
      });
      const plain = [ours(floor, pipe, whole), ours('pass-through', gateway, whole)];
      print(`not streamed, ${kilobytes} KB asked`, await measure(plain, size), floor);
      await withPeer(PORTKEY, upstream.url, async (peer) => {
        print(
          `the same against ${PORTKEY.name}`,
          await measure([ours('pass-through', gateway, whole), peer(whole)], size),
          'pass-through',
        );
      });
    }
    const { broken, errors, first } = await fuzz(FUZZED);
    console.log(`${FUZZED} unplanned streams: ${broken} broke the grammar, ${errors} were refused with a status`);
    for (const line of first) console.log(`  ${line}`);
    await memory(gateway, chat.small);
  } finally {
    for (const served of [gateway, pipe, upstream]) served.stop();
  }
}

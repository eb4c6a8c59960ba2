/**
 * What the gateway costs. CPU per request of its process and what it adds to the middle of the times of requests one after the
 * other: the pass-through against a bare undici pipe, translations against the pass-through, other gateways, where they can be
 * installed, against ours. Then 1,000 streams nobody planned against the grammar, and memory over 10,000 streams. Budgets:
 * pass-through at most 1.3 times the CPU of the pipe with a body of 49 KB, our own translator at most 2 times the pass-through,
 * claude-code-router at least 10 times it.
 */
import { type Bodies, bodies } from './gateway-body.ts';
import { fuzz } from './gateway-fuzz.ts';
import { heapMb, residentMb, type Served, serve, volley } from './gateway-load.ts';
import { CLAUDE_CODE_ROUTER, type Peer, PORTKEY } from './gateway-peers.ts';
import { compare, type Plan, type Side } from './gateway-rounds.ts';

const OURS: Omit<Plan, 'size'> = { rounds: 30, counted: 80, timed: 8, warmUp: 800 };
/** Ten times as slow: a tenth of a difference does not matter. */
const PEERS: Omit<Plan, 'size'> = { rounds: 6, counted: 80, timed: 8, warmUp: 300 };
const FUZZED = 1000;
const STREAMS = 10_000;

function side(name: string, served: Served, requests: Bodies): Side {
  return { name, served, shot: (size) => ({ url: served.url, body: requests[size] }) };
}

/** A peer has the same requests as the side of ours that it is compared with. */
async function comparePeer(peer: Peer, upstream: string, { own, plan }: { own: Side; plan: Plan }): Promise<void> {
  try {
    const served = await peer.start(upstream);
    try {
      const shot: Side['shot'] = (size) => ({ ...served.shot, url: served.url, body: own.shot(size).body });
      await compare(`the same against ${peer.name}`, [own, { name: peer.name, served, shot }], plan);
    } finally {
      served.process.kill();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : String(error);
    console.log(`  ${peer.name} could not be measured: ${reason}`);
  }
}

/** What is in use once the garbage is collected tells a leak; the resident size tells what the machine has to give. */
async function memory(served: Served, body: string): Promise<void> {
  const told = async (): Promise<string> =>
    `${(await heapMb(served)).toFixed(1)} MB in use (${(await residentMb(served)).toFixed(0)} MB resident)`;
  await volley({ url: served.url, body }, STREAMS / 10);
  const before = await told();
  await volley({ url: served.url, body }, STREAMS);
  console.log(`memory of the gateway: ${before} after ${STREAMS / 10} streams, ${await told()} after ${STREAMS} more`);
}

export async function run(): Promise<void> {
  const upstream = await serve('gateway-upstream.ts');
  const pipe = await serve('gateway-process.ts', 'pipe', upstream.url);
  const gateway = await serve('gateway-process.ts', 'gateway', upstream.url);
  const claude = bodies('claude-sonnet-4-5', true);
  const whole = bodies('claude-sonnet-4-5', false);
  const chat = bodies('gpt-4o', true);
  const passThrough = 'pass-through';
  const own = side('own translator (OpenAI chat)', gateway, chat);
  const ownWhole = side(passThrough, gateway, whole);
  try {
    for (const size of ['claudeCode', 'small'] as const) {
      const kilobytes = (claude[size].length / 1024).toFixed(1);
      const ways = [
        side('bare pipe', pipe, claude),
        side(passThrough, gateway, claude),
        { ...own, against: passThrough },
        { ...side('provider package (Gemini)', gateway, bodies('gemini-2.5-flash', true)), against: passThrough },
      ];
      await compare(`streams of 40 pieces, ${kilobytes} KB asked`, ways, { size, ...OURS });
      await comparePeer(CLAUDE_CODE_ROUTER, upstream.url, { own, plan: { size, ...PEERS } });
      const wholes = [side('bare pipe', pipe, whole), ownWhole];
      await compare(`not streamed, ${kilobytes} KB asked`, wholes, { size, ...OURS });
      await comparePeer(PORTKEY, upstream.url, { own: ownWhole, plan: { size, ...PEERS } });
    }
    const { broken, errors, first } = await fuzz(FUZZED);
    console.log(`${FUZZED} unplanned streams: ${broken} broke the grammar, ${errors} were refused with a status`);
    for (const line of first) console.log(`  ${line}`);
    await memory(gateway, chat.small);
  } finally {
    for (const { process } of [gateway, pipe, upstream]) process.kill();
  }
}

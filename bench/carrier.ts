/**
 * The carrier in the server: how long a text that comes in is answered for while everything the server depends on hangs, against
 * a bare Fastify route in a process of its own; and how soon after an ask was opened its request reaches the carrier.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { scripted } from '@claude-companion/gateway';
import twilio from 'twilio';
import { Agent, request } from 'undici';
import { freePort } from '../test/sms/free-port.ts';
import { carrierSettings, OWN_NUMBER, OWNER_PHONE } from '../test/world/carrier.ts';
import { makeHome, startProcess } from '../test/world/server-process.ts';
import { TwilioEmulator } from '../test/world/twilio/emulator.ts';

const RATE = 200;
const SECONDS = 5;
const ASKS = 60;

export async function run(): Promise<void> {
  await compareInbound();
  await timeAsks();
}

const percentile = (values: readonly number[], at: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * at) / 100))] ?? 0;
};

/** Takes connections and never says a word. */
async function hungServer(): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => void socket.on('error', () => socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

async function compareInbound(): Promise<void> {
  const hung = await hungServer();
  using home = makeHome();
  const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: '0'.repeat(32), baseUrl: hung.url };
  const settings = carrierSettings(account, await freePort());
  const floorProcess = await startFloor();
  const server = await startProcess(home, { ...settings, ANTHROPIC_BASE_URL: hung.url, ANTHROPIC_API_KEY: 'none' });
  try {
    // An agent that waits for its model, as it would.
    await server.client.startSession({ project: 'my-app', message: 'hello' });
    const { webhookUrl } = await server.client.carrier();
    const target = webhookUrl ?? '';
    await answerTimes({ url: target, authToken: account.authToken, seconds: 1, from: 0 });
    const floor = await answerTimes({ url: floorProcess.url, authToken: account.authToken, seconds: SECONDS, from: 0 });
    const ours = await answerTimes({ url: target, authToken: account.authToken, seconds: SECONDS, from: RATE });
    for (const at of [50, 99, 100]) {
      const [took, bare] = [percentile(ours, at), percentile(floor, at)];
      console.log(
        `text in at ${RATE}/s, carrier and model hung: p${at} ${took.toFixed(1)} ms = ${(took / bare).toFixed(1)} × a bare Fastify route (${bare.toFixed(1)} ms)`,
      );
    }
  } finally {
    await server.kill();
    floorProcess.child.kill('SIGKILL');
    hung.server.close();
  }
}

/** A Fastify server with one POST route that reads a form and answers. */
async function startFloor(): Promise<{ url: string; child: ChildProcess }> {
  const source = `
    import Fastify from 'fastify';
    const app = Fastify();
    app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, body));
    app.post('/webhook/floor', async (_request, reply) => reply.type('text/xml').send('<Response/>'));
    console.log(await app.listen({ host: '127.0.0.1', port: 0 }));`;
  const cwd = fileURLToPath(new URL('../packages/server', import.meta.url));
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `${line.toString().trim()}/webhook/floor`, child };
}

interface Load {
  url: string;
  authToken: string;
  seconds: number;
  /** Number of the first text: none is sent twice. */
  from: number;
}

/** Milliseconds each text waited for its answer; they come at a fixed rate, answered or not. */
async function answerTimes({ url, authToken, seconds, from }: Load): Promise<number[]> {
  const agent = new Agent({ connections: 50 });
  const post = async (count: number): Promise<number> => {
    const fields = {
      MessageSid: `SM${String(count).padStart(32, '0')}`,
      From: OWNER_PHONE,
      To: OWN_NUMBER,
      Body: 'STATUS',
      NumMedia: '0',
    };
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      'user-agent': 'TwilioProxy/1.1',
      'x-twilio-signature': twilio.getExpectedTwilioSignature(authToken, url, fields),
    };
    const body = new URLSearchParams(fields).toString();
    const started = performance.now();
    const response = await request(url, { method: 'POST', dispatcher: agent, headers, body });
    if (response.statusCode !== 200) throw new Error(`The webhook answered ${response.statusCode}.`);
    await response.body.dump();
    return performance.now() - started;
  };
  const times: Promise<number>[] = [];
  const begin = performance.now();
  for (let count = 0; count < RATE * seconds; count += 1) {
    times.push(post(from + count));
    const next = begin + ((count + 1) * 1_000) / RATE;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - performance.now())));
  }
  const settled = await Promise.all(times);
  await agent.close();
  return settled;
}

/** One agent asks, is answered, asks again. Both times are of this machine's clock, in whole milliseconds. */
async function timeAsks(): Promise<void> {
  using home = makeHome();
  await using carrier = await new TwilioEmulator().listen();
  const server = await startProcess(home, { ...carrierSettings(carrier, await freePort()), FOLD_SECONDS: '0' });
  try {
    const steps = Array.from({ length: ASKS }, (_, count) => ({
      tool: 'Bash',
      input: { command: `echo ask-${count}- >> notes.txt` },
    }));
    const message = scripted([...steps, { text: 'Done.' }]);
    const { session_id: sessionId } = await server.client.startSession({ project: 'my-app', message });
    const opened = new Map<string, number>();
    for await (const item of server.client.followSession(sessionId)) {
      if (item.kind !== 'event') continue;
      const { event } = item;
      if (event.kind === 'turn.ended') break;
      if (event.kind !== 'ask.opened' || event.data.kind !== 'permission') continue;
      const name = /ask-\d+-/.exec(event.data.title)?.[0] ?? '';
      opened.set(name, Date.parse(event.at));
      while (!carrier.sentTo(OWNER_PHONE).some(({ body }) => body.includes(name))) {
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      await server.client.answerAsk(event.data.askId, { decision: 'allow', applySuggestions: false });
    }
    const waits = carrier.sentTo(OWNER_PHONE).flatMap(({ body, createdAt }) => {
      const at = opened.get(/ask-\d+-/.exec(body)?.[0] ?? '');
      return at === undefined || body.startsWith('Applied') ? [] : [createdAt.getTime() - at];
    });
    console.log(
      `ask opened to request at the carrier, ${waits.length} asks: p50 ${percentile(waits, 50)} ms, p99 ${percentile(waits, 99)} ms`,
    );
  } finally {
    await server.kill();
  }
}

/**
 * Secrets are planted wherever there are some, the server is used through every door, well and badly, loses its database and
 * ends. None of them may come out in a log, an answer that refuses something, or on the terminal.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { scripted } from '@claude-companion/gateway';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { freePort } from '../sms/free-port.ts';
import { verifies } from '../verifies.ts';
import { Canaries } from '../world/canaries.ts';
import { carrierSettings, OWN_NUMBER, OWNER_PHONE } from '../world/carrier.ts';
import { createPostgresDatabase } from '../world/databases.ts';
import { eventually, TOKEN } from '../world/server.ts';
import { companion, type Home, makeHome, type ServerProcess, startProcess } from '../world/server-process.ts';
import { TwilioEmulator } from '../world/twilio/emulator.ts';

const PHONE = '+14155550177';
const postgres = inject('postgres');

const canaries = new Canaries();
let carrier: TwilioEmulator;
let home: Home;
let server: ServerProcess;
let database: Awaited<ReturnType<typeof createPostgresDatabase>> | null = null;
let upstream: ReturnType<typeof createServer>;
const stop: (() => unknown)[] = [];

/** A request whose answer is remembered when it refuses something. */
async function ask(path: string, init: { token?: string | undefined; body?: unknown; method?: string } = {}) {
  const { token, body, method = body === undefined ? 'GET' : 'POST' } = init;
  const response = await fetch(`${server.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (response.status >= 400) {
    const headers = JSON.stringify([...response.headers]);
    canaries.saw(`the answer ${response.status} of ${method} ${path.split('?')[0]}`, `${headers}\n${text}`);
  }
  return { status: response.status, text, json: () => JSON.parse(text) as Record<string, string> };
}

/** The newest text to a number that matches. */
const texted = (to: string, pattern: RegExp): Promise<string> =>
  eventually(async () =>
    carrier
      .sentTo(to)
      .map(({ body }) => pattern.exec(body)?.[1])
      .findLast((found) => found),
  );

beforeAll(async () => {
  carrier = await new TwilioEmulator({
    authToken: canaries.plant('TWILIO_AUTH_TOKEN', randomBytes(16).toString('hex')),
  }).listen();
  stop.push(() => carrier[Symbol.asyncDispose]());
  // A provider that repeats in its refusal what it was sent.
  upstream = createServer((request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify({ error: { message: `Incorrect API key provided: ${request.headers.authorization}` } }),
    );
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  stop.push(() => upstream.close());
  const provider = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  home = makeHome();
  stop.push(() => home[Symbol.dispose]());
  database = postgres ? await createPostgresDatabase({ empty: true }) : null;
  const databaseUrl = new URL(database?.url ?? 'postgres://postgres@127.0.0.1/none');
  databaseUrl.password = canaries.plant('the password of DATABASE_URL');
  canaries.plant('AUTH_TOKEN', TOKEN);
  canaries.plant('OWNER_PHONE', OWNER_PHONE);
  server = await startProcess(home, {
    ...carrierSettings(carrier, await freePort()),
    LOG_LEVEL: 'trace',
    JWT_SECRET: canaries.plant('JWT_SECRET', `canary${randomBytes(24).toString('hex')}`),
    DATA_KEY: canaries.plant('DATA_KEY', randomBytes(32).toString('base64')),
    OPENAI_API_KEY: canaries.plant('OPENAI_API_KEY', `sk-proj-${randomBytes(16).toString('hex')}`),
    OPENAI_BASE_URL: `${provider}/v1`,
    ANTHROPIC_API_KEY: canaries.plant('ANTHROPIC_API_KEY', `sk-ant-${randomBytes(16).toString('hex')}`),
    ANTHROPIC_BASE_URL: provider,
    GEMINI_API_KEY: canaries.plant('GEMINI_API_KEY'),
    ...(database && { DATABASE_URL: databaseUrl.href }),
  });
  stop.push(() => server.kill());
  const { webhookUrl } = (await ask('/api/carrier', { token: TOKEN })).json();
  carrier.webhookUrl = canaries.plant('webhook address', webhookUrl);
});
afterAll(async () => {
  for (const step of stop.reverse()) await step();
  await database?.drop();
});

async function pairByPolling(): Promise<string> {
  const setupId = canaries.plant('setup_id', `setup_${randomUUID()}`);
  await ask('/login/submit-with-setup', {
    body: { phone: canaries.plant('phone of a user', PHONE), setup_id: setupId },
  });
  const code = canaries.plant('pairing code', await texted(PHONE, /\b(\d{6})\b/));
  const wrong = canaries.plant('wrong pairing code', code === '135791' ? '135792' : '135791');
  expect((await ask('/auth/exchange-by-setup', { body: { setup_id: setupId, pairing_code: wrong } })).status).toBe(400);
  const paired = await ask('/auth/exchange-by-setup', { body: { setup_id: setupId, pairing_code: code } });
  expect(paired.status).toBe(200);
  expect((await ask('/auth/exchange-by-setup', { body: { setup_id: setupId, pairing_code: code } })).status).toBe(401);
  const { access_token: token = '', refresh_token: refresh } = paired.json();
  if (refresh) canaries.plant('refresh token', refresh);
  return canaries.plant('access token', token);
}

async function pairByCallback(): Promise<void> {
  const state = canaries.plant('state', randomUUID());
  const phone = canaries.plant('second phone', '+14155550188');
  const callback = 'http://127.0.0.1:9/callback';
  const submitted = await ask('/login/submit', { body: { phone, callback_uri: callback, state } });
  const tempToken = new URL(submitted.json().redirect_to ?? '').searchParams.get('temp_token') ?? '';
  canaries.plant('temp_token', tempToken);
  const code = canaries.plant('second pairing code', await texted(phone, /\b(\d{6})\b/));
  await ask(`/sessions?token=${tempToken}`, { token: tempToken });
  const paired = await ask('/auth/exchange', { body: { temp_token: tempToken, pairing_code: code } });
  const token = canaries.plant('second access token', paired.json().access_token);
  await ask('/auth/logout', { token, body: {} });
  await ask('/sessions', { token });
  await ask('/login/submit', {
    body: { phone: canaries.plant('number that is none', '+999123456789'), callback_uri: callback },
  });
  await ask('/login/submit', {
    body: { phone, callback_uri: `https://evil.example/?s=${canaries.plant('callback')}` },
  });
}

async function monitor(accessToken: string): Promise<void> {
  const started = await ask('/sessions/start', {
    token: accessToken,
    body: { claude_session_id: canaries.plant('claude_session_id'), description: canaries.plant('description') },
  });
  const { session_token: token = '', monitoring_id: id = '' } = started.json();
  canaries.plant('session token', token);
  const details = { error: canaries.plant('error message'), stack: canaries.plant('stack') };
  const reported = await ask(`/sessions/${id}/events`, { token, body: { event_type: 'error', details } });
  expect(reported.status).toBe(200);
  await texted(PHONE, new RegExp(`(${details.error})`));
  await ask(`/sessions/${id}/events`, { token, body: { event_type: details.error, details } });
  await ask(`/sessions/${id}/heartbeat?token=${token}`, { token, body: { timestamp: details.stack } });
  await ask(`/sessions/${randomUUID()}/events`, { token, body: { event_type: 'done', details } });
  await ask(`/sessions/${id}/events`, { token: accessToken, body: { event_type: 'done', details } });
  await ask(`/sessions/${token}/stop`, { token, body: { reason: 'completed', final_state: 'success' } });
  await ask(`/sessions/${id}/stop`, { token, body: { reason: 'completed', final_state: 'success' } });
}

/** An agent works, asks, and is answered by text. */
async function host(): Promise<string> {
  const command = `node -e "'${canaries.plant('tool input')}'"`;
  const message = scripted([{ tool: 'Bash', input: { command } }, { text: canaries.plant('words of the agent') }]);
  const created = await ask('/sessions', {
    token: TOKEN,
    body: {
      project: 'my-app',
      model: 'demo',
      system_prompt: canaries.plant('system prompt'),
      message: `${canaries.plant('prompt')} ${message}`,
    },
  });
  const { session_id: id = '' } = created.json();
  const code = canaries.plant('ask code', await texted(OWNER_PHONE, /\b(?:OK|NO|Reply) ([0-9A-Z]{4})\b/));
  const words = canaries.plant('text of the owner');
  await carrier.arrive({ from: OWNER_PHONE, to: OWN_NUMBER, body: words });
  await carrier.arrive({
    from: canaries.plant('stranger', '+14155550166'),
    to: OWN_NUMBER,
    body: `OK ${code} ${words}`,
  });
  await carrier.arrive({ from: OWNER_PHONE, to: OWN_NUMBER, body: `NO ${code}` });
  await eventually(async () => (await ask(`/sessions/${id}/status`, { token: TOKEN })).json().state === 'idle');
  return id;
}

/** What a careless or hostile caller sends. */
async function misuse(sessionId: string): Promise<void> {
  const secret = canaries.plant('secret of a bad request');
  const open = ['/health', '/metrics', '/', '/login', '/sign-in', '/openapi.json', '/docs'];
  for (const path of open) {
    const { status, text } = await ask(`${path}?token=${secret}`);
    if (status < 400) canaries.saw(path, text);
  }
  const paths = [
    '/sessions',
    '/sessions/start',
    '/login/submit',
    '/auth/exchange',
    '/v1/messages',
    `/sessions/${sessionId}/messages`,
  ];
  for (const path of paths) {
    for (const token of [undefined, TOKEN, secret]) {
      await ask(path, { token, body: `{"broken": "${secret}"` });
      await ask(path, { token, body: { [secret]: secret, phone: [secret], model: { name: secret } } });
    }
  }
  await ask(`/nothing/${secret}?token=${secret}`, { token: TOKEN });
  await ask(`/webhook/${secret}`, { body: { Body: secret } });
  await ask(`/sessions/%ff${secret}`, { token: TOKEN });
  await ask(`/sessions/${sessionId}/messages`, { token: TOKEN, body: { message: `${secret}\0` } });
  const big = { message: secret.repeat(500_000) };
  await ask(`/sessions/${sessionId}/messages`, { token: TOKEN, body: big }).catch(() => undefined);
  for (const model of ['openai/gpt-4o', 'claude-sonnet-4-5']) {
    const body = { model, max_tokens: 5, messages: [{ role: 'user', content: secret }] };
    expect((await ask('/v1/messages', { token: TOKEN, body })).status).toBeGreaterThanOrEqual(400);
  }
}

/** The database goes away in the middle of everything, and comes back. */
async function loseDatabase(accessToken: string): Promise<void> {
  if (!database || !postgres) return;
  const name = new URL(database.url).pathname.slice(1);
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  try {
    await admin.query(`alter database ${pg.escapeIdentifier(name)} allow_connections false`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    const answers = [
      await ask('/sessions/start', {
        token: accessToken,
        body: { claude_session_id: 'x', description: canaries.plant('lost') },
      }),
      await ask('/login/submit-with-setup', { body: { phone: PHONE, setup_id: canaries.plant('lost setup_id') } }),
      await ask('/sessions', { token: TOKEN, body: { project: 'my-app', message: canaries.plant('lost prompt') } }),
    ];
    for (const { status } of answers) expect(status).toBeGreaterThanOrEqual(500);
    await carrier.arrive({ from: OWNER_PHONE, to: OWN_NUMBER, body: canaries.plant('lost text') });
    await admin.query(`alter database ${pg.escapeIdentifier(name)} allow_connections true`);
    await eventually(async () => (await ask('/health')).status === 200);
  } finally {
    await admin.end();
  }
}

/** The database refuses rows, and says which: `Failing row contains (…)`. */
async function refuseRows(accessToken: string): Promise<void> {
  if (!database) return;
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const tables = ['monitored_sessions', 'events', 'inbound_texts', 'sign_ins'];
  try {
    for (const table of tables)
      await client.query(`alter table ${table} add constraint broken check (false) not valid`);
    const start = {
      claude_session_id: canaries.plant('refused id'),
      description: canaries.plant('refused description'),
    };
    const answers = [
      await ask('/sessions/start', { token: accessToken, body: start }),
      await ask('/sessions', { token: TOKEN, body: { project: 'my-app', message: canaries.plant('refused prompt') } }),
      await ask('/login/submit-with-setup', { body: { phone: PHONE, setup_id: canaries.plant('refused setup_id') } }),
    ];
    for (const { status } of answers) expect(status).toBe(500);
    await carrier.arrive({ from: OWNER_PHONE, to: OWN_NUMBER, body: canaries.plant('refused text') });
  } finally {
    for (const table of tables) await client.query(`alter table ${table} drop constraint if exists broken`);
    await client.end();
  }
}

/** Everything that is stored, as text. */
async function storedRows(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'public'`,
    );
    let all = '';
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      all += `${name}\n${rows.map(({ row }) => row).join('\n')}\n`;
    }
    return all;
  } finally {
    await client.end();
  }
}

describe('a full run at trace level', () => {
  verifies(
    [
      'sms-server/secret-tokens',
      'sms-server/secret-pairing-codes',
      'sms-server/secret-phone-numbers',
      'sms-server/secret-temp-tokens',
      'sms-server/storage-mask-code',
    ],
    'lets no secret out',
    { timeout: 180_000 },
    async () => {
      const accessToken = await pairByPolling();
      await pairByCallback();
      await monitor(accessToken);
      await misuse(await host());
      await refuseRows(accessToken);
      await loseDatabase(accessToken);
      expect(await server.stop()).toBe(0);
      canaries.saw('the log', server.output.stderr);
      canaries.saw('the terminal', server.output.stdout);

      expect(server.output.stderr).toContain('"level":20');
      // Somebody is told apart all the same.
      expect(server.output.stderr).toContain('+141***0166');
      expect(canaries.names.length).toBeGreaterThanOrEqual(20);
      expect(canaries.leaks()).toEqual([]);
    },
  );

  test.skipIf(!postgres)('and the database holds no number, code or token as it is', { timeout: 60_000 }, async () => {
    const stored = await storedRows(database?.url ?? '');
    expect(stored).toContain('monitored_sessions');
    // What people and agents say is what the log is for. An ask's code opens nothing without the phone it was told to.
    const opening = canaries.names.filter((name) =>
      /phone|pairing code|token|secret|key|password|stranger|setup_id/i.test(name),
    );
    expect(canaries.in(stored).filter((name) => opening.includes(name))).toEqual([]);
  });
});

describe('a start that fails', () => {
  test('names the setting and not its value', { timeout: 120_000 }, async () => {
    const own = new Canaries();
    const wrong: Record<string, string>[] = [
      { JWT_SECRET: own.plant('JWT_SECRET', 'Xq7!') },
      { AUTH_TOKEN: own.plant('AUTH_TOKEN', 'Zk9?x') },
      { DATA_KEY: own.plant('DATA_KEY', Buffer.from(randomUUID().slice(0, 12)).toString('base64')) },
      { OWNER_PHONE: own.plant('OWNER_PHONE', '415-555-0123-4444') },
      { TWILIO_AUTH_TOKEN: own.plant('TWILIO_AUTH_TOKEN', randomBytes(16).toString('hex')) },
      { DATABASE_URL: `postgres://postgres:${own.plant('password')}@127.0.0.1:9/none` },
      { DATABASE_URL: `mysql://root:${own.plant('another password')}@127.0.0.1/x` },
    ];
    for (const env of wrong) {
      using place = makeHome();
      const { code, stdout, stderr } = await companion(['serve'], { home: place, env: { LOG_LEVEL: 'trace', ...env } });
      const [name = ''] = Object.keys(env);
      expect(code, name).not.toBe(0);
      expect(stdout + stderr, name).not.toBe('');
      own.saw(name, stdout + stderr);
    }
    expect(own.leaks()).toEqual([]);
  });
});

/** `companion doctor` against a real server and an account whose state a test chooses. */
import { dirname } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { doctor } from '../../packages/cli/src/doctor/doctor.ts';
import type { Finding } from '../../packages/cli/src/doctor/finding.ts';
import type { Surroundings } from '../../packages/cli/src/surroundings.ts';
import { freePort } from '../sms/free-port.ts';
import { verifies } from '../verifies.ts';
import { type CarrierWorld, carrierSettings, OWN_NUMBER, OWNER_PHONE, openCarrierWorld } from '../world/carrier.ts';
import { eventually, TOKEN } from '../world/server.ts';
import { companion, makeHome, startProcess } from '../world/server-process.ts';
import { fullAccount } from '../world/twilio/account-resources.ts';
import { TwilioEmulator } from '../world/twilio/emulator.ts';

let talk: CarrierWorld;
let settings: Record<string, string>;
beforeAll(async () => {
  talk = await openCarrierWorld();
  settings = {
    ...carrierSettings(talk.carrier, talk.world.server.port),
    DATA_DIR: talk.world.dataDir,
    PROJECTS_DIR: dirname(talk.world.project),
    AUTH_TOKEN: TOKEN,
  };
});
afterAll(() => talk[Symbol.asyncDispose]());

const number = () => ({ phoneNumber: OWN_NUMBER, sms: true, smsUrl: talk.webhookUrl });
beforeEach(() => {
  talk.carrier.account = { ...fullAccount(), numbers: [number()] };
});

interface Report {
  ok: boolean;
  verdict: string;
  findings: Finding[];
}

async function examine(env: Record<string, string | undefined> = {}): Promise<Report & { exit: number }> {
  const out: string[] = [];
  const surroundings: Surroundings = {
    env: { ...settings, ...env },
    home: dirname(talk.world.dataDir),
    cwd: dirname(talk.world.dataDir),
    interactive: false,
    stdout: (line) => out.push(line),
    stderr: (line) => out.push(line),
    async *lines() {},
    stopped: new AbortController().signal,
  };
  const exit = await doctor(surroundings, { json: true });
  return { exit, ...(JSON.parse(out.join('\n')) as Report) };
}

const found = ({ findings }: Report, id: string): Finding | undefined => findings.find((each) => each.id === id);

test('all is well: every line is ok, and so is the exit code', async () => {
  const report = await examine({ ANTHROPIC_API_KEY: 'set' });
  expect(report.findings.filter(({ status }) => status === 'problem')).toEqual([]);
  expect(report).toMatchObject({ exit: 0, ok: true, verdict: expect.stringMatching(/^A text would reach you now/) });
  for (const id of ['node', 'data', 'projects', 'claude', 'model', 'database', 'server', 'credentials', 'sender']) {
    expect(found(report, id)?.status, id).toBe('ok');
  }
  for (const id of ['owner-phone', 'webhook', 'webhook-url']) expect(found(report, id)?.status, id).toBe('ok');
});

describe('why a text would not reach the owner, or no answer come back', () => {
  const cases: [id: string, says: RegExp, arrange: () => Record<string, string | undefined>][] = [
    ['credentials', /refuses the credentials \(20003\)/, () => ({ TWILIO_AUTH_TOKEN: 'f'.repeat(32) })],
    ['credentials', /cannot be asked: ECONNREFUSED/, () => ({ TWILIO_API_URL: 'http://127.0.0.1:12345' })],
    ['account', /account is suspended/, () => changeAccount({ status: 'suspended' })],
    ['trial', /verified numbers only, and yours is not/, () => changeAccount({ type: 'Trial' })],
    ['sender', /no number \+15551234567/, () => changeAccount({ numbers: [] })],
    ['sender', /cannot send texts/, () => changeAccount({ numbers: [{ ...number(), sms: false }] })],
    ['webhook-url', /not told where to bring it/, () => changeAccount({ numbers: [{ ...number(), smsUrl: '' }] })],
    [
      'webhook-url',
      /brings it to demo\.twilio\.com, at another address/,
      () => changeAccount({ numbers: [{ ...number(), smsUrl: 'https://demo.twilio.com/welcome/sms/reply' }] }),
    ],
    ['public-url', /PUBLIC_URL is not set/, () => ({ PUBLIC_URL: undefined })],
  ];
  for (const [id, says, arrange] of cases) {
    test(`${id}: ${says.source}`, async () => {
      const report = await examine(arrange());
      expect(found(report, id)).toMatchObject({ status: 'problem', says: expect.stringMatching(says) });
      expect(found(report, id)?.next).toMatch(/\w{4,}/);
      expect(report).toMatchObject({ exit: 1, verdict: expect.stringMatching(/^A text would not reach you/) });
    });
  }

  function changeAccount(change: Partial<TwilioEmulator['account']>): Record<string, never> {
    talk.carrier.account = { ...talk.carrier.account, ...change };
    return {};
  }

  test('a trial account that has verified the phone is only a note', async () => {
    changeAccount({ type: 'Trial', verified: [OWNER_PHONE] });
    expect(found(await examine(), 'trial')?.status).toBe('note');
  });

  test('a sender that is not registered in the US shows in its latest texts', async () => {
    talk.carrier.messages.push({
      ...(await aText()),
      to: '+15005530034',
      status: 'undelivered',
      errorCode: 30034,
      direction: 'outbound-api',
    });
    expect(found(await examine(), 'registration')).toMatchObject({
      status: 'problem',
      says: expect.stringContaining('1 failed with 30034'),
      next: expect.stringContaining('A2P 10DLC'),
    });
    talk.carrier.messages.length = 0;
  });

  test('STOP, and texts of strangers', async () => {
    await talk.carrier.arrive({ from: '+14155550166', to: OWN_NUMBER, body: 'hello?' });
    await talk.text('STOP');
    const report = await eventually(async () => {
      const seen = await examine();
      return found(seen, 'opted-out') && seen;
    });
    expect(found(report, 'opted-out')).toMatchObject({
      status: 'problem',
      next: `Text START to ${OWN_NUMBER} from it.`,
    });
    expect(found(report, 'strangers')?.says).toContain('+141***0166 (1)');
    await talk.text('START');
    await eventually(async () => found(await examine(), 'opted-out') === undefined);
  });

  test('other settings than those of the running server', async () => {
    const none = { TWILIO_ACCOUNT_SID: undefined, TWILIO_AUTH_TOKEN: undefined, TWILIO_PHONE_NUMBER: undefined };
    expect(found(await examine(none), 'other-settings')?.says).toContain('was not checked');
    expect(found(await examine({ AUTH_TOKEN: 'another-token-than-its-own' }), 'server')).toMatchObject({
      status: 'problem',
      says: expect.stringContaining('does not know this token'),
    });
  });

  async function aText(): Promise<TwilioEmulator['messages'][number]> {
    await talk.text('STATUS');
    return eventually(async () => talk.carrier.messages.at(-1));
  }
});

describe('as a program', () => {
  test('with the server running, and after it was killed', { timeout: 180_000 }, async () => {
    await using carrier = await new TwilioEmulator().listen();
    using home = makeHome();
    const env = { ...carrierSettings(carrier, await freePort()), ANTHROPIC_API_KEY: 'set' };
    const server = await startProcess(home, { ...env, WARM_AGENTS: 'false' });
    const { stdout: shown } = await companion(['webhook'], { home, env: { ...env, COMPANION_URL: server.url } });
    carrier.account.numbers.push({ phoneNumber: OWN_NUMBER, sms: true, smsUrl: shown.trim() });
    const well = await companion(['doctor'], { home, env });
    expect(well.stdout).toMatch(/ok {7}PUBLIC_URL leads to this server/);
    expect(well.stdout).toMatch(/A text would reach you now/);
    expect(well.code).toBe(0);
    const rotated = await companion(['webhook', 'rotate'], { home, env: { ...env, COMPANION_URL: server.url } });
    const [fresh] = /http\S+/.exec(rotated.stdout) ?? [];
    expect(fresh).not.toBe(shown.trim());
    const other = await companion(['doctor', '--json'], { home, env });
    expect(found(JSON.parse(other.stdout) as Report, 'webhook-url')?.next).toContain(fresh);
    await server.kill();
    const stopped = await companion(['doctor'], { home, env });
    expect(stopped.code).toBe(1);
    expect(stopped.stdout).toMatch(/problem {2}The server does not run\.\n {11}Start it/);
    expect(stopped.stdout).toContain(fresh);
    expect(stopped.stdout).not.toContain(OWNER_PHONE);
  });

  verifies(
    ['sms-plugin/env-twilio-incomplete'],
    'a part of an account stops the start with a line that names what is missing',
    { timeout: 120_000 },
    async () => {
      using home = makeHome();
      const whole: Record<string, string> = {
        TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
        TWILIO_AUTH_TOKEN: '0'.repeat(32),
        TWILIO_PHONE_NUMBER: OWN_NUMBER,
      };
      for (const missing of Object.keys(whole)) {
        const { [missing]: _left, ...env } = whole;
        const { code, stderr } = await companion(['serve'], { home, env });
        expect(code).toBe(1);
        expect(stderr).toMatch(new RegExp(`^${missing} must be set too`));
      }
      const empty = await companion(['serve'], { home, env: { ...whole, TWILIO_AUTH_TOKEN: '' } });
      expect(empty.code).toBe(1);
      expect(empty.stderr).toMatch(/^TWILIO_AUTH_TOKEN is set but empty/);
    },
  );

  test('without PUBLIC_URL the server starts, says so, and texts go out', { timeout: 180_000 }, async () => {
    await using carrier = await new TwilioEmulator().listen();
    using home = makeHome();
    const { PUBLIC_URL: _none, ...env } = carrierSettings(carrier, await freePort());
    const server = await startProcess(home, env);
    await eventually(async () => /can be sent but not answered/.test(server.output.stdout));
    expect((await fetch(`${server.url}/webhook/anything`, { method: 'POST' })).status).toBe(404);
    const steps = [{ tool: 'Bash', input: { command: 'echo 1 >> notes.txt' } }, { text: 'ok' }];
    await server.client.startSession({ project: 'my-app', message: scripted(steps) });
    const [ask] = await eventually(async () => carrier.sentTo(OWNER_PHONE).length > 0 && carrier.sentTo(OWNER_PHONE));
    expect(ask).toMatchObject({ statusCallback: null, body: expect.stringContaining('notes.txt') });
    await server.kill();
  });
});

/** The rules alone, for what is hard to arrange with real parts. */
import { parseConfig } from '@claude-companion/server';
import { describe, expect, test } from 'vitest';
import { verdict } from './doctor.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';
import { BASICS } from './rules-basics.ts';
import { PHONE } from './rules-phone.ts';
import type { TwilioFacts } from './twilio-account.ts';
import type { Probe } from './webhook-probe.ts';

const ACCOUNT = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: '0'.repeat(32),
  TWILIO_PHONE_NUMBER: '+15551234567',
  OWNER_PHONE: '+14155550123',
};
const webhookUrl = 'https://companion.example/webhook/secret';

const twilioFacts: TwilioFacts = {
  account: { status: 'active', isTrial: false },
  clockAheadMs: 0,
  sender: { canText: true, smsUrl: webhookUrl },
  ownerVerified: null,
  recentErrors: {},
};

function facts(more: Partial<Facts> = {}, settings: Record<string, string> = {}): Facts {
  const config = parseConfig({
    DATA_DIR: '/data',
    PROJECTS_DIR: '/projects',
    PUBLIC_URL: 'https://companion.example',
    ...ACCOUNT,
    ...settings,
  });
  return {
    nodeVersion: '24.1.0',
    config,
    url: 'http://127.0.0.1:3001',
    dataDir: 'usable',
    projectsDir: 'usable',
    installation: { executable: { path: '/claude' }, model: { kind: 'direct', names: ['ANTHROPIC_API_KEY'] } },
    server: { state: 'running', version: '0.1.0' },
    database: null,
    carrier: {
      provider: 'twilio',
      sender: '+15551234567',
      publicUrl: 'https://companion.example',
      webhookUrl,
      ownerPhone: '+141***0123',
      ownerOptedOutAt: null,
      lastReceivedAt: null,
      lastSentAt: null,
      unknownSenders: [],
      failures: [],
    },
    twilio: {
      settings: {
        accountSid: ACCOUNT.TWILIO_ACCOUNT_SID,
        authToken: ACCOUNT.TWILIO_AUTH_TOKEN,
        sender: ACCOUNT.TWILIO_PHONE_NUMBER,
        apiUrl: undefined,
        ownerPhone: ACCOUNT.OWNER_PHONE,
      },
      answer: { facts: twilioFacts },
    },
    webhook: { reached: 'this server' },
    ...more,
  };
}

const examine = (given: Facts): Finding[] =>
  [...BASICS, ...PHONE].map((rule) => rule(given)).filter((finding) => finding !== null);
const find = (given: Facts, id: string): Finding | undefined => examine(given).find((each) => each.id === id);
const withTwilio = (change: Partial<TwilioFacts>): Facts => {
  const whole = facts();
  return {
    ...whole,
    twilio: whole.twilio && { ...whole.twilio, answer: { facts: { ...twilioFacts, ...change } } },
  };
};

test('with nothing wrong there is no problem and no note', () => {
  expect(examine(facts()).filter(({ status }) => status !== 'ok')).toEqual([]);
});

test('every problem says what to do next', () => {
  const worst = facts(
    {
      nodeVersion: '20.1.0',
      dataDir: 'not writable',
      projectsDir: 'missing',
      installation: { executable: { problem: 'There is none.' }, model: { kind: 'demo', names: [] } },
      server: { state: 'stopped', portFault: 'EADDRINUSE' },
      database: { state: 'problem', reason: 'broken' },
    },
    {},
  );
  const problems = examine(worst).filter(({ status }) => status === 'problem');
  expect(problems.map(({ id }) => id)).toEqual(['node', 'data', 'projects', 'claude', 'database', 'server']);
  for (const { next } of problems) expect(next).toMatch(/\w{4,}.*\./);
});

describe('what PUBLIC_URL leads to', () => {
  const cases: [Probe, RegExp][] = [
    [{ reached: 'something else', status: 404 }, /something else answers \(status 404\)/],
    [{ reached: 'wrong signature' }, /refuses signatures/],
    [{ reached: 'unknown host' }, /does not know the name/],
    [{ reached: 'nothing', reason: 'ENOTFOUND' }, /nothing answers.*ENOTFOUND/],
  ];
  test.each(cases)('%j', (webhook, says) => {
    expect(find(facts({ webhook }), 'webhook')).toMatchObject({ status: 'problem', says: expect.stringMatching(says) });
  });
});

test('a clock that is off is told in seconds and direction', () => {
  expect(find(withTwilio({ clockAheadMs: 90_000 }), 'clock')?.says).toMatch(/90 s behind/);
  expect(find(withTwilio({ clockAheadMs: -90_000 }), 'clock')?.says).toMatch(/90 s ahead of/);
  expect(find(withTwilio({ clockAheadMs: 59_000 }), 'clock')).toBeUndefined();
  expect(find(withTwilio({ clockAheadMs: null }), 'clock')).toBeUndefined();
});

test('connection settings behind the address in the console do not make it another one', () => {
  expect(find(withTwilio({ sender: { canText: true, smsUrl: `${webhookUrl}#rc=3` } }), 'webhook-url')?.status).toBe(
    'ok',
  );
});

test('the number of the simulated phone is none', () => {
  const { carrier } = facts();
  const known = facts({ carrier: carrier && { ...carrier, ownerPhone: '+120***0143' } });
  const { OWNER_PHONE: _none, ...config } = known.config;
  expect(find({ ...known, config: config as Facts['config'] }, 'owner-phone')?.status).toBe('problem');
});

test('the verdict names the first thing that stops a text', () => {
  expect(verdict(examine(withTwilio({ account: { status: 'suspended', isTrial: false } })))).toMatch(/suspended/);
  expect(verdict(examine(facts()))).toMatch(/^A text would reach you now/);
  const simulated = facts({ twilio: null, webhook: null, carrier: null });
  expect(verdict(examine(simulated))).toMatch(/simulated phone only/);
});

/** The main job through Twilio: the real server, the real Claude Code, the emulator, whose signatures Twilio's own code makes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { SessionEvent } from '@claude-companion/protocol';
import twilio from 'twilio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { type CarrierWorld, OWN_NUMBER, OWNER_PHONE, openCarrierWorld } from '../world/carrier.ts';
import { eventually } from '../world/server.ts';
import { postSigned } from '../world/twilio/carrier-posts.ts';
import type { TwilioMessage } from '../world/twilio/message-resource.ts';

let talk: CarrierWorld;
beforeAll(async () => {
  talk = await openCarrierWorld({ settings: { FOLD_SECONDS: '0' } });
});
afterAll(() => talk[Symbol.asyncDispose]());

const inProject = (name: string): string => join(talk.world.project, name);
const write = (path: string) => ({ tool: 'Write', input: { file_path: path, content: 'hello\n' } });
const codeIn = (body: string | undefined): string => /\bOK ([0-9A-Z]{4})\b/.exec(body ?? '')?.[1] ?? '';

async function start(...steps: Parameters<typeof scripted>[0]): Promise<string> {
  const { session_id } = await talk.world.client.startSession({ project: 'my-app', message: scripted(steps) });
  return session_id;
}

async function untilTurnEnds(sessionId: string): Promise<SessionEvent[]> {
  const events: SessionEvent[] = [];
  for await (const item of talk.world.client.followSession(sessionId)) {
    if (item.kind !== 'event') continue;
    events.push(item.event);
    if (item.event.kind === 'turn.ended') return events;
  }
  throw new Error('the stream ended early');
}

/** The owner's texts with these words, from the n-th text on. */
const textsWith = (words: RegExp, from = 0): TwilioMessage[] =>
  talk.carrier
    .sentTo(OWNER_PHONE)
    .slice(from)
    .filter(({ body }) => words.test(body));
const textWith = (words: RegExp, from = 0): Promise<TwilioMessage> => eventually(async () => textsWith(words, from)[0]);
const textsSoFar = (): number => talk.carrier.sentTo(OWNER_PHONE).length;
const arriving = (fields: object = {}): Record<string, string> => ({
  MessageSid: `SM${crypto.randomUUID().replaceAll('-', '')}`,
  From: OWNER_PHONE,
  To: OWN_NUMBER,
  Body: 'STATUS',
  NumMedia: '0',
  ...fields,
});
const post = (url: string, params: Record<string, string>, headers: Record<string, string>): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(params),
  });
const signed = (url: string, params: Record<string, string>): Record<string, string> => ({
  'x-twilio-signature': twilio.getExpectedTwilioSignature(talk.carrier.authToken, url, params),
});

describe('an ask goes out through Twilio and its answer comes back into the agent', () => {
  verifies(
    ['sms-plugin/env-twilio'],
    'one request, one signed reply, the agent goes on, exactly one text says so',
    async () => {
      const sessionId = await start(write(inProject('by-text.md')), { text: 'Written.' });
      const ask = await textWith(/OK .{4}/);
      expect(ask).toMatchObject({ from: OWN_NUMBER, to: OWNER_PHONE, direction: 'outbound-api' });
      expect(ask.body).toMatch(/^\[my-app\].*by-text\.md/);
      expect(existsSync(inProject('by-text.md'))).toBe(false);
      const answers = await talk.text(`OK ${codeIn(ask.body)}`, { copies: 3 });
      expect(answers.map((answer) => answer?.status)).toEqual([200, 200, 200]);
      const events = await untilTurnEnds(sessionId);
      expect(existsSync(inProject('by-text.md'))).toBe(true);
      await textWith(/^Applied: /);
      await talk.text('STATUS');
      await textWith(/waiting/);
      expect(textsWith(/^Applied: /)).toHaveLength(1);
      expect(textsWith(/OK .{4}/)).toHaveLength(1);
      const states = events.flatMap((event) => (event.kind === 'delivery.updated' ? [event.data.state] : []));
      expect(states.at(-1)).toBe('delivered');
    },
  );

  test('Twilio is told how long the text is of use, and where to report with a signed id', async () => {
    const response = await talk.world.request('/sessions', {
      method: 'POST',
      body: JSON.stringify({
        project: 'my-app',
        permission_timeout_s: 120,
        message: scripted([write(inProject('short.md')), { text: 'ok' }]),
      }),
    });
    expect(response.status).toBeLessThan(300);
    const ask = await textWith(/short\.md/);
    expect(ask.validityPeriod).toBeLessThanOrEqual(120);
    expect(ask.validityPeriod).toBeGreaterThan(60);
    expect(ask.statusCallback).toMatch(new RegExp(`^${talk.webhookUrl}/status\\?d=[0-9a-f-]{36}$`));
    await talk.text(`NO ${codeIn(ask.body)}`);
    await textWith(/short\.md.* does not run/);
  });
});

describe('the webhook', () => {
  test('answers with an empty reply in TwiML', async () => {
    const [answer] = await talk.text('STATUS');
    expect(answer?.headers.get('content-type')).toBe('text/xml');
    expect(await answer?.text()).toBe('<?xml version="1.0" encoding="UTF-8"?><Response/>');
  });

  test('refuses another path, another signature, a forwarded host, and acts on none of them', async () => {
    const before = textsSoFar();
    const params = arriving();
    const { origin } = new URL(talk.webhookUrl);
    const wrongPath = `${origin}/webhook/${'x'.repeat(43)}`;
    expect((await post(wrongPath, params, signed(wrongPath, params))).status).toBe(404);
    expect((await post(talk.webhookUrl, params, {})).status).toBe(401);
    expect((await post(talk.webhookUrl, { ...params, Body: 'ASKS' }, signed(talk.webhookUrl, params))).status).toBe(
      401,
    );
    const elsewhere = talk.webhookUrl.replace(origin, 'https://evil.example');
    const forwarded = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
    expect((await post(talk.webhookUrl, params, { ...signed(elsewhere, params), ...forwarded })).status).toBe(401);
    expect((await post(talk.webhookUrl, params, signed(talk.webhookUrl, params))).status).toBe(200);
    await textWith(/waiting/, before);
    expect(textsWith(/waiting/, before)).toHaveLength(1);
  });

  test('a copy that comes after a restart does nothing', async () => {
    const before = textsSoFar();
    const messageSid = 'SM00000000000000000000000000000001';
    await talk.text('STATUS', { messageSid });
    await textWith(/waiting/, before);
    await talk.world.restart();
    const [answer] = await talk.text('STATUS', { messageSid });
    expect(answer?.status).toBe(200);
    await talk.text('STATUS');
    await eventually(async () => textsWith(/waiting/, before).length >= 2);
    await talk.text('STATUS');
    await eventually(async () => textsWith(/waiting/, before).length >= 3);
    expect(textsWith(/waiting/, before)).toHaveLength(3);
  });

  test('a stranger gets no reply and is counted, masked; no number is ever logged', async () => {
    await talk.carrier.arrive({ from: '+14155550177', to: OWN_NUMBER, body: 'OK 7K3F' });
    const [stranger] = await eventually(async () => {
      const { unknownSenders } = await talk.state();
      return unknownSenders.length > 0 && unknownSenders;
    });
    expect(stranger).toMatchObject({ phone: '+141***0177', texts: 1 });
    const before = textsSoFar();
    await talk.text('STATUS');
    await textWith(/waiting/, before);
    expect(talk.carrier.sentTo('+14155550177')).toEqual([]);
    expect(talk.world.logs.join('\n')).not.toMatch(/5550177|5550123/);
  });

  test('its path can be changed; the old one works for the time of transition', async () => {
    const old = talk.webhookUrl;
    const rotate = async (transitionSeconds: number): Promise<string> => {
      const response = await talk.world.request('/api/webhook/rotate', {
        method: 'POST',
        body: JSON.stringify({ transitionSeconds }),
      });
      return ((await response.json()) as { webhookUrl: string }).webhookUrl;
    };
    const second = await rotate(3_600);
    expect(second).not.toBe(old);
    for (const url of [old, second]) expect((await postSigned(signedPost(url)))?.status).toBe(200);
    const third = await rotate(0);
    expect((await postSigned(signedPost(second)))?.status).toBe(404);
    expect((await postSigned(signedPost(third)))?.status).toBe(200);
    expect((await talk.state()).webhookUrl).toBe(third);
    talk.webhookUrl = third;
    talk.carrier.webhookUrl = third;
    await talk.world.restart();
    expect((await talk.state()).webhookUrl).toBe(third);
    expect((await fetch(`${talk.world.server.url}/api/carrier`)).status).toBe(401);
  });

  const signedPost = (url: string) => ({ url, params: arriving(), authToken: talk.carrier.authToken });
});

describe('STOP and START', () => {
  test('after STOP nothing is sent, the ask stays open elsewhere; after START texts come again', async () => {
    await talk.text('STOP');
    await eventually(async () => (await talk.state()).ownerOptedOutAt !== null);
    const requests = talk.carrier.sendRequests;
    const sessionId = await start(write(inProject('stopped.md')), { text: 'ok' });
    const [ask] = await eventually(async () => {
      const open = await talk.world.client.listAsks({ sessionId });
      return open.length > 0 && open;
    });
    await talk.world.client.answerAsk(ask?.id ?? '', { decision: 'allow', applySuggestions: false });
    await untilTurnEnds(sessionId);
    expect(talk.carrier.sendRequests).toBe(requests);
    await talk.text('START');
    await eventually(async () => (await talk.state()).ownerOptedOutAt === null);
    const before = textsSoFar();
    await talk.text('STATUS');
    await textWith(/waiting/, before);
  });
});

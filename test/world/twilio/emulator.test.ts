/** The emulator is judged by Twilio's own client and validator. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import twilio from 'twilio';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TwilioEmulator } from './emulator.ts';
import { randomFaults, scriptedFaults, seededRandom, wildCallbacks } from './faults.ts';

const FROM = '+15551234567';
const TO = '+15559876543';

let carrier: TwilioEmulator;

beforeEach(async () => {
  carrier = await new TwilioEmulator().listen();
});

afterEach(() => carrier[Symbol.asyncDispose]());

/** Twilio's client, its requests led to the emulator. */
function client(authToken = carrier.authToken): ReturnType<typeof twilio> {
  const led = new twilio.RequestClient();
  const request = led.request.bind(led);
  led.request = (options) =>
    request({ ...options, uri: options.uri.replace('https://api.twilio.com', carrier.baseUrl) });
  return twilio(carrier.accountSid, authToken, { httpClient: led });
}

interface Receiver extends AsyncDisposable {
  url: string;
  posts: { path: string; params: Record<string, string>; valid: boolean }[];
}

/** Takes posts and has Twilio's validator judge their signatures. */
async function receiver(statuses: number[] = []): Promise<Receiver> {
  const posts: Receiver['posts'] = [];
  const server = createServer(async (request, response) => {
    const params = Object.fromEntries(new URLSearchParams(await text(request)));
    const signature = String(request.headers['x-twilio-signature']);
    posts.push({
      path: request.url ?? '',
      params,
      valid: twilio.validateRequest(carrier.authToken, signature, url + request.url, params),
    });
    response.writeHead(statuses.shift() ?? 204);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url, posts, [Symbol.asyncDispose]: close };
}

describe("Twilio's own client", () => {
  test('sends a text, fetches it and reads the account', async () => {
    const message = await client().messages.create({ to: TO, from: FROM, body: 'Ahoj €', validityPeriod: 300 });
    expect(message).toMatchObject({
      to: TO,
      from: FROM,
      body: 'Ahoj €',
      status: 'queued',
      numSegments: '1',
      direction: 'outbound-api',
    });
    expect(message.sid).toMatch(/^SM[0-9a-f]{32}$/);
    expect(message.dateCreated).toBeInstanceOf(Date);
    expect(await client().messages(message.sid).fetch()).toMatchObject({ sid: message.sid, status: 'delivered' });
    expect(await client().api.v2010.accounts(carrier.accountSid).fetch()).toMatchObject({ status: 'active' });
  });

  test('lists texts by recipient and date, page by page, newest first', async () => {
    for (let count = 0; count < 7; count += 1) await client().messages.create({ to: TO, from: FROM, body: `${count}` });
    await client().messages.create({ to: '+15550001111', from: FROM, body: 'other' });
    const bodies = async (options: object): Promise<string[]> =>
      (await client().messages.list({ to: TO, ...options })).map(({ body }) => body);
    expect(await bodies({ pageSize: 3 })).toEqual(['6', '5', '4', '3', '2', '1', '0']);
    expect(await bodies({ limit: 2 })).toEqual(['6', '5']);
    const [past, future] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
    expect(await bodies({ dateSentAfter: past, dateSentBefore: future })).toHaveLength(7);
    expect(await bodies({ dateSentAfter: future })).toEqual([]);
  });

  test.each([
    [{ to: '+15005550001' }, 21211],
    [{ to: '+15005550003' }, 21408],
    [{ to: '+15005550004' }, 21610],
    [{ to: '+15005550009' }, 21614],
    [{ from: '+15005550007' }, 21606],
    [{ from: '+15005550008' }, 21611],
    [{ body: 'x'.repeat(1_601) }, 21617],
    [{ body: '' }, 21602],
    [{ validityPeriod: 40_000 }, 90007],
  ])('is refused %j with %i', async (more, code) => {
    await expect(client().messages.create({ to: TO, from: FROM, body: 'Hi', ...more })).rejects.toMatchObject({ code });
    expect(carrier.messages).toEqual([]);
  });

  test('is refused with wrong credentials', async () => {
    await expect(client('wrong').messages.create({ to: TO, from: FROM, body: 'Hi' })).rejects.toMatchObject({
      status: 401,
      code: 20003,
    });
  });
});

test('callbacks are signed and say how the text ended', async () => {
  await using status = await receiver();
  await client().messages.create({ to: TO, from: FROM, body: 'Hi', statusCallback: `${status.url}/s?id=7` });
  await client().messages.create({ to: '+15005530003', from: FROM, body: 'Hi', statusCallback: `${status.url}/s` });
  await carrier.settled();
  expect(status.posts.every(({ valid }) => valid)).toBe(true);
  expect(status.posts.map(({ path, params }) => [path, params.MessageStatus, params.ErrorCode])).toEqual(
    expect.arrayContaining([
      ['/s?id=7', 'sent', undefined],
      ['/s?id=7', 'delivered', undefined],
      ['/s', 'sent', undefined],
      ['/s', 'undelivered', '30003'],
    ]),
  );
  expect(status.posts).toHaveLength(4);
});

test('wild callbacks come more than once and in any order, the same for the same seed', async () => {
  const orders: string[][] = [];
  for (const seed of [1, 1, 2]) {
    await using status = await receiver();
    carrier.callbacks = wildCallbacks(seededRandom(seed));
    await client().messages.create({ to: TO, from: FROM, body: 'Hi', statusCallback: status.url });
    await carrier.settled();
    orders.push(status.posts.map(({ params }) => String(params.MessageStatus)));
  }
  expect(orders[0]).toEqual(orders[1]);
  expect(orders[0]).not.toEqual(orders[2]);
});

test('a callback may come before the answer', async () => {
  await using status = await receiver();
  carrier.callbacks = { copies: () => 1, order: (callbacks) => [...callbacks], beforeResponse: true };
  const sending = client().messages.create({ to: TO, from: FROM, body: 'Hi', statusCallback: status.url });
  const seen = sending.then(() => status.posts.length);
  expect(await seen).toBe(2);
});

test('a text that arrives is posted signed, in copies, and again while it is not taken', async () => {
  await using webhook = await receiver([503, 500]);
  carrier.webhookUrl = `${webhook.url}/webhook/token`;
  const [answer] = await carrier.arrive({ from: TO, to: FROM, body: 'OK 7K3F' });
  expect(answer?.status).toBe(204);
  expect(webhook.posts).toHaveLength(3);
  expect(new Set(webhook.posts.map(({ params }) => params.MessageSid)).size).toBe(1);
  expect(webhook.posts.every(({ valid }) => valid)).toBe(true);
  expect(webhook.posts[0]?.params).toMatchObject({ From: TO, To: FROM, Body: 'OK 7K3F', NumMedia: '0' });
  expect(await carrier.arrive({ from: TO, to: FROM, body: 'Hi', copies: 4 })).toHaveLength(4);
});

test('STOP stops, START starts again', async () => {
  await using webhook = await receiver();
  carrier.webhookUrl = webhook.url;
  await carrier.arrive({ from: TO, to: FROM, body: 'Stop' });
  await expect(client().messages.create({ to: TO, from: FROM, body: 'Hi' })).rejects.toMatchObject({ code: 21610 });
  await carrier.arrive({ from: TO, to: FROM, body: 'start' });
  expect(await client().messages.create({ to: TO, from: FROM, body: 'Hi' })).toMatchObject({ to: TO });
});

test('faults hit as many requests as they are said to, and take the text or not', async () => {
  carrier.faults = scriptedFaults('error_before', 'error_after', 'none');
  const send = () => client().messages.create({ to: TO, from: FROM, body: 'Hi' });
  await expect(send()).rejects.toMatchObject({ status: 503 });
  expect(carrier.messages).toHaveLength(0);
  await expect(send()).rejects.toMatchObject({ status: 500 });
  expect(carrier.messages).toHaveLength(1);
  await send();
  const plan = randomFaults({ slow: 0.5, reset_after: 0.25 }, seededRandom(7));
  const drawn = Array.from({ length: 1_000 }, plan);
  expect(new Set(drawn)).toEqual(new Set(['slow', 'reset_after', 'none']));
  expect(drawn.filter((fault) => fault === 'slow').length).toBeGreaterThan(400);
});

import type * as net from 'node:net';
import {
  batchDedupeCheck,
  type DedupeStore,
  type InboundMessage,
  MemoryDedupeStore,
  MemoryOptOutList,
  MockSmsProvider,
  PostgresDedupeStore,
  PostgresInbox,
  RedisConnection,
  RedisSmsAdapter,
  SmsAdapter,
} from '@claude-companion/sms';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { verifies } from '../verifies.ts';
import { closeDatabase, DEDUPE_STORES, database } from './dedupe-stores.ts';
import { openRedisStandIn, type RedisStandIn } from './redis-stand-in.ts';
import { arrivingForm, inbound, keptLogs, movableClock } from './texts.ts';

const redirect: { port: number | undefined; asked: unknown[] } = { port: undefined, asked: [] };

vi.mock('node:net', async (importOriginal) => {
  const original = await importOriginal<typeof net>();
  const connect = (options: net.TcpNetConnectOpts): net.Socket => {
    redirect.asked.push(options);
    return original.connect(
      redirect.port === undefined ? options : { ...options, host: '127.0.0.1', port: redirect.port },
    );
  };
  return { ...original, connect };
});

const claimed = async (store: DedupeStore, id: string) => {
  const claim = await store.claim(id);
  if (typeof claim === 'string') throw new Error(`The claim is ${claim}.`);
  return claim;
};

afterAll(closeDatabase);

describe.each(DEDUPE_STORES)('dedupe in %s', (_, open) => {
  test('a mark is seen by everybody, until it ends', async () => {
    await using opened = await open();
    const [one, other] = opened.stores;
    expect(await one.markMany(['a', 'b', 'a'])).toEqual([true, true, false]);
    expect(await other.markMany(['c', 'b', 'a'])).toEqual([true, false, false]);
    expect(await other.markMany([])).toEqual([]);
    // So many that the clock moves on among them.
    const twice = Array.from({ length: 2_000 }, (_, index) => `t${index % 1_000}`);
    expect((await one.markMany(twice)).filter(Boolean)).toHaveLength(1_000);
    await one.unmark('b');
    expect(await other.markMany(['b'])).toEqual([true]);
    // Real time passes as well.
    await opened.advance(3_500);
    expect(await one.markMany(['a'])).toEqual([false]);
    await opened.advance(200);
    expect(await one.markMany(['a'])).toEqual([true]);
  });

  test('of two that mark or claim an id at the same moment exactly one gets it', async () => {
    await using opened = await open();
    const [one, other] = opened.stores;
    for (let round = 0; round < 20; round += 1) {
      const marks = await Promise.all([one, other, one, other].map((store) => store.markMany([`m${round}`])));
      expect(marks.flat().filter(Boolean)).toHaveLength(1);
      const claims = await Promise.all([one, other, one, other].map((store) => store.claim(`c${round}`)));
      expect(claims.filter((claim) => claim === 'busy')).toHaveLength(3);
    }
  });

  test('a claim is busy, then done; released it is free; forgotten it ends', async () => {
    await using opened = await open();
    const [one, other] = opened.stores;
    const released = await claimed(one, 'x');
    expect(await other.claim('x')).toBe('busy');
    expect(await other.markMany(['x'])).toEqual([false]);
    await released.release();
    await (await claimed(other, 'x')).complete();
    expect(await one.claim('x')).toBe('done');
    expect(await one.markMany(['x'])).toEqual([false]);
    await claimed(one, 'died');
    await opened.advance(31);
    await claimed(other, 'died');
  });
});

verifies(
  ['sms-channel/dedupe-message-sid'],
  'a second webhook with the same MessageSid is nothing, also without Redis',
  async () => {
    const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider() });
    const form = arrivingForm();
    expect(await adapter.parseInboundWebhook(form)).toMatchObject({ messageSid: form.MessageSid });
    expect(await adapter.parseInboundWebhook(form)).toBeNull();
    expect(await adapter.parseInboundWebhook(arrivingForm())).not.toBeNull();
  },
);

verifies(
  ['sms-channel/dedupe-concurrent'],
  'copies at the same moment are processed once, with both ways to take a webhook',
  async () => {
    const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider() });
    const form = arrivingForm();
    const parsed = await Promise.all(Array.from({ length: 20 }, () => adapter.parseInboundWebhook(form)));
    expect(parsed.filter(Boolean)).toHaveLength(1);
    const [next, handled] = [arrivingForm(), [] as InboundMessage[]];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => adapter.receive(next, async (message) => void handled.push(message))),
    );
    expect(handled).toHaveLength(1);
    expect(outcomes.toSorted()).toEqual([...Array(19).fill('duplicate'), 'handled']);
  },
);

verifies(['sms-channel/webhook-parse'], 'a webhook becomes a message, or nothing', async () => {
  const adapter = new SmsAdapter({ channelId: 'sms_app_001', provider: new MockSmsProvider() });
  const parse = (form: Record<string, string>) =>
    adapter.parseInboundWebhook(arrivingForm({ MessageSid: 'SM_p', ...form }));
  for (const From of ['', 'COMPANY', '12345', '5559876543', 'whatsapp:+15559876543'])
    expect(await parse({ From })).toBeNull();
  for (const MessageSid of ['', 'a b', 'x'.repeat(200)]) expect(await parse({ MessageSid })).toBeNull();
  expect(await adapter.parseInboundWebhook({ MessageSid: 'SM_p', From: '+15559876543' })).toBeNull();
  expect(await adapter.parseInboundWebhook({ ...arrivingForm(), From: ['+15559876543', '+15550001111'] })).toBeNull();
  expect(await parse({ Body: ' Hi ', NumMedia: '2' })).toEqual({
    channelId: 'sms_app_001',
    userKey: '+15559876543',
    conversationKey: '+15559876543',
    type: 'text',
    text: ' Hi ',
    messageSid: 'SM_p',
    to: '+15551234567',
    numMedia: 2,
  });
});

verifies(
  ['sms-channel/batch-dedupe', 'sms-channel/batch-dedupe-marks'],
  'a batch is split into new ids and duplicates, in order, and marked',
  async () => {
    const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider() });
    expect(await batchDedupeCheck(adapter, ['c', 'a', 'b', 'a'])).toEqual({
      newSids: ['c', 'a', 'b'],
      duplicates: ['a'],
    });
    expect(await batchDedupeCheck(adapter, ['d', 'b', 'c'])).toEqual({ newSids: ['d'], duplicates: ['b', 'c'] });
    expect(await adapter.parseInboundWebhook(arrivingForm({ MessageSid: 'd' }))).toBeNull();
  },
);

test('a text whose carrier word could not be kept is not marked: its copy is read', async () => {
  const optOuts = new MemoryOptOutList();
  const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider(), optOuts });
  const form = arrivingForm({ Body: 'STOP' });
  optOuts.optOut = () => {
    throw new Error('down');
  };
  await expect(adapter.parseInboundWebhook(form)).rejects.toThrow('down');
  Reflect.deleteProperty(optOuts, 'optOut');
  expect(await adapter.parseInboundWebhook(form)).toMatchObject({ keyword: 'opt_out' });
  expect(optOuts.isOptedOut(form.From ?? '')).toBe(true);
});

test('a dedupe store that fails after the text was handled does not have it handled again', async () => {
  const dedupe = new MemoryDedupeStore();
  const claim = dedupe.claim.bind(dedupe);
  dedupe.claim = async (id) => {
    const claimed = await claim(id);
    return typeof claimed === 'string' ? claimed : { ...claimed, complete: () => Promise.reject(new Error('down')) };
  };
  const logger = keptLogs();
  const adapter = new SmsAdapter({ channelId: 'c', provider: new MockSmsProvider(), dedupe, logger });
  expect(await adapter.receive(arrivingForm(), async () => {})).toBe('handled');
  expect(logger.lines).toEqual(['error The dedupe store failed: down']);
});

test('the memory of ids is bounded: the oldest are forgotten', async () => {
  const store = new MemoryDedupeStore({ limit: 2, clock: movableClock() });
  await store.markMany(['a', 'b', 'c']);
  expect(await store.markMany(['c', 'b', 'a'])).toEqual([false, false, true]);
});

describe('RedisSmsAdapter', () => {
  let redis: RedisStandIn;
  const connections: RedisConnection[] = [];

  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close();
    redirect.port = undefined;
    redirect.asked = [];
    await redis[Symbol.asyncDispose]();
  });

  async function adapters(more: { dedupeTtl?: number } = {}): Promise<[RedisSmsAdapter, RedisSmsAdapter]> {
    redis = await openRedisStandIn();
    const make = (): RedisSmsAdapter => {
      const redisClient = new RedisConnection({ host: '127.0.0.1', port: redis.port });
      connections.push(redisClient);
      return new RedisSmsAdapter({ channelId: 'c', provider: new MockSmsProvider(), redisClient, ...more });
    };
    return [make(), make()];
  }

  verifies(['sms-channel/redis-dedupe'], 'marks a text by one SET … NX EX 3600', async () => {
    const [adapter] = await adapters();
    expect(await adapter.parseInboundWebhook(arrivingForm({ MessageSid: 'SM1' }))).not.toBeNull();
    expect(redis.commands).toEqual([['SET', 'sms:dedupe:SM1', '1', 'NX', 'EX', '3600']]);
  });

  verifies(['sms-channel/redis-dedupe-duplicate'], 'a text marked by another process is nothing', async () => {
    const [one, other] = await adapters();
    const form = arrivingForm();
    expect(await one.parseInboundWebhook(form)).not.toBeNull();
    expect(await one.parseInboundWebhook(form)).toBeNull();
    expect(await other.parseInboundWebhook(form)).toBeNull();
  });

  verifies(
    ['sms-channel/redis-dedupe-race'],
    'of two processes that get a text at the same moment exactly one processes it',
    async () => {
      const [one, other] = await adapters();
      for (let round = 0; round < 50; round += 1) {
        const form = arrivingForm();
        const parsed = await Promise.all([one, other].map((adapter) => adapter.parseInboundWebhook(form)));
        expect(parsed.filter(Boolean)).toHaveLength(1);
      }
    },
  );

  verifies(['sms-channel/redis-dedupe-ttl'], 'the mark ends after an hour, or after dedupeTtl', async () => {
    const [hourly] = await adapters();
    const form = arrivingForm();
    await hourly.parseInboundWebhook(form);
    redis.advance(3_599);
    expect(await hourly.parseInboundWebhook(form)).toBeNull();
    redis.advance(1);
    expect(await hourly.parseInboundWebhook(form)).not.toBeNull();
    await redis[Symbol.asyncDispose]();
    const [brief] = await adapters({ dedupeTtl: 5 });
    await brief.parseInboundWebhook(form);
    expect(redis.commands.at(-1)).toEqual(['SET', `sms:dedupe:${form.MessageSid}`, '1', 'NX', 'EX', '5']);
  });

  verifies(['sms-channel/redis-dedupe-no-sid'], 'a webhook without MessageSid writes nothing', async () => {
    const [adapter] = await adapters();
    expect(await adapter.parseInboundWebhook({ From: '+15559876543', Body: 'Hi' })).toBeNull();
    expect(await adapter.parseInboundWebhook(arrivingForm({ MessageSid: '' }))).toBeNull();
    expect(redis.commands).toEqual([]);
  });

  verifies(['sms-channel/redis-default-client'], 'without a client it uses localhost:6379, database 0', async () => {
    redis = await openRedisStandIn();
    redirect.port = redis.port;
    const adapter = new RedisSmsAdapter({ channelId: 'c', provider: new MockSmsProvider() });
    expect(await adapter.parseInboundWebhook(arrivingForm({ MessageSid: 'SM_default' }))).not.toBeNull();
    expect(redirect.asked).toMatchObject([{ host: 'localhost', port: 6379 }]);
    expect(redis.commands.map(([command]) => command)).toEqual(['SET']);
  });

  test('another database is selected; a broken connection fails what waits and is made anew', async () => {
    redis = await openRedisStandIn();
    const connection = new RedisConnection({ host: '127.0.0.1', port: redis.port, database: 3 });
    connections.push(connection);
    expect(await connection.sendCommand(['SET', 'k', 'žluť', 'EX', '60'])).toBe('OK');
    redis.breakConnections();
    await vi.waitFor(async () => expect(await connection.sendCommand(['GET', 'k'])).toBe('žluť'));
    expect(redis.commands[0]).toEqual(['SELECT', '3']);
    await expect(connection.sendCommand(['NONSENSE'])).rejects.toThrow("Redis: ERR unknown command 'NONSENSE'");
  });
});

describe('PostgreSQL', () => {
  test('keeps texts in the inbox until they are processed, and knows them after', async () => {
    const client = await database();
    const inbox = new PostgresInbox({ client });
    await inbox.createTable();
    const [one, two] = [inbound({ text: 'one' }), inbound({ text: 'two' })];
    expect([await inbox.save(one), await inbox.save(two), await inbox.save(one)]).toEqual([true, true, false]);
    expect(await inbox.pending()).toEqual([one, two]);
    await inbox.done(one.messageSid);
    expect(await inbox.pending()).toEqual([two]);
    expect(await inbox.save(one)).toBe(false);
  });

  test('deletes marks that have ended', async () => {
    const client = await database();
    const store = new PostgresDedupeStore({ client, ttlSeconds: -1 });
    await store.createTable();
    await store.markMany(['a', 'b']);
    await store.prune();
    expect((await client.query('select * from sms_dedupe')).rows).toEqual([]);
  });
});

/** A text is in the inbox, in the hands of this process, or both; it is processed once all the same. */
import { type Inbox, MemoryInbox } from '@claude-companion/sms';
import { expect, test } from 'vitest';
import { inbound, signedRequest } from './texts.ts';
import { build } from './webhook-fixture.ts';

test('a text that is processed while the inbox is read is not processed again', async () => {
  const inbox = new MemoryInbox();
  const read = Promise.withResolvers<void>();
  const slow: Inbox = {
    save: (message) => inbox.save(message),
    done: (messageSid) => inbox.done(messageSid),
    pending: async () => {
      const found = await inbox.pending();
      await read.promise;
      return found;
    },
  };
  const { handler, texts } = build({ inbox: slow });
  await handler(signedRequest());
  const resumed = handler.resume();
  await handler.idle();
  read.resolve();
  expect(await resumed).toBe(0);
  expect(texts).toHaveLength(1);
});

test('two that read the inbox at once process each text once', async () => {
  const inbox = new MemoryInbox();
  for (const messageSid of ['SM1', 'SM2', 'SM3']) await inbox.save(inbound({ messageSid }));
  const begun: string[] = [];
  const others = Promise.withResolvers<void>();
  const { handler } = build({
    inbox,
    // The first one is not through before the others are.
    process: async ({ messageSid }) => {
      begun.push(messageSid);
      if (messageSid === 'SM1') await others.promise;
      if (messageSid === 'SM3') others.resolve();
    },
  });
  const counts = await Promise.all([handler.resume(), handler.resume()]);
  expect(begun.sort()).toEqual(['SM1', 'SM2', 'SM3']);
  expect(counts[0] + counts[1]).toBe(3);
});

test('a text whose keeping failed is free for its next copy', async () => {
  const inbox = new MemoryInbox();
  const failures = [new Error('the store is down')];
  const failing: Inbox = {
    save: async (message) => {
      const failure = failures.pop();
      if (failure) throw failure;
      return inbox.save(message);
    },
    done: (messageSid) => inbox.done(messageSid),
    pending: () => inbox.pending(),
  };
  const { handler, texts } = build({ inbox: failing });
  expect((await handler(signedRequest())).status).toBe(503);
  expect((await handler(signedRequest())).status).toBe(200);
  await handler.idle();
  expect(texts).toHaveLength(1);
});

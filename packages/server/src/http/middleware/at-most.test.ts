import { expect, test } from 'vitest';
import { atMost } from './at-most.ts';

test('work beyond the limit is refused and not begun; what ends, well or not, makes room', async () => {
  const guarded = atMost(2);
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  const running = [guarded(() => first.promise), guarded(() => second.promise)];
  let begun = false;
  const third = guarded(async () => {
    begun = true;
  });
  await expect(third).rejects.toMatchObject({ code: 'RATE_LIMIT', status: 429 });
  expect(begun).toBe(false);
  first.resolve('done');
  second.reject(new Error('failed'));
  expect((await Promise.allSettled(running)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(await guarded(async () => 'room')).toBe('room');
});

import { expect, test } from 'vitest';
import { deviceName } from './device-name.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

test.each([
  ['build machine', FIREFOX, 'build machine'],
  [undefined, FIREFOX, 'Firefox on Linux'],
  [undefined, SAFARI, 'Safari on iOS'],
  [undefined, 'curl/8.5.0', 'curl'],
  [undefined, 'node', 'node'],
  [undefined, undefined, 'unnamed device'],
  ['  ', undefined, 'unnamed device'],
  ['a\u202Eb\nc\u0007', undefined, 'a b c'],
  ['x'.repeat(300), undefined, 'x'.repeat(100)],
])('%j by %j is %j', (given, userAgent, name) => {
  expect(deviceName(given, userAgent)).toBe(name);
});

import { describe, expect, test } from 'vitest';
import { allowedCallback, redirectTo, withScheme } from './callback-address.ts';

const RULES = {
  publicUrl: 'https://companion.example.com',
  callbackOrigins: new Set(['https://app.example.com', 'http://intranet:8080']),
};
const allowed = (text: string): string | null => allowedCallback(text, RULES)?.href ?? null;

describe('where a login may go back to', () => {
  test.each([
    ['http://127.0.0.1:49152/callback', 'http://127.0.0.1:49152/callback'],
    ['http://localhost:1/x?y=1', 'http://localhost:1/x?y=1'],
    ['http://[::1]:49152/', 'http://[::1]:49152/'],
    ['https://app.example.com/deep/path', 'https://app.example.com/deep/path'],
    ['http://intranet:8080/', 'http://intranet:8080/'],
    ['https://companion.example.com/asks', 'https://companion.example.com/asks'],
    // Another spelling of this machine; what is used is what was read.
    ['http://2130706433:5/', 'http://127.0.0.1:5/'],
    ['HTTP://LOCALHOST:5/', 'http://localhost:5/'],
  ])('%s', (text, href) => {
    expect(allowed(text)).toBe(href);
  });

  test.each([
    'http://evil.example/',
    'https://127.0.0.1:5/',
    'http://127.0.0.1:5@evil.example/',
    'http://user@127.0.0.1:5/',
    'http://user:pass@app.example.com/',
    'http://localhost.evil.example/',
    'http://127.0.0.1.evil.example/',
    'http://evil.example\\@127.0.0.1/',
    'https://app.example.com.evil.example/',
    'https://app.example.com:8443/',
    'http://app.example.com/',
    'http://intranet/',
    'http://127.0.0.1:5/#fragment',
    'http://0.0.0.0:5/',
    'http://192.168.1.5/',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'claude://callback',
    '//127.0.0.1/x',
    '/x',
    'localhost:5',
    '',
    'http://',
  ])('not %j', (text) => {
    expect(allowed(text)).toBeNull();
  });

  test('an odd scheme has the origin "null", which no list holds by accident', () => {
    expect(allowedCallback('claude://x', { publicUrl: 'data:x', callbackOrigins: new Set(['null']) })).toBeNull();
  });
});

test('temp_token and state take the place of what stood there', () => {
  const callback = allowedCallback('http://127.0.0.1:5/cb?temp_token=mine&keep=1', RULES);
  expect(callback).not.toBeNull();
  if (!callback) return;
  expect(redirectTo(callback, { tempToken: 't&t', state: 'a b' })).toBe(
    'http://127.0.0.1:5/cb?temp_token=t%26t&keep=1&state=a+b',
  );
  expect(redirectTo(callback, { tempToken: 't', state: null })).toBe('http://127.0.0.1:5/cb?temp_token=t&keep=1');
});

test.each([
  ['localhost:1234', 'http://localhost:1234'],
  ['localhost:1234/cb', 'http://localhost:1234/cb'],
  ['127.0.0.1:5', 'http://127.0.0.1:5'],
  ['localhost.evil.example:1', 'localhost.evil.example:1'],
  ['http://127.0.0.1:5', 'http://127.0.0.1:5'],
])('the drawing of the plugin: %s', (text, address) => {
  expect(withScheme(text)).toBe(address);
});

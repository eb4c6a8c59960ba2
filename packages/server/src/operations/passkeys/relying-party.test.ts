import { expect, it } from 'vitest';
import { relyingPartyOf, screensOrigin } from './relying-party.ts';

it.each([
  ['https://companion.example', { id: 'companion.example', origin: 'https://companion.example' }],
  ['https://companion.example:8443/x', { id: 'companion.example', origin: 'https://companion.example:8443' }],
  ['http://127.0.0.1:3001', { id: 'localhost', origin: 'http://localhost:3001' }],
  ['http://[::1]:3001', { id: 'localhost', origin: 'http://localhost:3001' }],
  ['http://0.0.0.0:3001', { id: 'localhost', origin: 'http://localhost:3001' }],
  ['http://localhost', { id: 'localhost', origin: 'http://localhost' }],
  ['http://companion.example', null],
  ['http://192.168.1.5:3001', null],
  ['https://192.168.1.5', null],
  ['https://[2001:db8::1]', null],
])('%s', (publicUrl, expected) => {
  expect(relyingPartyOf(publicUrl)).toEqual(expected);
  expect(screensOrigin(publicUrl)).toBe(expected?.origin ?? new URL(publicUrl).origin);
});

import type { FastifyReply, FastifyRequest } from 'fastify';
import { expect, it } from 'vitest';
import { clearSessionCookie, sessionCookie, setSessionCookie } from './cookies.ts';

const SECRET = 'x'.repeat(43);
const asked = (host: string, cookie?: string): FastifyRequest => ({ headers: { host, cookie } }) as FastifyRequest;
/** The cookie that an answer to a request at this host sets. */
function cookieAt(host: string, publicUrl: string): string {
  const set: string[] = [];
  const reply = { header: (_name: string, value: string) => set.push(value) } as unknown as FastifyReply;
  setSessionCookie({ request: asked(host), reply }, publicUrl, { secret: SECRET, expiresAt: '2026-03-01T12:00:00Z' });
  clearSessionCookie({ request: asked(host), reply }, publicUrl);
  expect(set[1]).toBe(set[0]?.replace(`${SECRET}; Expires=Sun, 01 Mar 2026 12:00:00 GMT`, '; Max-Age=0'));
  return set[0] ?? '';
}

const HTTPS = 'https://companion.example';

it('is bound to the host and sent over https only, where people come by https', () => {
  expect(cookieAt('companion.example', HTTPS)).toBe(
    `__Host-companion=${SECRET}; Expires=Sun, 01 Mar 2026 12:00:00 GMT; Path=/; HttpOnly; SameSite=Lax; Secure`,
  );
});

it('carries the port on the machine itself, with and without a public address', () => {
  for (const publicUrl of [HTTPS, 'http://127.0.0.1:3001']) {
    expect(cookieAt('localhost:3001', publicUrl)).toMatch(/^companion-3001=.*; Path=\/; HttpOnly; SameSite=Lax$/);
  }
});

it.each([
  ['the own one', 'companion.example', `a=b; __Host-companion=${SECRET}; c=d`, SECRET],
  ['none', 'companion.example', undefined, null],
  ['that of http, at the https address', 'companion.example', `companion-443=${SECRET}`, null],
  ['that of https, on the machine itself', 'localhost:3001', `__Host-companion=${SECRET}`, null],
  ['that of another port', 'localhost:3001', `companion-3002=${SECRET}`, null],
  ['two of one name', 'localhost:3001', `companion-3001=${SECRET}; companion-3001=${SECRET}`, null],
  ['too short', 'localhost:3001', 'companion-3001=x', null],
  ['other characters', 'localhost:3001', `companion-3001=${SECRET}"`, null],
] as const)('reads %s', (...[, host, cookie, expected]) => {
  expect(sessionCookie(asked(host, cookie), HTTPS)).toBe(expected);
});

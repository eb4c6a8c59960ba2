import { describe, expect, test } from 'vitest';
import { parseConfig } from '../config/config.ts';
import { onlyLoopback, signInPolicy } from './sign-in.ts';

const config = (more: Record<string, string>) => parseConfig({ DATA_DIR: '/d', PROJECTS_DIR: '/p', ...more });

describe('the settings of signing in', () => {
  test.each([
    [{}, true],
    [{ HOST: '::1' }, true],
    [{ PUBLIC_URL: 'http://localhost:3001' }, true],
    [{ HOST: '0.0.0.0' }, false],
    [{ HOST: '192.168.1.5' }, false],
    [{ PUBLIC_URL: 'https://companion.example.com' }, false],
    [{ PUBLIC_URL: 'https://companion.example.com', OPEN_SIGNUP: 'true' }, true],
    [{ OPEN_SIGNUP: 'false' }, false],
  ])('strangers may pair with %j: %s', (more, open) => {
    expect(signInPolicy(config(more as unknown as Record<string, string>)).openSignup).toBe(open);
  });

  test('lists', () => {
    const policy = signInPolicy(
      config({
        ALLOWED_PHONES: '+14155551234, +4915123456789',
        ALLOWED_COUNTRIES: 'US,DE',
        CALLBACK_ORIGINS: 'https://app.example.com',
        ACCESS_TOKEN_TTL: '129600',
      }),
    );
    expect([...policy.allowedPhones]).toEqual(['+14155551234', '+4915123456789']);
    expect([...(policy.allowedCountries ?? [])]).toEqual(['US', 'DE']);
    expect([...policy.callbackOrigins]).toEqual(['https://app.example.com']);
    expect(policy.accessTokenTtlS).toBe(129_600);
  });

  test.each([
    { ALLOWED_PHONES: '4155551234' },
    { ALLOWED_PHONES: '+14155551234,' },
    { ALLOWED_PHONES: '' },
    { ALLOWED_COUNTRIES: 'usa' },
    { CALLBACK_ORIGINS: 'https://app.example.com/path' },
    { CALLBACK_ORIGINS: '*' },
    { CALLBACK_ORIGINS: 'null' },
    { JWT_SECRET: 'too short' },
    { JWT_SECRET: '' },
    { ACCESS_TOKEN_TTL: '0' },
    { TRUSTED_PROXIES: 'anybody' },
  ])('a wrong value stops the start: %j', (more) => {
    expect(() => config(more as unknown as Record<string, string>)).toThrow(Object.keys(more)[0]);
  });

  test('a name of this machine that is not loopback is not taken for it', () => {
    expect(onlyLoopback({ HOST: '127.0.0.1', PUBLIC_URL: 'http://localhost.example.com' })).toBe(false);
  });
});

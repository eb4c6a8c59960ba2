import { describe, expect, test } from 'vitest';
import { AgentKeys, identify, presentedToken, sameSecret } from './tokens.ts';

describe('who is calling', () => {
  const known = { authToken: 'the-owner-token-1234', agentKeys: new AgentKeys() };

  test('the owner, by exactly the token', () => {
    expect(identify('the-owner-token-1234', known)).toEqual({ kind: 'owner' });
    for (const wrong of ['the-owner-token-123', 'the-owner-token-12345', 'THE-OWNER-TOKEN-1234', '']) {
      expect(identify(wrong, known)).toBeNull();
    }
    expect(identify(null, known)).toBeNull();
  });

  test('an agent process, as long as it lives', () => {
    const { key, revoke } = known.agentKeys.issue();
    expect(identify(key, known)).toEqual({ kind: 'agent-process' });
    expect(known.agentKeys.issue().key).not.toBe(key);
    revoke();
    expect(identify(key, known)).toBeNull();
  });
});

describe('the presented token', () => {
  test.each([
    [{ authorization: 'Bearer abc' }, 'abc'],
    [{ authorization: 'bearer abc' }, 'abc'],
    [{ 'x-api-key': 'abc' }, 'abc'],
    [{ authorization: 'Basic abc' }, null],
    [{ authorization: 'Bearer ' }, null],
    [{ 'x-api-key': '' }, null],
    [{ 'x-api-key': ['a', 'b'] }, null],
    [{}, null],
  ])('%j', (headers, token) => {
    expect(presentedToken(headers)).toBe(token);
  });
});

test('secrets of different lengths compare without an error', () => {
  expect(sameSecret('a', 'aa')).toBe(false);
  expect(sameSecret('', '')).toBe(true);
});

import { expect, it } from 'vitest';
import type { Caller } from '../auth/callers.ts';
import { AgentKeys } from '../auth/tokens.ts';
import { createIdentify } from './identify.ts';

const agentKeys = new AgentKeys();
const user: Caller = { kind: 'user', personId: 'u', tokenId: 't', scopes: [] };
const identify = createIdentify({
  authToken: 'the-owner-token-1234',
  ownerId: 'o',
  agentKeys,
  stored: [async () => null, async (token) => (token === 'of-a-person' ? user : null)],
});

it('knows the owner by exactly the token', async () => {
  expect(await identify('the-owner-token-1234')).toEqual({ kind: 'owner', personId: 'o' });
  for (const wrong of ['the-owner-token-123', 'the-owner-token-12345', 'THE-OWNER-TOKEN-1234', '']) {
    expect(await identify(wrong)).toBeNull();
  }
});

it('knows an agent process as long as it lives', async () => {
  const { key, revoke } = agentKeys.issue();
  expect(await identify(key)).toEqual({ kind: 'agent-process' });
  expect(agentKeys.issue().key).not.toBe(key);
  revoke();
  expect(await identify(key)).toBeNull();
});

it('asks those who know stored tokens', async () => {
  expect(await identify('of-a-person')).toBe(user);
});

import { expect, it } from 'vitest';
import { type Caller, mayCall } from './callers.ts';

const owner: Caller = { kind: 'owner', personId: 'o' };
const user = (...scopes: ('monitor' | 'answer' | 'host')[]): Caller => ({
  kind: 'user',
  personId: 'u',
  tokenId: 't',
  scopes,
});
const session: Caller = { kind: 'session', personId: 'u', sessionId: 's' };
const agent: Caller = { kind: 'agent-process' };

it.each([
  ['owner', [owner], [user('monitor', 'answer', 'host'), session, agent]],
  ['person', [owner, user()], [session, agent]],
  ['answer', [owner, user('answer')], [user('monitor', 'host'), session, agent]],
  ['host', [owner, user('host')], [user('monitor', 'answer'), session, agent]],
  ['session', [session], [owner, user('monitor', 'answer', 'host'), agent]],
] as const)('the rule %s lets exactly the right callers through', (rule, allowed, refused) => {
  for (const caller of allowed) expect(mayCall(rule, caller)).toBe(true);
  for (const caller of refused) expect(mayCall(rule, caller)).toBe(false);
});

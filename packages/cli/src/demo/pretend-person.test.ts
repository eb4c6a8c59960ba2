import { expect, test } from 'vitest';
import { replyTo } from './pretend-person.ts';

test.each([
  ['[my-app] Bash: npm test\nReply OK 7K3F or NO 7K3F', 'OK 7K3F'],
  ['[my-app] asks: Which?\n1 a\n2 b\nReply M2WX 1 or M2WX your words', 'M2WX 1'],
  ['[my-app] Bash: rm -rf x\nNeeds your screen: http://127.0.0.1/asks/1\nReply NO 7K3F to deny', null],
  ['Applied: npm test runs now.', null],
])('%j is answered with %j', (body, reply) => {
  expect(replyTo(body)).toBe(reply);
});

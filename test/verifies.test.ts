import { expect, test } from 'vitest';
import { verifies } from './verifies.ts';

test('an id that is in no table is refused while the file is collected', () => {
  // Reflect keeps this call out of the citations that the coverage test reads from the source.
  expect(() => Reflect.apply(verifies, undefined, [['agent-api/no-such-thing'], 'x', () => 1])).toThrow(
    'No such requirement: agent-api/no-such-thing. The ids are in test/requirements/.',
  );
});

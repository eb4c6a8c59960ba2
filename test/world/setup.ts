/** Before every test file. */
import { afterEach } from 'vitest';
import { endWaits } from './eventually.ts';

// Registered first, so it runs after what the file itself does at the end of a test.
afterEach(({ task }) => {
  const waited = endWaits();
  if (task.result?.state === 'fail' && waited.length > 0)
    throw new AggregateError(waited, waited.map(({ stack }) => stack).join('\n'));
});

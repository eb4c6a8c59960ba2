import { type TestContext, test } from 'vitest';
import { findRequirement, type RequirementId } from './requirements.ts';

type TestBody = (context: TestContext) => unknown;

/**
 * A vitest test that cites the requirements it proves:
 *
 *     verifies(['agent-api/health', 'sms-server/health'], 'GET /health answers without a token', async () => { … });
 *
 * The ids are written as literals in the call, because the coverage test reads the source. Cite an id only where the test
 * fails when its behavior is broken. There is no skip, todo or only: a requirement is not closed by a test that does not run.
 *
 * @throws while vitest collects the file, when an id is not in `requirements/`.
 */
export function verifies(
  ids: readonly [RequirementId, ...RequirementId[]],
  name: string,
  ...rest: [body: TestBody] | [options: { timeout: number }, body: TestBody]
): void {
  const unknown = ids.filter((id) => findRequirement(id) === undefined);
  if (unknown.length > 0) {
    throw new Error(`No such requirement: ${unknown.join(', ')}. The ids are in test/requirements/.`);
  }
  const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
  test(name, options, body);
}

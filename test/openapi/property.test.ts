/** Random calls, right and wrong ones, made from the document against a running server: every answer is one it describes. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { verifies } from '../verifies.ts';
import { agentApi } from '../world/agent-api.ts';
import { openWorld, type World } from '../world/server.ts';
import { bodyOf, CALLS, type Call, faultsOfAnswer } from './document.ts';
import { allowedBy, mistakenFor } from './schema-arbitrary.ts';

const RUNS = process.env.PROOF_LENGTH === 'full' ? 5_000 : 400;

let world: World;
/** Ids that mean something: an open session, a closed one. */
let ids: string[];
beforeAll(async () => {
  // No agent can be started: a turn fails at once, and what is tested is the surface.
  world = await openWorld({ settings: { CLAUDE_EXECUTABLE: '/bin/false' } });
  const api = agentApi(world);
  const [open, closed] = [await api.create(), await api.create()];
  await api.call('DELETE', `/sessions/${closed}`);
  ids = [open, closed];
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Made {
  call: Call;
  params: Record<string, string>;
  query: Record<string, string | undefined>;
  body: string | undefined;
  headers: Record<string, string>;
}

const JUNK = ['..', '%00', 'abc', 'a/b', "'; drop table sessions; --", 'x'.repeat(300), '\u{1f426}', '%', '-1'];
const idText = fc.oneof(
  { weight: 4, arbitrary: fc.nat().map((n) => ids[n % ids.length] ?? '') },
  { weight: 1, arbitrary: fc.uuid({ version: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(...JUNK) },
);

function bodies(call: Call): fc.Arbitrary<string | undefined> {
  const media = bodyOf(call);
  if (!media) return fc.constantFrom(undefined, '{}', '{"x":1}');
  const examples = Object.values(media.examples ?? {}).map(({ value }) => value);
  return fc.oneof(
    { weight: 4, arbitrary: allowedBy(media.schema).map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: mistakenFor(media.schema).map((value) => JSON.stringify(value)) },
    ...(examples.length > 0
      ? [{ weight: 2, arbitrary: fc.constantFrom(...examples).map((value) => JSON.stringify(value)) }]
      : []),
    { weight: 1, arbitrary: fc.constantFrom('', '{', 'null', '[]', '"text"', '{"__proto__":{}}', '[[[[[[[[]]]]]]]]') },
  );
}

const calls: fc.Arbitrary<Made> = fc.constantFrom(...CALLS).chain((call) => {
  const { parameters = [] } = call.operation;
  const of = (place: 'path' | 'query') => parameters.filter((parameter) => parameter.in === place);
  return fc.record({
    call: fc.constant(call),
    params: fc.record(Object.fromEntries(of('path').map(({ name }) => [name, idText]))),
    query: fc.record(
      Object.fromEntries(
        of('query').map(({ name, schema }) => [
          name,
          fc.oneof(allowedBy(schema).map(String), fc.constantFrom('', '-1', 'x', '1e99', '9007199254740993')),
        ]),
      ),
      { requiredKeys: [] },
    ),
    body: call.method === 'POST' ? bodies(call) : fc.constant(undefined),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      {},
      { accept: 'text/event-stream' },
      { 'idempotency-key': 'the same for all' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
    ),
  });
});

/** Turns and questions to an agent need one, and this server has none. */
const NEEDS_AGENT = /Claude Code did not start/;

async function faultsOf({ call, params, query, body, headers }: Made): Promise<string[]> {
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  const search = new URLSearchParams(given).toString();
  const response = await world.request(search ? `${path}?${search}` : path, {
    method: call.method,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    // A stream of a session that is open does not end by itself.
    await response.body?.cancel();
    return 'text/event-stream' in (call.operation.responses[200]?.content ?? {}) ? [] : ['a stream nobody promised'];
  }
  const text = await response.text();
  const answer: unknown = JSON.parse(text);
  // Clients take "/.." out of a path: what arrives is another one, which may be none.
  if (Object.values(params).includes('..')) return response.status < 500 ? [] : [`${response.status} ${text}`];
  const faults = faultsOfAnswer(call, response.status, answer);
  const broken = response.status >= 500 && !NEEDS_AGENT.test(text);
  return broken ? [...faults, `${call.method} ${path} answered ${response.status} ${text} to ${body}`] : faults;
}

verifies(
  ['agent-api/every-endpoint-checks-its-input'],
  'whatever is sent, the answer is one that the document describes, and never a failure of the server',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(calls, async (made) => {
        expect(await faultsOf(made)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
    expect((await world.request('/health')).status).toBe(200);
  },
);

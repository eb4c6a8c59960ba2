import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, hashCall } from './hash.ts';

const call = { tool: 'Bash', input: { command: 'npm test' }, cwd: '/home/ada/app', sessionId: 's1' };

/** The same value with every object's keys in another order. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, reordered(inner)]),
  );
}

type Leaf = { path: (string | number)[]; value: unknown };

function leavesOf(value: unknown, path: (string | number)[] = []): Leaf[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function replaced(value: unknown, path: (string | number)[], leaf: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return leaf;
  if (Array.isArray(value)) return value.map((inner, index) => (index === head ? replaced(inner, rest, leaf) : inner));
  return Object.fromEntries(
    Object.entries(value as Record<string, unknown>).map(([key, inner]) => [
      key,
      key === head ? replaced(inner, rest, leaf) : inner,
    ]),
  );
}

const inputs = fc.dictionary(
  fc.string(),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
  { noNullPrototype: true, maxKeys: 5 },
);

describe('canonicalJson', () => {
  test('sorts keys at every depth and leaves undefined out', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 'é' }], a: undefined, A: null })).toBe('{"A":null,"b":[{"c":"é","d":1}]}');
  });

  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], [() => 1], [new Date(0)], [10n], [[undefined]], [new Map()]])(
    'refuses %s rather than guessing',
    (value) => {
      expect(() => canonicalJson({ value })).toThrow(TypeError);
    },
  );

  test('is valid JSON that reads back as the same value', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(JSON.parse(canonicalJson(input))).toEqual(JSON.parse(JSON.stringify(input)));
      }),
    );
  });

  test('does not merge look-alike text', () => {
    expect(canonicalJson('\u00e9')).not.toBe(canonicalJson('e\u0301'));
    expect(canonicalJson('\ud800')).toBe('"\\ud800"');
  });
});

describe('hashCall', () => {
  test('is fixed for ever: stored asks are compared with it after an upgrade (figure from sha256sum)', () => {
    expect(hashCall(call)).toBe('e7fa5835a0ea5831d4ddc71b145e3a24f29745db8fc84f583b0b925a3ff89dd1');
  });

  test('the order of keys does not matter', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(hashCall({ ...call, input: reordered(input) })).toBe(hashCall({ ...call, input }));
      }),
    );
  });

  test('any change of any leaf changes the hash', () => {
    fc.assert(
      fc.property(inputs, fc.nat(), fc.jsonValue({ maxDepth: 1 }), (input, pick, other) => {
        const leaves = leavesOf(input);
        const leaf = leaves[pick % Math.max(leaves.length, 1)];
        fc.pre(leaf !== undefined && leaf.path.length > 0);
        fc.pre(leaf !== undefined && JSON.stringify(leaf.value) !== JSON.stringify(other));
        const changed = replaced(input, leaf?.path ?? [], other);
        fc.pre(JSON.stringify(reordered(changed)) !== JSON.stringify(reordered(input)));
        expect(hashCall({ ...call, input: changed })).not.toBe(hashCall({ ...call, input }));
      }),
    );
  });

  test.each([
    ['tool', { ...call, tool: 'bash' }],
    ['cwd', { ...call, cwd: '/home/ada/app/' }],
    ['session', { ...call, sessionId: 's2' }],
    ['an added property', { ...call, input: { command: 'npm test', timeout: 1 } }],
    ['a trailing space', { ...call, input: { command: 'npm test ' } }],
  ])('binds the %s', (_what, other) => {
    expect(hashCall(other)).not.toBe(hashCall(call));
  });
});

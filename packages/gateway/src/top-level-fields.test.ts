import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTAINER, topLevelFields } from './top-level-fields.ts';

function fieldsOf(text: string): Record<string, unknown> | null {
  const fields = topLevelFields(Buffer.from(text));
  return fields && Object.fromEntries(fields);
}

test('for every object it finds what JSON.parse finds, or declines', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()),
      fc.constantFrom(0, 1, '\t'),
      (object, space) => {
        const parsed = JSON.parse(JSON.stringify(object)) as Record<string, unknown>;
        const found = topLevelFields(Buffer.from(JSON.stringify(parsed, null, space)));
        if (!found) expect(Object.keys(parsed).some((key) => JSON.stringify(key).includes('\\'))).toBe(true);
        else {
          const expected = Object.entries(parsed).map(([key, value]) => [
            key,
            typeof value === 'object' && value !== null ? CONTAINER : value,
          ]);
          expect([...found]).toEqual(expected);
        }
      },
    ),
  );
});

test('names within other fields are not those of the request, and of two the last counts', () => {
  expect(fieldsOf('{"metadata":{"model":"inner"},"x":"\\"model\\":\\"y\\"","model":"a","model":"b\\n"}')).toEqual({
    metadata: CONTAINER,
    x: '"model":"y"',
    model: 'b\n',
  });
});

test.each([
  '',
  '[]',
  '"a"',
  'null',
  '{',
  '{"a"',
  '{"a":}',
  '{"a":1,}',
  '{"a":tru}',
  '{"a":"b}',
  '{"a":[1}',
  '{"a":1}x',
  '{a:1}',
  '{"\\u0061":1}',
])('declines %s', (text) => {
  expect(topLevelFields(Buffer.from(text))).toBeNull();
});

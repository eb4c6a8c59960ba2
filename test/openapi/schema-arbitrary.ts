/** Values that a JSON Schema allows, and values that it does not. As much of the language as our document uses. */
import fc from 'fast-check';
import type { JsonSchema } from './document.ts';

/** Small: a caller's mistakes do not need much room. */
const MAX_ITEMS = 3;
const MAX_TEXT = 40;
const anything = fc.jsonValue({ maxDepth: 2 });

export function allowedBy(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  const choices = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (choices) return fc.oneof(...choices.map(allowedBy));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => allowedBy({ ...schema, type })));
  const make = BY_TYPE[String(schema.type)];
  return make ? make(schema) : anything;
}

const BY_TYPE: Record<string, (schema: JsonSchema) => fc.Arbitrary<unknown>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: (schema) => fc.integer(bounds(schema)),
  number: (schema) => {
    const { min, max } = bounds(schema);
    return fc.double({ min: Math.max(min, 0.01), max, noNaN: true });
  },
  string: text,
  array: (schema) => fc.array(allowedBy((schema.items ?? {}) as JsonSchema), { maxLength: MAX_ITEMS }),
  object,
};

function bounds({ minimum, maximum }: JsonSchema): { min: number; max: number } {
  return { min: Math.max(Number(minimum ?? -1000), -1_000_000), max: Math.min(Number(maximum ?? 1000), 1_000_000) };
}

function text({ format, contentEncoding, pattern, minLength, maxLength }: JsonSchema): fc.Arbitrary<string> {
  if (format === 'uuid') return fc.uuid({ version: 4 });
  if (contentEncoding === 'base64' || format === 'base64')
    return fc.base64String({ minLength: 4, maxLength: MAX_TEXT });
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern), { maxLength: MAX_TEXT });
  const limits = { minLength: Number(minLength ?? 0), maxLength: Math.min(Number(maxLength ?? MAX_TEXT), MAX_TEXT) };
  return fc.string({ ...limits, unit: 'grapheme' });
}

function object(schema: JsonSchema): fc.Arbitrary<unknown> {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>;
  const required = (schema.required ?? []) as string[];
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, allowedBy(inner)])),
    { requiredKeys: required },
  );
  const rest = schema.additionalProperties;
  if (typeof rest !== 'object' || rest === null) return known;
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), allowedBy(rest as JsonSchema), {
    maxKeys: MAX_ITEMS,
  });
}

/** A body that is near one that is allowed, or nothing like it. Some are allowed by chance. */
export function mistakenFor(schema: JsonSchema): fc.Arbitrary<unknown> {
  const near = fc
    .tuple(allowedBy(schema), fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }), anything, fc.nat())
    .map(([value, name, other, which]) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return other;
      const names = Object.keys(value);
      const one = names[which % Math.max(names.length, 1)];
      const changed = { ...value, [which % 2 === 0 || one === undefined ? name : one]: other };
      return changed;
    });
  const without = allowedBy(schema).map((value) => {
    const [, ...kept] = Object.entries(value ?? {});
    return Object.fromEntries(kept);
  });
  return fc.oneof(near, without, anything);
}

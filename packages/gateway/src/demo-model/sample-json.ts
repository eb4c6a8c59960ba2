/** Schemas may refer to themselves through nested objects; below this depth only required fields are filled with nulls. */
const MAX_DEPTH = 8;

type Schema = Record<string, unknown>;

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {};
}

function typeOf(schema: Schema): unknown {
  if (Array.isArray(schema.type)) return schema.type[0];
  return schema.type ?? (schema.properties ? 'object' : 'string');
}

const SAMPLES: Record<string, (schema: Schema, text: string, depth: number) => unknown> = {
  string: (_, text) => text,
  integer: (schema) => (typeof schema.minimum === 'number' ? Math.ceil(schema.minimum) : 0),
  number: (schema) => (typeof schema.minimum === 'number' ? schema.minimum : 0),
  boolean: () => false,
  null: () => null,
  array: (schema, text, depth) => (Number(schema.minItems ?? 0) > 0 ? [sample(schema.items, text, depth)] : []),
  object: (schema, text, depth) =>
    Object.fromEntries(
      Object.entries(asSchema(schema.properties)).map(([name, property]) => [name, sample(property, text, depth)]),
    ),
};

function sample(value: unknown, text: string, depth: number): unknown {
  const schema = asSchema(value);
  if (depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(alternatives)) return sample(alternatives[0], text, depth + 1);
  const type = String(typeOf(schema));
  return Object.hasOwn(SAMPLES, type) ? SAMPLES[type]?.(schema, text, depth + 1) : null;
}

/** A small value that fits the usual JSON schemas of structured output. Every free string in it is `text`. */
export function sampleJson(schema: Record<string, unknown>, text: string): unknown {
  return sample(schema, text, 0);
}

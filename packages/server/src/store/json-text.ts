/** JSON that PostgreSQL accepts as jsonb: it refuses NUL and lone surrogates, which tool output does contain. */

/** Escapes of NUL and of surrogates; `JSON.stringify` writes a surrogate as an escape only when it is a lone one. */
const SUSPECT = /\\u(?:0000|d[89a-f][0-9a-f]{2})/i;

/**
 * The text to store and the value it stands for. NUL and lone surrogates in strings and keys become U+FFFD; `undefined` becomes
 * `null`.
 */
export function toJson(value: unknown): { text: string; value: unknown } {
  const text = JSON.stringify(value) ?? 'null';
  if (!SUSPECT.test(text)) return { text, value: value ?? null };
  const clean = cleaned(JSON.parse(text));
  return { text: JSON.stringify(clean), value: clean };
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleaned(key), cleaned(inner)]));
}

/**
 * What an approval approves: one exact call. The executor compares this hash again when it runs the tool, so an input that
 * changed after it was shown needs a new ask.
 */
import { createHash } from 'node:crypto';

export interface AskedCall {
  tool: string;
  /** The whole input as the agent gave it, with nothing shortened. */
  input: unknown;
  cwd: string;
  sessionId: string;
}

/** SHA-256, lower-case hex, of the canonical JSON of the call. */
export function hashCall(call: AskedCall): string {
  const { tool, input, cwd, sessionId } = call;
  return createHash('sha256').update(canonicalJson({ tool, input, cwd, sessionId }), 'utf8').digest('hex');
}

/**
 * JSON with one spelling for each value: keys sorted by UTF-16 code unit (as RFC 8785 does), no white space, numbers as
 * JavaScript prints them. Text is not normalised: two spellings of "é" are two different commands. A property whose value is
 * `undefined` is left out, as JSON transport leaves it out.
 *
 * @throws TypeError for what JSON cannot carry (functions, NaN, dates, `undefined` in a list): two different inputs must
 * never share a hash because one of them could not be written down.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('A number that is not finite has no canonical JSON.');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`A ${typeof value} has no canonical JSON.`);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

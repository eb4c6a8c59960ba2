/**
 * The many ways in which providers say that a request is too large. Claude Code heals itself, but only when it reads one of
 * Anthropic's two sentences: it then asks for fewer tokens, or compacts the conversation.
 */
import { ApiError } from '../anthropic/errors.ts';

/** Numbers a provider named; what it did not name is undefined. */
interface Overflow {
  limit?: number;
  input?: number;
  output?: number;
  /** Input and output together. */
  total?: number;
}

type Field = keyof Overflow;

/** The groups of a pattern, in order. */
const PATTERNS: readonly (readonly [pattern: RegExp, ...fields: Field[]])[] = [
  [
    /maximum context length is (\d+) tokens.*?requested (?:about )?(\d+) tokens.*?\((\d+) (?:in the messages|of text input|in the prompt|of the input)[^)]*?(\d+) (?:in|of) the (?:completion|output)/s,
    'limit',
    'total',
    'input',
    'output',
  ],
  [
    /maximum context length is (\d+) tokens.*?requested (?:about )?(\d+) tokens.*?\((\d+) [^)]*?(\d+) [^)]*\)/s,
    'limit',
    'total',
    'input',
    'output',
  ],
  [
    /maximum context length is (\d+) tokens and your request has (\d+) input tokens \((\d+) >/,
    'limit',
    'input',
    'output',
  ],
  [/maximum context length is (\d+) tokens.*?(?:resulted in|has|contains?) (\d+)(?: input)? tokens/s, 'limit', 'input'],
  [
    /maximum model length of (\d+).*?length of (\d+)|prompt \(length (\d+)\).*?maximum model length of (\d+)/s,
    'limit',
    'input',
    'input',
    'limit',
  ],
  [/input token count \((\d+)\) exceeds the maximum number of tokens allowed \((\d+)\)/, 'input', 'limit'],
  [/input token count exceeds the maximum number of tokens allowed \(?(\d+)/, 'limit'],
  [/prompt contains (\d+) tokens.*?model with (\d+) maximum context length/is, 'input', 'limit'],
  [
    /`?inputs`? tokens \+ `?max_new_tokens`? must be <= (\d+)\. Given: (\d+) `?inputs`? tokens and (\d+)/,
    'limit',
    'input',
    'output',
  ],
  [/maximum prompt length is (\d+) but the request contains (\d+) tokens/, 'limit', 'input'],
  [/prompt is too long: (\d+)(?: tokens)?(?:,| >) (?:model maximum context length: )?(\d+)/, 'input', 'limit'],
  [/request \((\d+) tokens\) exceeds the available context size \((\d+) tokens\)/, 'input', 'limit'],
  [/exceeds the available context size \((\d+) tokens\)/, 'limit'],
  [/keep the first (\d+) tokens.*?context length of only (\d+) tokens/s, 'input', 'limit'],
  [/input length (\d+) exceeds the maximum (?:length|context length)(?: of)? (\d+)/, 'input', 'limit'],
  [/range of input length should be \[\d+, (\d+)\]/i, 'limit'],
  [/maximum context length is (\d+) tokens/, 'limit'],
  [/context (?:length|window)[^.]*?(?:limit|maximum)[^.]*?(\d{4,})/i, 'limit'],
];

/** No number, but plainly about the size. */
const WORDS =
  /context[ _]length[ _]exceeded|exceed_context_size_error|input is too long|prompt is too long|too many (?:input )?tokens|context window|exceeds? (?:the )?(?:model'?s? )?(?:maximum )?context|reduce the length of the messages|maximum context length|string too long|request too large for model|size limit exceeded/i;

function readNumbers(text: string): Overflow | null {
  for (const [pattern, ...fields] of PATTERNS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const overflow: Overflow = {};
    for (const [index, field] of fields.entries()) {
      const digits = match[index + 1];
      if (digits !== undefined) overflow[field] = Number(digits);
    }
    return overflow;
  }
  return WORDS.test(text) ? {} : null;
}

export interface RequestSize {
  /** An estimate, made only when it is needed. */
  estimateInput: () => number;
  maxTokens: number;
  contextWindow: number | null;
}

/** Anthropic's sentence for what the provider said, or null when it said something else. */
export function contextError(text: string, size: RequestSize): ApiError | null {
  const named = readNumbers(text);
  if (!named) return null;
  const limit = named.limit ?? size.contextWindow;
  const output = named.output ?? size.maxTokens;
  const input = named.input ?? (named.total === undefined ? undefined : named.total - output);
  if (limit === null) {
    const guess = input ?? size.estimateInput();
    return new ApiError(
      'invalid_request_error',
      `prompt is too long: ${guess} tokens > ${Math.max(1, guess - 1)} maximum`,
    );
  }
  const fits = input !== undefined && input < limit && named.output !== undefined;
  if (fits) {
    const sentence = `input length and \`max_tokens\` exceed context limit: ${input} + ${output} > ${limit}, decrease input length or \`max_tokens\` and try again`;
    return new ApiError('invalid_request_error', sentence);
  }
  const tokens = Math.max(input ?? size.estimateInput(), limit + 1);
  return new ApiError('invalid_request_error', `prompt is too long: ${tokens} tokens > ${limit} maximum`);
}

/** The patterns' one group is the largest `max_tokens` the model takes. */
const OUTPUT_CAPS: readonly RegExp[] = [
  /supports at most (\d+) (?:completion|output) tokens/i,
  /max_tokens`?(?: must be| should be)? (?:less than or equal to|<=|at most) `?(\d+)/i,
  /valid range of `?max_(?:completion_|output_)?tokens`? is \[\d+, ?(\d+)\]/i,
  /range of max_(?:completion_|output_)?tokens should be \[\d+, ?(\d+)\]/i,
  /max[ _](?:completion[ _]|output[ _]|new[ _])?tokens.*?(?:exceeds?|greater than|larger than|above).*?(?:limit|maximum|max)(?: value| of| is|:)*\s*`?(\d+)/is,
  /maximum tokens you requested exceeds the model limit of (\d+)/i,
  /max_tokens: \d+ > (\d+), which is the maximum allowed/i,
  /maxOutputTokens.*?(?:up to|from 1 to|range is from \d+ \(inclusive\) to) (\d+)/i,
  /max_(?:completion_)?tokens[^.]*?(?:up to|no more than|maximum(?: value)?(?: is| of)?|at most) (\d+)/i,
];

/** The model's own cap on `max_tokens`, when that is what it complains about; else null. */
export function outputCap(text: string): number | null {
  for (const pattern of OUTPUT_CAPS) {
    const cap = Number(pattern.exec(text)?.[1] ?? 0);
    if (cap > 0) return cap;
  }
  return null;
}

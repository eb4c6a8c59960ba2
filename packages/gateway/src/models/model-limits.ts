/**
 * What models can put out and take in, in tokens. Claude Code asks every model it does not know for 32,000 tokens, which many
 * refuse, so a request is cut to the limit here. A model that is not listed is asked for what the caller wants; when it
 * refuses, its own words tell the limit (see `upstream/provider-error.ts`).
 */
export interface ModelLimits {
  maxOutput: number | null;
  contextWindow: number | null;
}

/** The first pattern that fits counts, so the special stand before the general. */
const LIMITS: readonly (readonly [pattern: RegExp, maxOutput: number, contextWindow: number])[] = [
  [/^gpt-3\.5-turbo-instruct/, 4096, 4097],
  [/^gpt-3\.5-turbo/, 4096, 16_385],
  [/^gpt-4-32k/, 4096, 32_768],
  [/^gpt-4-(turbo|1106|0125|vision)/, 4096, 128_000],
  [/^gpt-4o-2024-05-13/, 4096, 128_000],
  [/^(chatgpt-4o|gpt-4o)/, 16_384, 128_000],
  [/^gpt-4\.1/, 32_768, 1_047_576],
  [/^gpt-4\.5/, 16_384, 128_000],
  [/^gpt-4(-0613|-0314)?$/, 4096, 8192],
  [/^gpt-5.*-chat/, 16_384, 128_000],
  [/^gpt-5/, 128_000, 400_000],
  [/^gpt-oss/, 32_768, 131_072],
  [/^o1-mini/, 65_536, 128_000],
  [/^o1-preview/, 32_768, 128_000],
  [/^(o\d)/, 100_000, 200_000],
  [/^codex-mini/, 100_000, 200_000],

  [/^command-(light|nightly)/, 4096, 4096],
  [/^command-r7b|^command-r(-plus)?(-|$)/, 4096, 128_000],
  [/^command-a-(reasoning|vision|translate)/, 8192, 128_000],
  [/^command-a/, 8192, 256_000],
  [/^command(-|$)/, 4096, 4096],
  [/^c4ai-aya/, 4096, 128_000],

  [/^gemini-1\.5-pro/, 8192, 2_097_152],
  [/^gemini-(1\.5|2\.0)/, 8192, 1_048_576],
  [/^gemini-/, 65_536, 1_048_576],
  [/^gemma-/, 8192, 128_000],

  [/^deepseek-(chat|coder)/, 8192, 128_000],
  [/^deepseek-(reasoner|r1)/, 65_536, 128_000],
  [/^grok-(2|beta|vision)/, 32_768, 131_072],
  [/^open-mistral-7b|^mistral-tiny/, 8192, 32_768],
  [/^open-mi[sx]tral/, 8192, 65_536],
  [/^llama-3\.3-70b-versatile/, 32_768, 131_072],
  [/^llama-3\.1-8b-instant/, 131_072, 131_072],

  [/claude-3-(opus|sonnet|haiku)/, 4096, 200_000],
  [/claude-3-5-/, 8192, 200_000],
  [/claude-opus-4(-1)?(-\d{8}|$|@|-v)/, 32_000, 200_000],
  [/claude-(3-7|sonnet-4|haiku-4|opus-4)/, 64_000, 200_000],

  [/amazon\.nova-premier/, 10_000, 1_000_000],
  [/amazon\.nova/, 10_000, 300_000],
  [/amazon\.titan/, 3072, 32_000],
  [/meta\.llama3/, 8192, 128_000],
];

/** Models are named with their maker in front by some providers: `openai/gpt-4o`, `us.meta.llama3…`. */
function bareName(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1).toLowerCase();
}

export function limitsOf(model: string): ModelLimits {
  const name = bareName(model);
  const row = LIMITS.find(([pattern]) => pattern.test(name));
  return { maxOutput: row?.[1] ?? null, contextWindow: row?.[2] ?? null };
}

/** Set when a caller sends no `max_tokens` and the model's limit is unknown: every current model can. */
const DEFAULT_MAX_OUTPUT = 4096;

/** What to ask the model for. */
export function clampMaxTokens(model: string, wanted: number | undefined): number {
  const { maxOutput } = limitsOf(model);
  if (wanted === undefined) return Math.min(maxOutput ?? DEFAULT_MAX_OUTPUT, 32_000);
  return maxOutput === null ? wanted : Math.min(wanted, maxOutput);
}

/** Models of OpenAI and xAI that reason before they answer. They take an effort and refuse a temperature. */
export function isReasoningModel(model: string): boolean {
  const name = bareName(model);
  if (/^gpt-5.*-chat/.test(name)) return false;
  return /^(o\d(-|$)|gpt-5|gpt-[6-9]|gpt-oss|codex-mini|grok-3-mini)/.test(name);
}

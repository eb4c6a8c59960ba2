/**
 * List prices in US dollars per million tokens, by provider and model. They are for the maker's own API: another provider of
 * the same model has other prices. What is not listed is unknown, never free; `prices` in the options adds and replaces.
 */
import type { Usage } from '../anthropic/stream-events.ts';

export interface Price {
  input: number;
  output: number;
  /** @defaultValue the price of input */
  cacheRead?: number;
  /** @defaultValue the price of input */
  cacheWrite?: number;
  /** Other prices for requests whose input, cached or not, has more tokens than this. */
  above?: { tokens: number; input: number; output: number; cacheRead?: number; cacheWrite?: number };
}

/** Names as `provider/model`, without a date. */
export type PriceTable = Readonly<Record<string, Price>>;

/** Anthropic charges a tenth for reading its cache and a quarter more for writing it (for five minutes). */
const claude = (input: number, output: number): Price => ({
  input,
  output,
  cacheRead: input / 10,
  cacheWrite: input * 1.25,
});
/** Newer ones charge a twentieth or less for reading. */
const claudeReading = (input: number, output: number, cacheRead: number): Price => ({
  ...claude(input, output),
  cacheRead,
});
const cached = (input: number, output: number, cacheRead: number): Price => ({ input, output, cacheRead });
const plain = (input: number, output: number): Price => ({ input, output });

const PRICES: PriceTable = {
  'anthropic/claude-3-haiku': { input: 0.25, output: 1.25, cacheRead: 0.03, cacheWrite: 0.3 },
  'anthropic/claude-3-sonnet': claude(3, 15),
  'anthropic/claude-3-opus': claude(15, 75),
  'anthropic/claude-3-5-haiku': claude(0.8, 4),
  'anthropic/claude-3-5-sonnet': claude(3, 15),
  'anthropic/claude-3-7-sonnet': claude(3, 15),
  'anthropic/claude-sonnet-4': claude(3, 15),
  'anthropic/claude-sonnet-4-5': claude(3, 15),
  'anthropic/claude-opus-4': claude(15, 75),
  'anthropic/claude-opus-4-1': claude(15, 75),
  'anthropic/claude-opus-4-5': claude(5, 25),
  'anthropic/claude-haiku-4-5': claude(1, 5),
  'anthropic/claude-sonnet-4-6': claude(3, 15),
  'anthropic/claude-opus-4-6': claude(5, 25),
  'anthropic/claude-opus-4-7': claude(5, 25),
  'anthropic/claude-sonnet-5': claude(2, 10),
  'anthropic/claude-opus-5': claude(5, 25),
  // As Claude Code 2.1.329 counts them.
  'anthropic/claude-haiku-5-5': {
    ...claude(0.1, 0.5),
    above: { tokens: 100_000, ...claude(0.5, 2.5) },
  },
  'anthropic/claude-sonnet-5-5': claudeReading(2, 10, 0.1),
  'anthropic/claude-opus-5-5': claudeReading(4, 20, 0.2),
  'anthropic/claude-fable-5-2': claudeReading(8, 40, 0.2),

  'openai/gpt-3.5-turbo': plain(0.5, 1.5),
  'openai/gpt-4': plain(30, 60),
  'openai/gpt-4-32k': plain(60, 120),
  'openai/gpt-4-turbo': plain(10, 30),
  'openai/gpt-4o': cached(2.5, 10, 1.25),
  'openai/gpt-4o-mini': cached(0.15, 0.6, 0.075),
  'openai/gpt-4.1': cached(2, 8, 0.5),
  'openai/gpt-4.1-mini': cached(0.4, 1.6, 0.1),
  'openai/gpt-4.1-nano': cached(0.1, 0.4, 0.025),
  'openai/gpt-5': cached(1.25, 10, 0.125),
  'openai/gpt-5-codex': cached(1.25, 10, 0.125),
  'openai/gpt-5-mini': cached(0.25, 2, 0.025),
  'openai/gpt-5-nano': cached(0.05, 0.4, 0.005),
  'openai/gpt-5.1': cached(1.25, 10, 0.125),
  'openai/o1': cached(15, 60, 7.5),
  'openai/o3': cached(2, 8, 0.5),
  'openai/o3-mini': cached(1.1, 4.4, 0.55),
  'openai/o4-mini': cached(1.1, 4.4, 0.275),

  'google/gemini-2.0-flash': cached(0.1, 0.4, 0.025),
  'google/gemini-2.5-flash': cached(0.3, 2.5, 0.03),
  'google/gemini-2.5-flash-lite': cached(0.1, 0.4, 0.01),

  'cohere/command-a-03-2025': plain(2.5, 10),
  'cohere/command-light': plain(0.3, 0.6),
  'cohere/command-r': plain(0.15, 0.6),
  'cohere/command-r-08-2024': plain(0.15, 0.6),
  'cohere/command-r-plus': plain(2.5, 10),
  'cohere/command-r-plus-08-2024': plain(2.5, 10),
  'cohere/command-r7b-12-2024': plain(0.0375, 0.15),

  'deepseek/deepseek-chat': cached(0.28, 0.42, 0.028),
  'deepseek/deepseek-reasoner': cached(0.28, 0.42, 0.028),
  'mistral/codestral': plain(0.3, 0.9),
  'mistral/mistral-large': plain(2, 6),
  'mistral/mistral-medium': plain(0.4, 2),
  'mistral/mistral-small': plain(0.1, 0.3),
  'xai/grok-3': cached(3, 15, 0.75),
  'xai/grok-3-mini': cached(0.3, 0.5, 0.075),
  'xai/grok-4': cached(3, 15, 0.75),
  'xai/grok-code-fast-1': cached(0.2, 1.5, 0.02),

  'demo/demo': plain(0, 0),
};

/** Two ways to one provider. */
const SAME_PRICES: Readonly<Record<string, string>> = { 'openai-responses': 'openai' };

/** `-20241022`, `-2024-11-20`, `-latest`: the same model at the same price. */
const VERSION = /[-@](\d{8}|20\d\d-\d\d-\d\d|latest)$/;

/** Null when nobody said what the model costs. */
export function priceOf(provider: string, model: string, own: PriceTable = {}): Price | null {
  const maker = SAME_PRICES[provider] ?? provider;
  const bare = model.replace(VERSION, '');
  const names = [`${provider}/${model}`, `${maker}/${model}`, `${maker}/${bare}`];
  for (const table of [own, PRICES]) {
    for (const name of names) if (Object.hasOwn(table, name)) return table[name] ?? null;
  }
  return null;
}

const PER_MILLION = 1_000_000;

export function costOf(usage: Usage, price: Price): number {
  const { above } = price;
  const taken = usage.input_tokens + usage.cache_read_input_tokens + usage.cache_creation_input_tokens;
  const { input, output, cacheRead = input, cacheWrite = input } = above && taken > above.tokens ? above : price;
  const sum =
    usage.input_tokens * input +
    usage.output_tokens * output +
    usage.cache_read_input_tokens * cacheRead +
    usage.cache_creation_input_tokens * cacheWrite;
  return sum / PER_MILLION;
}

/** Models a provider is known for, newest names last: what `GET /v1/models` lists for a provider that is configured. */
export function pricedModels(provider: string): string[] {
  const prefix = `${provider}/`;
  return Object.keys(PRICES)
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length));
}

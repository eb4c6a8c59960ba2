/** Takes out of recorded messages what differs from run to run, and what is not ours to publish. */
import type { ClaudeMessage } from '../translate.ts';

/** Longer texts are the CLI's own words to the model, which do not belong into this repository. */
const MAX_TEXT = 60;
const IDS =
  /\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:msg|toolu|req)_\w+|a[0-9a-f]{16}|[0-9a-z]{9}-[0-9a-f]{8})\b/g;
const TIMES = /\b\d{4}-\d{2}-\d{2}T[\d:.]+Z/g;
/** Nothing in them is translated, and they are large. */
const LEFT_OUT = new Set([
  'modelUsage',
  'model_usage_since_last_result',
  'subagent_stats',
  'tool_use_result',
  'diagnostics',
]);
const FIXED_NUMBERS: readonly [RegExp, number][] = [
  [/^input_tokens$/, 10],
  [/^output_tokens$/, 5],
  [/cost|tokens|_ms$|_at$|_time$/i, 1],
];

export class Normaliser {
  readonly #base: string;
  readonly #names = new Map<string, string>();

  constructor(options: { base: string }) {
    this.#base = options.base;
  }

  messages(messages: readonly ClaudeMessage[]): ClaudeMessage[] {
    return messages.map((message) => this.#value(shorten(message)) as ClaudeMessage);
  }

  #value(value: unknown, key = ''): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return FIXED_NUMBERS.find(([name]) => name.test(key))?.[1] ?? value;
    if (Array.isArray(value)) return value.map((item) => this.#value(item));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([name]) => !LEFT_OUT.has(name));
    return Object.fromEntries(kept.map(([name, item]) => [name, this.#value(item, name)]));
  }

  #text(text: string): string {
    const plain = text
      .replaceAll(this.#base, '/base')
      .replaceAll(this.#base.replace(/[^a-zA-Z0-9]/g, '-'), '-base')
      .replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:1')
      .replace(TIMES, '2000-01-01T00:00:00.000Z')
      .replace(IDS, (id) => this.#name(id));
    return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)}…` : plain;
  }

  #name(id: string): string {
    const known = this.#names.get(id);
    if (known) return known;
    const kind = /^[a-z]+(?=_)/.exec(id)?.[0] ?? 'uuid';
    const name = `${kind}-${this.#names.size + 1}`;
    this.#names.set(id, name);
    return name;
  }
}

/** The first message tells tools, commands and directories of the machine; none of it is translated. */
function shorten(message: ClaudeMessage): unknown {
  if (message.type !== 'system' || message.subtype !== 'init') return message;
  return { type: message.type, subtype: message.subtype, session_id: message.session_id };
}

import type { AssistantPart, Outcome, Turn, UserPart } from './conversation.ts';

type Call = Extract<AssistantPart, { type: 'call' }>;

interface OpenCall {
  /** The id the client uses. */
  rawId: string;
  call: Call;
  outcome: Outcome | null;
}

type Pending = { kind: 'part'; part: UserPart } | { kind: 'system'; text: string };

const NO_RESULT = '[No result: the call was interrupted before it was recorded.]';
const NO_OUTPUT = '(no output)';

/**
 * Puts what clients send into the order that providers demand. Outcomes come right after their calls, whatever stood in
 * between; a call without an outcome gets one that says so; an outcome without a call becomes words of the user.
 */
export class TurnBuilder {
  readonly #turns: Turn[] = [];
  readonly #usedIds = new Set<string>();
  #open: OpenCall[] = [];
  #pending: Pending[] = [];

  user(parts: readonly UserPart[]): void {
    for (const part of parts) this.#pending.push({ kind: 'part', part });
  }

  system(text: string): void {
    this.#pending.push({ kind: 'system', text });
  }

  /** The ids of the calls are those of the client; ids that were used before are made unique. */
  assistant(parts: readonly AssistantPart[]): void {
    if (parts.length === 0) return;
    this.#flush();
    const renamed = parts.map((part) => (part.type === 'call' ? this.#register(part) : part));
    const last = this.#turns.at(-1);
    if (last?.role === 'assistant') last.parts.push(...renamed);
    else this.#turns.push({ role: 'assistant', parts: renamed });
  }

  outcome(rawId: string, result: { text: string; isError: boolean; media: readonly UserPart[] }): void {
    const open = this.#open.find((candidate) => candidate.rawId === rawId && candidate.outcome === null);
    const text = result.text.trim() === '' ? NO_OUTPUT : result.text;
    if (open) open.outcome = { callId: open.call.id, name: open.call.name, text, isError: result.isError };
    else this.user([{ type: 'text', text: `[Result of an earlier tool call]\n${text}` }]);
    this.user(result.media);
  }

  finish(): Turn[] {
    this.#flush();
    if (this.#turns[0]?.role === 'assistant') {
      this.#turns.unshift({ role: 'user', parts: [{ type: 'text', text: 'Continue.' }] });
    }
    return this.#turns;
  }

  #register(call: Call): Call {
    let id = call.id;
    for (let count = 2; this.#usedIds.has(id); count += 1) id = `${call.id}_${count}`;
    this.#usedIds.add(id);
    const unique = { ...call, id };
    this.#open.push({ rawId: call.id, call: unique, outcome: null });
    return unique;
  }

  #flush(): void {
    if (this.#open.length > 0) {
      const outcomes = this.#open.map(
        ({ call, outcome }) => outcome ?? { callId: call.id, name: call.name, text: NO_RESULT, isError: true },
      );
      this.#turns.push({ role: 'tool', outcomes });
      this.#open = [];
    }
    for (const item of this.#pending) {
      const last = this.#turns.at(-1);
      if (item.kind === 'system') this.#turns.push({ role: 'system', text: item.text });
      else if (last?.role === 'user') last.parts.push(item.part);
      else this.#turns.push({ role: 'user', parts: [item.part] });
    }
    this.#pending = [];
  }
}

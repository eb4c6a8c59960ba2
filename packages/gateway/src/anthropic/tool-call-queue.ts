/**
 * Calls as providers stream them — in pieces, several at a time, mixed — on their way into a stream that knows one open block.
 * A call is announced as soon as its name is known and no other is open. Its input is passed on when it is complete, in one
 * piece: an input that was cut off must never reach the client in part, where `rm -rf /tmp/x` may read `rm -rf /`.
 */
import { isObject, type Json, parseJson } from '../json.ts';
import type { MessageStream } from './message-stream.ts';
import { sealNote } from './own-signature.ts';

export interface CallPiece {
  /** Which call the piece belongs to; the same for all its pieces. */
  key: string;
  id?: string | undefined;
  name?: string | undefined;
  /** A piece of JSON. */
  input?: string | undefined;
  /** What the provider wants to see again with the call. */
  note?: Json | undefined;
}

interface Call {
  id: string;
  name: string;
  input: string;
  note: Json | null;
  announced: boolean;
}

export interface ToolCallQueueOptions {
  stream: MessageStream;
  provider: string;
  /** Makes ids for calls that have none, or one that Anthropic would not take. */
  ids: () => string;
  /** The caller's name of a tool. */
  nameOf: (name: string) => string;
}

const ACCEPTED_ID = /^[\w-]{1,64}$/;

function isCompleteObject(text: string): boolean {
  return isObject(parseJson(text));
}

export class ToolCallQueue {
  readonly #options: ToolCallQueueOptions;
  readonly #calls = new Map<string, Call>();
  readonly #usedIds = new Set<string>();

  constructor(options: ToolCallQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#calls.size === 0;
  }

  has(key: string): boolean {
    return this.#calls.has(key);
  }

  /** The input so far; undefined for an unknown key. */
  inputOf(key: string): string | undefined {
    return this.#calls.get(key)?.input;
  }

  accept(piece: CallPiece): void {
    const call = this.#calls.get(piece.key) ?? this.#add(piece);
    if (piece.name && !call.announced && !call.name) call.name = piece.name;
    if (piece.note) call.note = { ...call.note, ...piece.note };
    call.input += piece.input ?? '';
    this.#announceFirst();
  }

  /** All pieces of this call have arrived. */
  complete(key: string): void {
    const first = this.#calls.keys().next().value;
    if (first === key) this.#flushFirst();
  }

  /** Text or thinking follows: the calls before it are over. */
  flush(): void {
    while (this.#calls.size > 0) this.#flushFirst();
  }

  #add(piece: CallPiece): Call {
    // A second call means that the first one is complete, if its input is.
    while (isCompleteObject(this.#calls.values().next().value?.input ?? '')) this.#flushFirst();
    const given = piece.id ?? '';
    const usable = ACCEPTED_ID.test(given) && !this.#usedIds.has(given);
    const id = usable ? given : `toolu_${this.#options.ids()}`;
    this.#usedIds.add(id);
    const call: Call = { id, name: piece.name ?? '', input: '', note: null, announced: false };
    this.#calls.set(piece.key, call);
    return call;
  }

  #announceFirst(): void {
    const first = this.#calls.values().next().value;
    if (first && !first.announced && first.name !== '') this.#announce(first);
  }

  #announce(call: Call): void {
    const { stream, provider, nameOf } = this.#options;
    call.announced = true;
    if (call.note) stream.seal(sealNote({ provider, calls: { [call.id]: call.note } }));
    stream.toolUse(call.id, nameOf(call.name));
  }

  #flushFirst(): void {
    const [key, call] = this.#calls.entries().next().value ?? [];
    if (key === undefined || !call) return;
    this.#calls.delete(key);
    // A call without a name is no call.
    if (call.name !== '') {
      if (!call.announced) this.#announce(call);
      if (isCompleteObject(call.input)) this.#options.stream.toolInput(call.input);
    }
    this.#announceFirst();
  }
}

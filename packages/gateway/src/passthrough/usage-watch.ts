/**
 * Reads what an answer costs, and whether it is complete, from its bytes, beside the pipe: nothing is parsed but the few events
 * that tell it.
 */
import type { Usage } from '../anthropic/stream-events.ts';
import { countOf, isObject, objectOf, parseJson } from '../json.ts';

/** The beginning of the names of all events about the message as a whole. As bytes: a text is three times slower to find. */
const ABOUT_MESSAGE = Buffer.from('event: message_');
/** The name of the event that closes a message goes on with this. */
const STOP = Buffer.from('stop');
const LINE_END = 10;
/** A message that is not streamed is parsed whole; one beyond this is not worth its memory. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export class UsageWatch {
  #usage: Usage | null = null;
  readonly #whole: Buffer[] = [];
  #size = 0;
  #complete = false;

  /** The event that closes the message has gone by. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Null when the answer told nothing. */
  get usage(): Usage | null {
    return this.#usage;
  }

  /** Whole events only. */
  events(bytes: Buffer): void {
    for (let at = bytes.indexOf(ABOUT_MESSAGE); at !== -1; at = bytes.indexOf(ABOUT_MESSAGE, at + 1)) {
      const name = at + ABOUT_MESSAGE.length;
      if (bytes.compare(STOP, 0, STOP.length, name, name + STOP.length) === 0) {
        this.#complete = true;
        return;
      }
      const data = bytes.indexOf('data:', at);
      if (data === -1) return;
      const end = bytes.indexOf(LINE_END, data);
      const event = objectOf(parseJson(bytes.toString('utf8', data + 5, end === -1 ? bytes.length : end)));
      this.#read(objectOf(event.message).usage ?? event.usage);
    }
  }

  /** A piece of a message that is not streamed. */
  message(bytes: Buffer): void {
    this.#size += bytes.length;
    if (this.#size <= MAX_MESSAGE_BYTES) this.#whole.push(bytes);
  }

  /** The message is complete. */
  messageEnd(): void {
    if (this.#size <= MAX_MESSAGE_BYTES)
      this.#read(objectOf(parseJson(Buffer.concat(this.#whole).toString('utf8'))).usage);
  }

  /** Later figures replace earlier ones; those that are not told again stay. */
  #read(value: unknown): void {
    if (!isObject(value)) return;
    const before = this.#usage;
    const read = countOf(value.cache_read_input_tokens) ?? before?.cache_read_input_tokens ?? 0;
    const written = countOf(value.cache_creation_input_tokens) ?? before?.cache_creation_input_tokens ?? 0;
    this.#usage = {
      input_tokens: countOf(value.input_tokens) ?? before?.input_tokens ?? 0,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: read,
      output_tokens: countOf(value.output_tokens) ?? before?.output_tokens ?? 0,
    };
  }
}

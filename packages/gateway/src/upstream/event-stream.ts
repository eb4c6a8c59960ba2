import { StringDecoder } from 'node:string_decoder';
import { ApiError } from '../anthropic/errors.ts';

/** No provider sends an event near this size; a line that never ends must not fill the memory. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads server-sent events out of chunks that may be cut anywhere, also within a character. Comment lines and fields other
 * than `data` are skipped; several `data` lines of one event are joined, as the standard says. Lines may end with CR LF.
 */
export class EventStreamReader {
  readonly #decoder = new StringDecoder('utf8');
  readonly #onData: (data: string) => void;
  #rest = '';
  #data: string | null = null;

  constructor(onData: (data: string) => void) {
    this.#onData = onData;
  }

  /** @throws ApiError when one event grows beyond all measure. */
  accept(chunk: Buffer): void {
    const text = this.#rest + this.#decoder.write(chunk);
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      this.#line(text.slice(from, text.charCodeAt(end - 1) === 13 && end > from ? end - 1 : end));
      from = end + 1;
    }
    this.#rest = text.slice(from);
    if (this.#rest.length + (this.#data?.length ?? 0) > MAX_EVENT_CHARACTERS) {
      throw new ApiError('api_error', 'The provider sent an event that is too large.', { status: 502 });
    }
  }

  /** The stream has ended. An event without its closing blank line still counts: some servers leave it out. */
  finish(): void {
    if (this.#rest !== '') this.#line(this.#rest);
    this.#rest = '';
    this.#line('');
  }

  #line(line: string): void {
    if (line === '') {
      const data = this.#data;
      this.#data = null;
      if (data !== null) this.#onData(data);
    } else if (line.startsWith('data:')) {
      const value = line.charCodeAt(5) === 32 ? line.slice(6) : line.slice(5);
      this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
    }
  }
}

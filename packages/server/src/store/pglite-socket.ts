/** What `pg` takes for its network connection: the wire protocol goes to the PGlite worker thread and back as messages. */
import { Duplex } from 'node:stream';
import type { MessagePort, Worker } from 'node:worker_threads';

export class PgliteSocket extends Duplex {
  readonly #port: Pick<MessagePort | Worker, 'postMessage'>;

  constructor(port: Pick<MessagePort | Worker, 'postMessage'>) {
    super();
    this.#port = port;
    // `pg` listens from its connect on; an engine that never started fails before, and its loss is reported otherwise.
    this.on('error', () => {});
  }

  /** Bytes the worker answered. */
  receive(bytes: Uint8Array): void {
    this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  /** The engine is gone: every statement under way or still to come fails. */
  lost(error: Error): void {
    this.destroy(error);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send([chunk]);
    done();
  }

  /** `pg` corks the messages of one statement, so that they cross to the worker together. */
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(chunks.map(({ chunk }) => chunk));
    done();
  }

  /** `pg` ends its side; nothing more comes from the other. */
  override _final(done: () => void): void {
    this.push(null);
    done();
  }

  #send(chunks: Buffer[]): void {
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    // A fresh buffer: small Buffers share a pool, which must not be handed over.
    const bytes = new Uint8Array(new ArrayBuffer(length));
    let offset = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    this.#port.postMessage(bytes, [bytes.buffer]);
  }

  /** The rest is what `pg` calls on a `net.Socket`. */
  connect(): this {
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

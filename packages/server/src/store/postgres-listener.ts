/** One connection that does nothing but LISTEN, opened with the first listener, reopened when it breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { StoreLogger } from './logger.ts';

export interface PostgresListenerOptions {
  connect: () => pg.Client;
  retryMs: number;
  logger: StoreLogger;
}

export class PostgresListener {
  readonly #options: PostgresListenerOptions;
  readonly #channels = new Map<string, Set<(payload: string) => void>>();
  readonly #closing = new AbortController();
  #client: Promise<pg.Client> | undefined;
  #reconnecting: Promise<void> | undefined;

  constructor(options: PostgresListenerOptions) {
    this.#options = options;
  }

  async listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>> {
    const listeners = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, listeners);
    const own = (payload: string) => onPayload(payload);
    listeners.add(own);
    const remove = async () => {
      listeners.delete(own);
      if (listeners.size > 0 || this.#channels.get(channel) !== listeners) return;
      this.#channels.delete(channel);
      // A connection that broke meanwhile has forgotten the channel by itself.
      await this.#run(`unlisten ${pg.escapeIdentifier(channel)}`).catch(() => {});
    };
    try {
      await this.#run(`listen ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      await remove();
      throw error;
    }
    return remove;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const client = await this.#client?.catch(() => undefined);
    await client?.end().catch(() => {});
    await this.#reconnecting;
  }

  async #run(statement: string): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#client ??= this.#open();
    const client = await this.#client;
    await client.query(statement);
  }

  async #open(): Promise<pg.Client> {
    const client = this.#options.connect();
    client.on('notification', ({ channel, payload }) => {
      for (const onPayload of this.#channels.get(channel) ?? []) onPayload(payload ?? '');
    });
    // An error is always followed by 'end'.
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
    client.once('end', () => this.#lost());
    return client;
  }

  #lost(): void {
    this.#client = undefined;
    if (this.#closing.signal.aborted || this.#channels.size === 0) return;
    this.#options.logger.warn({}, 'The database connection for notifications was lost; connecting again.');
    this.#reconnecting ??= this.#reconnect().finally(() => {
      this.#reconnecting = undefined;
    });
  }

  async #reconnect(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for (const channel of this.#channels.keys()) await this.#run(`listen ${pg.escapeIdentifier(channel)}`);
        for (const listeners of this.#channels.values()) {
          for (const onPayload of listeners) onPayload('');
        }
        return;
      } catch {
        await sleep(this.#options.retryMs, undefined, { signal, ref: false }).catch(() => {});
      }
    }
  }
}

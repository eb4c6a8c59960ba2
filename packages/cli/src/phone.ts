/** `companion phone`: the simulated phone in a terminal. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClaudeCompanionClient } from '@claude-companion/client';
import pc from 'picocolors';
import { connect, type ServerOptions } from './connect.ts';
import type { Surroundings } from './surroundings.ts';
import { bubble } from './terminal/bubble.ts';

const POLL_MS = 300;

export async function phone(surroundings: Surroundings, options: ServerOptions): Promise<number> {
  const client = await connect(surroundings, options);
  await client.phoneTexts();
  surroundings.stdout(pc.dim('The simulated phone. Type a reply and press Enter; Ctrl-C to put it down.'));
  const screen = new PhoneScreen(surroundings, client);
  const shown = screen.watch(surroundings.stopped);
  const typed = (async () => {
    for await (const line of surroundings.lines()) if (line.trim() !== '') await client.typeOnPhone(line);
  })();
  // Without a person at the terminal the end of the input is the end; the reply still has a moment to arrive.
  await Promise.race([shown, surroundings.interactive ? shown : typed.then(() => sleep(1500))]);
  return 0;
}

/** Shows each text once, in order, whoever asks for it. */
export class PhoneScreen {
  readonly #surroundings: Pick<Surroundings, 'stdout' | 'stderr'>;
  readonly #client: ClaudeCompanionClient;
  #last = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(surroundings: Pick<Surroundings, 'stdout' | 'stderr'>, client: ClaudeCompanionClient) {
    this.#surroundings = surroundings;
    this.#client = client;
  }

  /** What the phone already holds is not shown again. */
  async skipHistory(): Promise<void> {
    this.#last = Math.max(0, ...(await this.#client.phoneTexts()).map((text) => text.id));
  }

  /** Shows what has come since the last time. */
  catchUp(): Promise<void> {
    const shown = this.#turn.then(async () => {
      for (const text of await this.#client.phoneTexts(this.#last)) {
        for (const line of bubble(text)) this.#surroundings.stdout(line);
        this.#last = text.id;
      }
    });
    this.#turn = shown.catch(() => undefined);
    return shown;
  }

  /** Shows texts as they come, until the signal. */
  async watch(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.catchUp();
      } catch (error) {
        if (signal.aborted) return;
        this.#surroundings.stderr(error instanceof Error ? error.message : String(error));
        await sleep(2000);
      }
      await sleep(POLL_MS);
    }
  }
}

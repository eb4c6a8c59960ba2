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
  const shown = showTexts(surroundings, client, { history: true });
  const typed = (async () => {
    for await (const line of surroundings.lines()) if (line.trim() !== '') await client.typeOnPhone(line);
  })();
  await Promise.race([shown, surroundings.interactive ? shown : typed.then(() => sleep(1500))]);
  return 0;
}

/** Shows texts as they come, until the command is stopped. */
export async function showTexts(
  surroundings: Surroundings,
  client: ClaudeCompanionClient,
  options: { history: boolean },
): Promise<void> {
  let last = options.history ? 0 : Math.max(0, ...(await client.phoneTexts()).map((text) => text.id));
  while (!surroundings.stopped.aborted) {
    try {
      for (const text of await client.phoneTexts(last)) {
        for (const line of bubble(text)) surroundings.stdout(line);
        last = text.id;
      }
    } catch (error) {
      if (surroundings.stopped.aborted) return;
      surroundings.stderr(error instanceof Error ? error.message : String(error));
      await sleep(2000);
    }
    await sleep(POLL_MS);
  }
}

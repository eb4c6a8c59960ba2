/**
 * The process that log-crash.test.ts kills: opens the store and appends from many producers, alone and inside transactions.
 * Prints `open` once, then each acknowledged event as `session seq`. Arguments: data directory, cache directory, sessions.
 */
import { writeSync } from 'node:fs';
import { systemClock } from '../../packages/server/src/clock.ts';
import { openStore } from '../../packages/server/src/store/open.ts';

const [dataDir = '', cacheDir = '', sessions = ''] = process.argv.slice(2);
const logger = { info() {}, warn() {}, error() {} };
const store = await openStore({ dataDir, cacheDir, logger, clock: systemClock, dataKey: Buffer.alloc(32) });
const sessionIds = sessions.split(',');
// Synchronous: what was acknowledged is in the pipe before anything else happens, whenever the kill comes.
const print = (line: string) => writeSync(1, `${line}\n`);
print('open');

async function produce(producer: number): Promise<never> {
  for (let n = 0; ; n++) {
    const sessionId = sessionIds[(producer + n) % sessionIds.length] ?? '';
    const events = Array.from({ length: 1 + (n % 3) }, () => ({
      sessionId,
      kind: 'message.assistant' as const,
      data: { messageId: `${producer}-${n}`, text: 'x'.repeat((n * 37) % 600) },
      at: new Date().toISOString(),
    }));
    const appended =
      (producer + n) % 10 === 0
        ? await store.db.transaction((tx) => store.log.appendIn(tx, events))
        : await store.log.append(events);
    for (const { seq } of appended) print(`${sessionId} ${seq}`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, producer) => produce(producer)));

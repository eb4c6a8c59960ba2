/**
 * The worker thread that PGlite lives in: a statement blocks its thread, up to seconds for a heavy one.
 * In: wire protocol bytes, or a request. Out: wire protocol bytes, or a report.
 */
import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { openEngine } from './pglite-engine.ts';

export interface PgliteWorkerData {
  directory: string;
}
export type PgliteRequest = 'count-syncs' | 'close';
export type PgliteReport =
  | { report: 'ready' }
  | { report: 'syncs'; count: number }
  | { report: 'closed' }
  | { report: 'fatal'; reason: string };

const BASELINE_ONLY = ['wasm-tier-up', 'wasm-dynamic-tiering'];

if (!parentPort) throw new Error('pglite-worker.ts runs as a worker thread');
const port = parentPort;
const report = (message: PgliteReport) => port.postMessage(message);

function fatal(reason: string): never {
  report({ report: 'fatal', reason });
  process.exit(1);
}

const { directory } = workerData as PgliteWorkerData;
// Only the baseline compiler for the engine's WebAssembly. The optimizing one takes 100 to 500 MB while it works on so large a
// module and left the server 100 MB larger (310 against 206), for 8 % more events per second. The flags are the process's, and
// are read when a module is compiled: others, such as the HTTP parser of fetch, are optimized again afterwards.
for (const flag of BASELINE_ONLY) setFlagsFromString(`--no-${flag}`);
const engine = await openEngine(directory, fatal).catch((error: unknown) => fatal(String(error)));
for (const flag of BASELINE_ONLY) setFlagsFromString(`--${flag}`);

async function answer(message: Uint8Array): Promise<void> {
  const parts: Uint8Array[] = [];
  let length = 0;
  await engine.pglite.execProtocolRawStream(message, {
    syncToFs: false,
    onRawData: (bytes) => {
      // A view into the engine's memory, overwritten by what follows.
      parts.push(bytes.slice());
      length += bytes.length;
    },
  });
  // One message for all: each crossing of the threads costs, and there is a part for every few kilobytes.
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  port.postMessage(whole, [whole.buffer]);
}

const REQUESTS: Record<PgliteRequest, () => Promise<void>> = {
  'count-syncs': async () => report({ report: 'syncs', count: engine.syncs() }),
  close: async () => {
    await engine.pglite.close();
    report({ report: 'closed' });
    port.close();
  },
};

let work = Promise.resolve();
port.on('message', (message: Uint8Array | PgliteRequest) => {
  work = work
    .then(() => (typeof message === 'string' ? REQUESTS[message]() : answer(message)))
    .catch((error: unknown) => fatal(String(error)));
});
report({ report: 'ready' });

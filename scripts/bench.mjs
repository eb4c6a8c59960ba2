// `npm run bench [name …]`
import { ensureInstalled, root, run } from './runtime.mjs';

ensureInstalled();
process.exitCode = await run(`${root}bench/run.ts`, process.argv.slice(2));

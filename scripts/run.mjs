// `npm start`, `npm run demo`, `npm run companion -- …`: the companion command from a fresh clone.
import { ensureInstalled, root, run } from './runtime.mjs';

ensureInstalled();
process.exitCode = await run(`${root}packages/cli/src/main.ts`, process.argv.slice(2), {
  cwd: process.env.INIT_CWD ?? process.cwd(),
});

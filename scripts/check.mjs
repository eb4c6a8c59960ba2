// `npm run check`: everything that can be judged without running the product. Prints each step and stops at the first that fails.
import { spawnSync } from 'node:child_process';
import { ensureInstalled, nodeBinary, root } from './runtime.mjs';

ensureInstalled();
const bin = `${root}node_modules/.bin`;
const steps = [
  ['format and lint', `${bin}/biome`, ['check', '--error-on-warnings', '.']],
  ['types', `${bin}/tsc`, ['-p', root]],
  [
    'unused files, exports and dependencies',
    nodeBinary(),
    [`${root}node_modules/knip/bin/knip.js`, '--no-config-hints'],
  ],
  ['generated files', nodeBinary(), [`${root}scripts/generate.ts`, '--check']],
];
for (const [name, command, args] of steps) {
  const started = Date.now();
  process.stdout.write(`${name} … `);
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
  });
  if (result.status !== 0) {
    console.log('failed');
    console.log(result.stdout + result.stderr);
    process.exit(1);
  }
  console.log(`ok (${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

// `npm pack` and `npm publish` run this before (`built`) and after (`source`). In the repository Node runs the sources as they
// are; below node_modules it refuses TypeScript. So what is published is JavaScript with declarations, and package.json names
// it for as long as it is being packed.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

const SHAPES = {
  built: { types: './dist/index.d.ts', default: './dist/index.js' },
  source: './src/index.ts',
};

const [shape] = process.argv.slice(2);
if (!Object.hasOwn(SHAPES, shape)) throw new Error('Say "built" or "source".');
rmSync('dist', { recursive: true, force: true });
if (shape === 'built') build();
const description = JSON.parse(readFileSync('package.json', 'utf8'));
description.exports['.'] = SHAPES[shape];
writeFileSync('package.json', `${JSON.stringify(description, null, 2)}\n`);

function build() {
  const { status } = spawnSync('tsc', ['-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}

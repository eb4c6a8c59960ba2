/** Runs every sample of the package's README as somebody would who installed the package, and compares what it prints. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { freePort } from './free-port.ts';
import { type InstalledPackage, installPackage } from './installed-package.ts';
import { OWN_NUMBER } from './texts.ts';

const readme = readFileSync(new URL('../../packages/sms/README.md', import.meta.url), 'utf8');
const run = promisify(execFile);

interface Sample {
  heading: string;
  code: string;
  printed: string | undefined;
}

const SAMPLE = /^```ts\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?/gms;

const samples: Sample[] = [...readme.matchAll(SAMPLE)].map(({ index, 1: code = '', 2: printed }) => ({
  heading:
    readme
      .slice(0, index)
      .match(/^#+ .*$/gm)
      ?.at(-1) ?? '',
  code,
  printed,
}));

let carrier: TwilioEmulator;
let installed: InstalledPackage;

beforeAll(async () => {
  carrier = await new TwilioEmulator().listen();
  installed = await installPackage(['fastify', '@electric-sql/pglite', '@types/node', 'undici-types']);
});

afterAll(async () => {
  installed[Symbol.dispose]();
  await carrier[Symbol.asyncDispose]();
});

test('there are samples, and each says what it prints', () => {
  expect(samples.length).toBe(readme.match(/^```ts$/gm)?.length);
  expect(samples.length).toBeGreaterThan(8);
  expect(samples.filter(({ printed }) => printed === undefined)).toEqual([]);
  expect(installed.readme).toBe(readme);
});

test('the declarations of the package are complete, and every sample is typed by them', {
  timeout: 60_000,
}, async () => {
  // PGlite's own declarations have errors; they would hide ours.
  const own = samples.filter(({ code }) => !code.includes('@electric-sql/pglite'));
  const names = own.map((_sample, at) => `sample-${at}.ts`);
  for (const [at, name] of names.entries()) writeFileSync(join(installed.program, name), own[at]?.code ?? '');
  writeFileSync(join(installed.program, 'package.json'), '{"type":"module"}');
  const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
  const options = '--noEmit --strict --exactOptionalPropertyTypes --target es2024 --module nodenext --types node';
  await expect(
    run(tsc, [...options.split(' '), ...names], { cwd: installed.program }).catch(({ stdout }) => ({ stdout })),
  ).resolves.toMatchObject({ stdout: '' });
});

describe.each(samples)('$heading', ({ code, printed }) => {
  test('runs and prints what the README says', { timeout: 60_000 }, async () => {
    const env = {
      PATH: process.env.PATH,
      TWILIO_ACCOUNT_SID: carrier.accountSid,
      TWILIO_AUTH_TOKEN: carrier.authToken,
      TWILIO_PHONE_NUMBER: OWN_NUMBER,
      TWILIO_API_URL: carrier.baseUrl,
      PORT: String(await freePort()),
    };
    const options = { cwd: installed.program, env, timeout: 50_000 };
    const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', code], options);
    expect(stdout).toBe(printed);
  });
});

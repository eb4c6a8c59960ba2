/** Runs every sample of the package's README and compares what it prints. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { freePort } from './free-port.ts';
import { OWN_NUMBER } from './texts.ts';

const packageDirectory = fileURLToPath(new URL('../../packages/sms', import.meta.url));
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

beforeAll(async () => {
  carrier = await new TwilioEmulator().listen();
});

afterAll(() => carrier[Symbol.asyncDispose]());

test('there are samples, and each says what it prints', () => {
  expect(samples.length).toBe(readme.match(/^```ts$/gm)?.length);
  expect(samples.length).toBeGreaterThan(8);
  expect(samples.filter(({ printed }) => printed === undefined)).toEqual([]);
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
    const options = { cwd: packageDirectory, env, timeout: 50_000 };
    const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '--eval', code], options);
    expect(stdout).toBe(printed);
  });
});

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { TwilioEmulator } from '../world/twilio/emulator.ts';
import { freePort } from './free-port.ts';
import { OWN_NUMBER, PATH_TOKEN, PERSON } from './texts.ts';

const bot = fileURLToPath(new URL('../../examples/sms-bot/bot.ts', import.meta.url));
const PATH = process.env.PATH;

test('the bot plays both sides and ends', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [bot], { env: { PATH }, timeout: 25_000 });
  expect(stdout).toContain('person: /status\n   bot: Status: All systems operational\n');
  expect(stdout.match(/eciwt semoc eno sihT/g)).toHaveLength(1);
  expect(stdout).toContain('person: This one is forged\n(refused: 401)\n');
  expect(stdout).toContain(
    'person: STOP\n(the carrier answers this: opt_out)\nperson: Anybody there?\nperson: START\n',
  );
  expect(stdout).toContain('Inbound: 8\nOutbound: 5\nSignature Failures: 1\nDuplicates: 1\nErrors: 1\n');
});

test('the bot answers a real phone through Twilio', async () => {
  await using carrier = await new TwilioEmulator().listen();
  const port = String(await freePort());
  const child = spawn(process.execPath, [bot], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH,
      PORT: port,
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      SMS_WEBHOOK_PATH_TOKEN: PATH_TOKEN,
      TWILIO_ACCOUNT_SID: carrier.accountSid,
      TWILIO_AUTH_TOKEN: carrier.authToken,
      TWILIO_PHONE_NUMBER: OWN_NUMBER,
      TWILIO_API_URL: carrier.baseUrl,
    },
  });
  try {
    await once(child.stdout, 'data');
    carrier.webhookUrl = `http://127.0.0.1:${port}/webhook/${PATH_TOKEN}`;
    const [answer] = await carrier.arrive({ from: PERSON, to: OWN_NUMBER, body: 'Hello', copies: 3 });
    expect(answer?.status).toBe(200);
    await expect
      .poll(() => carrier.sentTo(PERSON).map(({ body }) => body))
      .toEqual(['You wrote 5 characters. Backwards: olleH']);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

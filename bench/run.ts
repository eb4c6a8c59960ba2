/** `npm run bench`: every measurement of this folder, or those named. Each prints ratios against a floor of the same run. */
import { run as carrier } from './carrier.ts';
import { run as commitEvents } from './event-log.ts';
import { run as firstToken } from './first-token.ts';
import { run as gateway } from './gateway.ts';
import { run as memory } from './memory.ts';
import { run as signIn } from './sign-in.ts';
import { run as sms } from './sms.ts';
import { run as startUp } from './start-up.ts';
import { run as turnOverhead } from './turn-overhead.ts';

const BENCHES: Record<string, () => Promise<void>> = {
  'event-log': commitEvents,
  'first-token': firstToken,
  'start-up': startUp,
  memory,
  gateway,
  'sign-in': signIn,
  sms,
  carrier,
  'turn-overhead': turnOverhead,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(1);
}
for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n== ${name}`);
  await run();
}
process.exit();

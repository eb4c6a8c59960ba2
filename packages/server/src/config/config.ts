/**
 * Everything that can be set, in one schema. `docs/config.md` is generated from it, `companion doctor` and the start-up
 * check read it, and only the entry reads the environment. A value that is set but wrong stops the start; it is never
 * replaced by a default.
 */
import { z } from 'zod';
import { CountrySetting, listOf, OriginSetting, PhoneSetting } from './lists.ts';

const seconds = (from: number, to: number) => z.coerce.number().int().min(from).max(to);
const flag = z.enum(['true', 'false', '1', '0']).transform((value) => value === 'true' || value === '1');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Credentials go there: in the clear they may not leave this machine. */
function isSafeUpstream(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname));
}

/** Half of the account must not quietly give the simulated phone. */
const TWILIO_ACCOUNT = ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER'] as const;

export const ConfigSchema = z.object({
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on. Only loopback unless set.'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001).describe('Port to listen on; 0 picks a free one.'),
  PUBLIC_URL: z.url().optional().describe('Address under which phones and browsers reach the server; used in links.'),
  AUTH_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('The owner’s token. When unset, one is made at the first start and kept in DATA_DIR/auth-token.'),
  DATA_DIR: z.string().min(1).describe('Where the server keeps its database, secrets and transcripts.'),
  PROJECTS_DIR: z.string().min(1).describe('The directory whose sub-directories are the projects agents may work in.'),
  DEFAULT_PROJECT: z
    .string()
    .min(1)
    .optional()
    .describe('Project of sessions that name none. Default: the only directory of PROJECTS_DIR, if there is only one.'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://')
    .optional()
    .describe('PostgreSQL 15 or newer. When unset, an embedded database below DATA_DIR is used.'),
  DATA_KEY: z
    .string()
    .refine((value) => Buffer.from(value, 'base64').length >= 32, 'must be at least 32 bytes in base64')
    .optional()
    .describe(
      'Seals phone numbers in the database. When unset, one is made at the first start and kept in DATA_DIR/data-key. Servers that share a database need the same.',
    ),
  OWNER_PHONE: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550123')
    .optional()
    .describe('The owner’s phone. With the simulated phone a fictional number is used when unset.'),
  JWT_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe(
      'Signs access tokens and keys the hashes of codes. When unset, one is made at the first start and kept in DATA_DIR/jwt-secret. Servers that share a database need the same.',
    ),
  ACCESS_TOKEN_TTL: seconds(60, 31_536_000)
    .default(604_800)
    .describe('How long an access token is valid, in seconds: 604800 is 7 days, 129600 is 36 hours.'),
  ALLOWED_PHONES: listOf(PhoneSetting)
    .optional()
    .describe('Numbers, separated by commas, that may pair, host sessions and answer asks. The owner’s may always.'),
  OPEN_SIGNUP: flag
    .optional()
    .describe(
      'Whether numbers that are not listed may pair too; they may only monitor their own sessions. Default: only while HOST and PUBLIC_URL are loopback.',
    ),
  ALLOWED_COUNTRIES: listOf(CountrySetting)
    .optional()
    .describe(
      'Countries, as ISO codes separated by commas, of numbers that may pair without being listed. Default: all.',
    ),
  CODE_TEXTS_PER_DAY: z.coerce
    .number()
    .int()
    .min(2)
    .max(100_000)
    .default(40)
    .describe('Most texts with codes in 24 hours. Half of them are kept for people who are known already.'),
  CALLBACK_ORIGINS: listOf(OriginSetting)
    .optional()
    .describe(
      'Web origins, separated by commas, that a sign-in may return to. This machine and the server itself always may.',
    ),
  TRUSTED_PROXIES: listOf(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]))
    .optional()
    .describe(
      'Addresses or networks of reverse proxies, separated by commas, whose X-Forwarded-For names the client for the limits of signing in.',
    ),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/i, 'must be "AC" and 32 hexadecimal digits; it is on the first page of the Twilio console')
    .optional()
    .describe('Your Twilio account, for real texts; needs the two settings below. When unset, the phone is simulated.'),
  TWILIO_AUTH_TOKEN: z
    .string()
    .regex(/^[0-9a-f]{32}$/i, 'must be 32 hexadecimal digits; it is on the first page of the Twilio console')
    .optional()
    .describe('Its auth token: sends texts, and proves that what comes in is from Twilio.'),
  TWILIO_PHONE_NUMBER: z
    .string()
    .regex(
      /^(\+[1-9]\d{6,14}|MG[0-9a-f]{32})$/i,
      'must be an E.164 number such as +14155550123, or a Messaging Service (MG…)',
    )
    .optional()
    .describe('Your number at Twilio, or the SID of a Messaging Service. `companion doctor` checks all of it.'),
  TWILIO_API_URL: z
    .url()
    .refine(isSafeUpstream, 'must begin with https://, or be on this machine')
    .optional()
    .describe('Where Twilio’s API answers, for another region or an emulator. Default: https://api.twilio.com.'),
  GATEWAY_CONFIG: z
    .string()
    .min(1)
    .optional()
    .describe('A JSON file with aliases, fallbacks, providers and prices of models; see docs/gateway.md.'),
  ANTHROPIC_MODEL: z.string().min(1).optional().describe('Model of sessions that name none.'),
  CLAUDE_CONFIG_DIR: z
    .string()
    .min(1)
    .optional()
    .describe('Where hosted Claude Code keeps its state and login. Default: DATA_DIR/claude.'),
  CLAUDE_EXECUTABLE: z.string().min(1).optional().describe('Claude Code program to run instead of the bundled one.'),
  AGENT_IDLE_MINUTES: z.coerce
    .number()
    .positive()
    .max(1440)
    .default(10)
    .describe('A live agent process is closed after this long without work; it comes back on the next prompt.'),
  MAX_LIVE_AGENTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      'Most live agent processes at once, one spare not counted. More sessions take turns: idle ones are closed, the rest stand in line. Default: one per 2 GB of memory, at most 8.',
    ),
  AGENT_PARK_MINUTES: z.coerce
    .number()
    .min(0)
    .max(1440)
    .default(3)
    .describe(
      'When all processes are taken, one that has waited this long for a person is closed to make room. Its ask stays open.',
    ),
  SESSION_LEASE_S: seconds(1, 300)
    .default(10)
    .describe(
      'With several servers on one database: a session whose server has not been heard of for this long is taken over by another.',
    ),
  WARM_AGENTS: flag.default(true).describe('Keep one spare agent process ready, about 180 MB, for a fast start.'),
  PERMISSION_TIMEOUT_S: seconds(1, 604_800)
    .optional()
    .describe('Deadline of an ask. Default: 24 hours, or 5 minutes when no channel can reach the owner.'),
  TEXT_AFTER_SECONDS: seconds(0, 86_400)
    .default(0)
    .describe('Wait this long for somebody to look at a screen before a text is sent. 0: text at once when away.'),
  HOLD_DOWN_SECONDS: seconds(0, 3_600)
    .default(20)
    .describe('An ask of a session in somebody’s terminal waits this long for an answer there before it is texted.'),
  FOLD_SECONDS: seconds(0, 300)
    .default(20)
    .describe(
      'Asks that come within this long become one text, while other sessions run or an earlier text is unanswered. 0: a text for each.',
    ),
  TEXT_CEILING: z
    .enum(['low', 'elevated'])
    .default('low')
    .describe('Highest risk that may be allowed by text. Anything above needs a signed-in screen.'),
  QUIET_HOURS: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'must look like 22:00-07:00')
    .optional()
    .describe('No text in these hours unless a deadline would pass.'),
  TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be an IANA name such as Europe/Berlin')
    .default('UTC')
    .describe('Time zone of QUIET_HOURS and of times in texts.'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('How much is logged.'),
  SHUTDOWN_GRACE_S: seconds(0, 600).default(10).describe('How long a stop waits for running turns.'),
});

export type Config = z.infer<typeof ConfigSchema>;

/** A setting that cannot be used. The message is one line per problem and names the setting, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `values` are environment-style strings. An empty string counts as set: an empty secret must never pass for "none". */
export function parseConfig(values: Record<string, string | undefined>): Config {
  const known = Object.fromEntries(
    Object.keys(ConfigSchema.shape)
      .filter((key) => values[key] !== undefined)
      .map((key) => [key, values[key]]),
  );
  const parsed = ConfigSchema.safeParse(known);
  if (parsed.success) {
    const missing = TWILIO_ACCOUNT.filter((key) => parsed.data[key] === undefined);
    if (missing.length === 0 || missing.length === TWILIO_ACCOUNT.length) return parsed.data;
    const given = TWILIO_ACCOUNT.filter((key) => !missing.includes(key));
    throw new ConfigError(
      `${missing.join(' and ')} must be set too, because ${given.join(' and ')} is: Twilio needs all three, the simulated phone none.`,
    );
  }
  const lines = parsed.error.issues.map((issue) => {
    const key = String(issue.path[0]);
    if (known[key] === '') return `${key} is set but empty: give it a value or remove it.`;
    return `${key}: ${issue.message}.`;
  });
  throw new ConfigError([...new Set(lines)].join('\n'));
}

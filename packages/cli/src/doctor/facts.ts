/** Everything the doctor looks at, gathered once; what to make of it is decided in the rules. */
import {
  type CarrierState,
  type Config,
  ConfigError,
  type DatabaseState,
  type Installation,
  inspectInstallation,
  inspectStore,
} from '@claude-companion/server';
import { resolveToken } from '../connect.ts';
import { givenSettings } from '../serve/settings.ts';
import type { Surroundings } from '../surroundings.ts';
import { type DirectoryState, directoryState, portFault } from './machine.ts';
import { askTwilio, type Outside, type TwilioAnswer, type TwilioSettings } from './twilio-account.ts';
import { type Probe, probeWebhook } from './webhook-probe.ts';

export type ServerState =
  | { state: 'running'; version: string }
  /** It answers, and the token that is kept here is not its own. */
  | { state: 'other token' }
  | { state: 'stopped'; portFault: string | null };

export interface Facts {
  nodeVersion: string;
  config: Config;
  url: string;
  dataDir: DirectoryState;
  projectsDir: DirectoryState;
  installation: Installation;
  server: ServerState;
  /** Null: the running server has it. */
  database: DatabaseState | null;
  carrier: CarrierState | null;
  /** Null with the simulated phone. */
  twilio: { settings: TwilioSettings; answer: TwilioAnswer } | null;
  /** Null: there is no address to try, or no server to answer. */
  webhook: Probe | null;
}

export type Gathered = { facts: Facts } | { settingsProblem: string };

export async function gather(surroundings: Surroundings, flags: { url?: string }, outside: Outside): Promise<Gathered> {
  const { env } = surroundings;
  let config: Config;
  try {
    config = givenSettings(surroundings, {}).config;
  } catch (error) {
    if (error instanceof ConfigError) return { settingsProblem: error.message };
    throw error;
  }
  const url = (flags.url ?? env.COMPANION_URL ?? localUrl(config)).replace(/\/+$/, '');
  const token = await resolveToken(surroundings, config.AUTH_TOKEN);
  const { server, carrier: told } = await askServer({ url, token, config }, outside);
  const stored = server.state === 'stopped' ? await inspectStore(config, outside.now()) : null;
  const carrier = told ?? stored?.carrier ?? null;
  const settings = twilioSettings(config);
  return {
    facts: {
      nodeVersion: process.versions.node,
      config,
      url,
      dataDir: await directoryState(config.DATA_DIR),
      projectsDir: await directoryState(config.PROJECTS_DIR),
      installation: await inspectInstallation(config, env),
      server,
      database: stored?.database ?? null,
      carrier,
      twilio: settings && { settings, answer: await askTwilio(settings, outside) },
      webhook:
        settings && carrier?.webhookUrl && server.state !== 'stopped'
          ? await probeWebhook({ ...settings, url: carrier.webhookUrl }, outside)
          : null,
    },
  };
}

function localUrl({ HOST, PORT }: Config): string {
  const host = HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

function twilioSettings(config: Config): TwilioSettings | null {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_PHONE_NUMBER: sender } = config;
  if (!accountSid || !authToken || !sender) return null;
  return { accountSid, authToken, sender, apiUrl: config.TWILIO_API_URL, ownerPhone: config.OWNER_PHONE };
}

const TIMEOUT_MS = 5_000;

async function askServer(
  { url, token, config }: { url: string; token: string | null; config: Config },
  { fetch }: Outside,
): Promise<{ server: ServerState; carrier: CarrierState | null }> {
  try {
    const health = await fetch(`${url}/health`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const about = (await health.json()) as { version?: unknown; aicliAvailable?: unknown };
    if (typeof about.version !== 'string' || about.aicliAvailable === undefined) throw new Error('another program');
    const answer = await fetch(`${url}/api/carrier`, {
      headers: { authorization: `Bearer ${token ?? ''}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) return { server: { state: 'other token' }, carrier: null };
    return {
      server: { state: 'running', version: about.version },
      carrier: (await answer.json()) as CarrierState,
    };
  } catch {
    const fault = config.PORT === 0 ? null : await portFault(config.HOST, config.PORT);
    return { server: { state: 'stopped', portFault: fault }, carrier: null };
  }
}

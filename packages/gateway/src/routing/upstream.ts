/** Joins a row of the table with what the operator set: the environment he passed in and the settings of the provider. */
import { ApiError } from '../anthropic/errors.ts';
import {
  baseUrlVariablesOf,
  chatProvider,
  DEFAULT_QUIRKS,
  type ProviderRow,
  type Quirks,
  type Wire,
} from './provider.ts';
import { PROVIDERS } from './providers.ts';

/** Variables by name; credentials are read from here and from nowhere else. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The operator's settings for one provider; what is left out comes from the table of providers. */
export interface ProviderSettings {
  /** @defaultValue that of the table, for unknown providers OpenAI's chat format */
  wire?: Wire;
  /** May be a private address, because the operator names it. */
  baseUrl?: string;
  apiKey?: string;
  /** The variable that holds the key. */
  keyVariable?: string;
  /** Sent with every request to the provider. */
  headers?: Readonly<Record<string, string>>;
  quirks?: Partial<Quirks>;
}

/** A provider that can be called. */
export interface Upstream {
  provider: string;
  wire: Wire;
  /** Without a trailing slash. */
  baseUrl: string;
  /** The operator named the address, so it may be a private one. */
  mayBePrivate: boolean;
  key: string | null;
  /** Which variable the key came from, or where else; for messages. */
  keySource: string;
  auth: ProviderRow['auth'];
  headers: Readonly<Record<string, string>>;
  quirks: Quirks;
  /** What else the wire needs: `region`, `accessKeyId`, `secretAccessKey`, `sessionToken`, `apiVersion`. */
  extra: Readonly<Record<string, string>>;
  /** Everything that must never appear in an error or a log. */
  secrets: readonly string[];
}

interface Found {
  name: string;
  value: string;
}

function firstOf(environment: Environment, names: readonly string[]): Found | null {
  for (const name of names) {
    const value = environment[name]?.trim();
    if (value) return { name, value };
  }
  return null;
}

function checkedUrl(text: string, provider: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    const detail = `Set the base URL of ${provider} to an http or https address without user and password.`;
    throw new ApiError('api_error', `The base URL of the provider ${provider} is not usable. ${detail}`, { detail });
  }
  return text.replace(/\/+$/, '');
}

/** `AZURE_RESOURCE_NAME` stands for the usual address of that resource. */
function azureBase(environment: Environment): Found | null {
  const resource = firstOf(environment, ['AZURE_RESOURCE_NAME']);
  return resource && /^[\w-]+$/.test(resource.value)
    ? { name: resource.name, value: `https://${resource.value}.openai.azure.com` }
    : null;
}

const DEFAULT_AZURE_VERSION = '2024-10-21';

type Extra = Record<string, string>;

/** The variables that only one provider has. */
const EXTRAS: Readonly<Record<string, (environment: Environment) => Extra>> = {
  azure: (environment) => {
    const version = firstOf(environment, ['AZURE_API_VERSION', 'AZURE_OPENAI_API_VERSION', 'OPENAI_API_VERSION']);
    return { apiVersion: version?.value ?? DEFAULT_AZURE_VERSION };
  },
  bedrock: (environment) => {
    const names = {
      region: ['AWS_REGION', 'AWS_REGION_NAME', 'AWS_DEFAULT_REGION'],
      bearer: ['AWS_BEARER_TOKEN_BEDROCK'],
      accessKeyId: ['AWS_ACCESS_KEY_ID'],
      secretAccessKey: ['AWS_SECRET_ACCESS_KEY'],
      sessionToken: ['AWS_SESSION_TOKEN'],
    };
    return Object.fromEntries(
      Object.entries(names).flatMap(([field, variables]) => {
        const found = firstOf(environment, variables);
        return found ? [[field, found.value]] : [];
      }),
    );
  },
};

const SECRET_EXTRAS = ['bearer', 'accessKeyId', 'secretAccessKey', 'sessionToken'];

function missing(provider: string, variable: string, what: string): ApiError {
  const detail = `The provider ${provider} is not configured: set ${variable} to ${what}, in the environment in which the server starts.`;
  return new ApiError('authentication_error', `${detail} Or choose a model of a provider that is configured.`, {
    detail,
  });
}

function rowOf(provider: string, settings: ProviderSettings): ProviderRow | null {
  const known = PROVIDERS[provider];
  if (known) return known;
  if (!settings.baseUrl) return null;
  const keyVariables = [`${provider.toUpperCase().replace(/\W+/g, '_')}_API_KEY`];
  return chatProvider(null, keyVariables, { keyRequired: false, baseUrlVariables: baseUrlVariablesOf(keyVariables) });
}

/** The provider named by a model, with the operator's settings for it. */
export interface ProviderChoice {
  provider: string;
  settings: ProviderSettings;
  environment: Environment;
}

function findKey(row: ProviderRow, { settings, environment }: ProviderChoice): Found | null {
  if (settings.apiKey) return { name: 'the configured key', value: settings.apiKey };
  return firstOf(environment, [...(settings.keyVariable ? [settings.keyVariable] : []), ...row.keyVariables]);
}

function findBase(row: ProviderRow, { provider, settings, environment }: ProviderChoice): Found | null {
  if (settings.baseUrl) return { name: 'the configured base URL', value: settings.baseUrl };
  return firstOf(environment, row.baseUrlVariables) ?? (provider === 'azure' ? azureBase(environment) : null);
}

/** An address of the operator's own may be a server that knows no keys. */
function needsKey(row: ProviderRow, choice: ProviderChoice): boolean {
  return row.keyRequired && !(row.wire === 'openai-chat' && row.auth === 'bearer' && findBase(row, choice) !== null);
}

/** Whether the operator has set something that is about this provider only. */
export function isWanted(choice: ProviderChoice): boolean {
  if (choice.settings.apiKey || choice.settings.baseUrl || choice.settings.keyVariable) return true;
  const row = rowOf(choice.provider, choice.settings);
  if (!row || row.shared) return false;
  return findKey(row, choice) !== null || (!needsKey(row, choice) && findBase(row, choice) !== null);
}

function bedrockBase(extra: Extra): string {
  if (!extra.region) throw missing('bedrock', 'AWS_REGION', 'the region of your models');
  if (!/^[\w-]+$/.test(extra.region)) throw missing('bedrock', 'AWS_REGION', 'the name of a region');
  return `https://bedrock-runtime.${extra.region}.amazonaws.com`;
}

function baseUrlOf(row: ProviderRow, extra: Extra, choice: ProviderChoice): { baseUrl: string; mayBePrivate: boolean } {
  const { provider } = choice;
  const given = findBase(row, choice);
  if (given) return { baseUrl: checkedUrl(given.value, provider), mayBePrivate: true };
  if (row.baseUrl) return { baseUrl: row.baseUrl, mayBePrivate: !row.keyRequired };
  if (row.wire === 'bedrock') return { baseUrl: bedrockBase(extra), mayBePrivate: false };
  throw missing(provider, row.baseUrlVariables[0] ?? 'its base URL', 'the address of its API');
}

/** Null when the gateway knows no such provider. @throws ApiError that names the variable when something is not set. */
export function resolveUpstream(choice: ProviderChoice): Upstream | null {
  const { provider, settings, environment } = choice;
  const row = rowOf(provider, settings);
  if (!row) return null;
  const key = findKey(row, choice);
  if (!key && needsKey(row, choice)) throw missing(provider, row.keyVariables[0] ?? 'its key', 'your key');
  const extra = EXTRAS[provider]?.(environment) ?? {};
  if (row.wire === 'bedrock' && !extra.bearer && !extra.secretAccessKey && !settings.apiKey) {
    throw missing(provider, 'AWS_SECRET_ACCESS_KEY', 'the secret that goes with AWS_ACCESS_KEY_ID');
  }
  // Anthropic's second variable holds a token for the other header.
  const auth = key?.name === 'ANTHROPIC_AUTH_TOKEN' ? 'bearer' : row.auth;
  return {
    provider,
    wire: settings.wire ?? row.wire,
    ...baseUrlOf(row, extra, choice),
    key: key?.value ?? null,
    keySource: key?.name ?? 'no key',
    auth,
    headers: settings.headers ?? {},
    quirks: { ...(row.quirks ?? DEFAULT_QUIRKS), ...settings.quirks },
    extra,
    secrets: [
      key?.value ?? '',
      ...SECRET_EXTRAS.map((name) => extra[name] ?? ''),
      ...Object.values(settings.headers ?? {}),
    ].filter((secret) => secret.length >= 6),
  };
}

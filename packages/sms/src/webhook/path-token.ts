import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { equalSecrets, refuseBlank } from '../secret.ts';

/** A token that may stand in the webhook's path. */
export interface PathToken {
  token: string;
  /** Milliseconds since 1970; from then on the token is wrong. Default: never. */
  validUntil?: number;
}

/** What is stored for a channel. */
export interface ChannelConfig {
  webhookPathToken: string;
  /** Tokens that were replaced and are still taken for a time. */
  previousWebhookPathTokens?: readonly Required<PathToken>[];
}

/** Where the settings of channels are kept. */
export interface ChannelConfigStore {
  /** @throws when the channel is not known. */
  getConfig(channelId: string): Promise<ChannelConfig>;
  saveConfig(channelId: string, config: ChannelConfig): Promise<void>;
}

/** Gives the tokens that may stand in the path now. */
export type PathTokenSource = () => Promise<readonly PathToken[]>;

/** How a rotation goes over. */
export interface RotateWebhookTokenOptions {
  /** How long the old token is still taken, in seconds. Default 86,400: a day to tell the carrier the new URL. */
  transitionSeconds?: number;
  clock?: Clock;
  logger?: Logger;
}

/** Both tokens are secrets: log neither. */
export interface RotatedToken {
  oldToken: string;
  newToken: string;
}

/** Gives the channel a new path token: 32 random bytes, safe in a URL. Both tokens are taken until the transition is over. */
export async function rotateWebhookToken(
  adapter: { readonly channelId: string; readonly logger?: Logger },
  configStore: ChannelConfigStore,
  options: RotateWebhookTokenOptions = {},
): Promise<RotatedToken> {
  const { transitionSeconds = 86_400, clock = systemClock, logger = adapter.logger ?? silentLogger } = options;
  const config = await configStore.getConfig(adapter.channelId);
  const oldToken = config.webhookPathToken;
  const newToken = randomBytes(32).toString('base64url');
  const now = clock.now();
  const stillValid = (config.previousWebhookPathTokens ?? []).filter(({ validUntil }) => validUntil > now);
  await configStore.saveConfig(adapter.channelId, {
    ...config,
    webhookPathToken: newToken,
    previousWebhookPathTokens: [...stillValid, { token: oldToken, validUntil: now + transitionSeconds * 1_000 }],
  });
  logger.info(`Rotated webhook token for channel: ${adapter.channelId}`);
  return { oldToken, newToken };
}

/** The path tokens of a channel, read anew for each request so that a rotation is felt at once. */
export function pathTokensOf(configStore: ChannelConfigStore, channelId: string): PathTokenSource {
  return async () => {
    const { webhookPathToken, previousWebhookPathTokens = [] } = await configStore.getConfig(channelId);
    return [{ token: webhookPathToken }, ...previousWebhookPathTokens];
  };
}

/** Settings of channels in memory. */
export class MemoryChannelConfigStore implements ChannelConfigStore {
  readonly #configs: Map<string, ChannelConfig>;

  constructor(configs: Readonly<Record<string, ChannelConfig>>) {
    for (const config of Object.values(configs)) refuseBlank('webhookPathToken', config.webhookPathToken);
    this.#configs = new Map(Object.entries(configs));
  }

  async getConfig(channelId: string): Promise<ChannelConfig> {
    const config = this.#configs.get(channelId);
    if (!config) throw new Error(`There are no settings for channel ${JSON.stringify(channelId)}.`);
    return config;
  }

  async saveConfig(channelId: string, config: ChannelConfig): Promise<void> {
    this.#configs.set(channelId, config);
  }
}

/** Whether `given` is one of `tokens` now; takes the same time whichever it is or is not. Nothing is never right. */
export function isPathToken(given: string, tokens: readonly PathToken[], now: number): boolean {
  const matches = tokens.filter(({ token, validUntil = Number.POSITIVE_INFINITY }) =>
    [equalSecrets(given, token), validUntil > now].every(Boolean),
  );
  return given !== '' && matches.length > 0;
}

/** A gateway in front of one stand-in that is several providers at once. */
import type { GatewayOptions } from '../gateway.ts';
import { type GatewayServer, startGateway } from './gateway-server.ts';
import { type Script, type StandIn, startStandIn } from './stand-in.ts';

/** None of these may ever appear in an answer or a log. */
export const KEYS = {
  OPENAI_API_KEY: 'sk-canary-openai-0123456789abcdef',
  ANTHROPIC_API_KEY: 'sk-ant-canary-anthropic-0123456789abcdef',
  GEMINI_API_KEY: 'AIzaCanaryGemini0123456789abcdef',
  COHERE_API_KEY: 'canaryCohere0123456789abcdef',
  AZURE_API_KEY: 'canaryAzure0123456789abcdef',
  DEEPSEEK_API_KEY: 'sk-canary-deepseek-0123456789abcdef',
  MISTRAL_API_KEY: 'canaryMistral0123456789abcdef',
} as const;

/** Where each provider is told to be. */
function baseUrls(url: string): Record<string, string> {
  return {
    OPENAI_BASE_URL: `${url}/openai/v1`,
    ANTHROPIC_BASE_URL: `${url}/anthropic`,
    GEMINI_BASE_URL: `${url}/google/v1beta`,
    COHERE_BASE_URL: `${url}/cohere/v2`,
    AZURE_API_BASE: `${url}/azure`,
    DEEPSEEK_BASE_URL: `${url}/deepseek/v1`,
    MISTRAL_BASE_URL: `${url}/mistral/v1`,
  };
}

export interface World extends AsyncDisposable {
  provider: StandIn;
  gateway: GatewayServer;
  url: string;
  /** What the gateway told its host about failures. */
  errors: unknown[];
}

export async function startWorld(script: Script, options: Partial<GatewayOptions> = {}): Promise<World> {
  const provider = await startStandIn(script);
  const errors: unknown[] = [];
  const environment = { ...KEYS, ...baseUrls(provider.url), ...options.environment };
  const gateway = await startGateway({ onError: (error) => errors.push(error), ...options, environment });
  return {
    provider,
    gateway,
    url: gateway.url,
    errors,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

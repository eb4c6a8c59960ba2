/** The gateway as this server runs it: who may use it, what it is set up with, and what becomes of what it counts. */
import type { IncomingHttpHeaders } from 'node:http';
import { createGateway, type Gateway, type UsageReport } from '@claude-companion/gateway';
import { CompanionError } from '@claude-companion/protocol';
import { type Caller, mayUseGateway } from '../auth/callers.ts';
import { presentedToken } from '../auth/tokens.ts';
import { ConfigError } from '../config/config.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Context } from '../operations/context.ts';
import { BudgetMeter } from '../operations/usage/budget-meter.ts';
import { UsageRecorder } from '../operations/usage/usage-recorder.ts';
import type { Identify } from './identify.ts';
import { directCredentials, type ModelAccess, modelAccess } from './model-access.ts';
import type { ProcessKeys } from './process-keys.ts';

export interface OpenGatewayParts {
  given: GatewayConfig;
  environment: Readonly<Record<string, string | undefined>>;
  base: Pick<Context, 'store' | 'clock' | 'logger' | 'policy'>;
  identify: Identify;
  keys: ProcessKeys;
  demoPaceMs: number;
}

export interface OpenedGateway {
  gateway: Gateway;
  models: ModelAccess;
  meter: BudgetMeter;
  usage: UsageRecorder;
  /** Ends connections to providers and writes down what was counted. */
  close(): Promise<void>;
}

/** Who pays for a request: a session, or a person whose own client asks. */
type Payer = { sessionId: string } | { personId: string };

export function openGateway(parts: OpenGatewayParts): OpenedGateway {
  const { given, environment, base, identify, keys } = parts;
  const meter = new BudgetMeter();
  const usage = new UsageRecorder(base);
  /** By the headers of their requests, which are one and the same object from the first look to the report. */
  const payers = new WeakMap<IncomingHttpHeaders, Payer>();
  const payerOf = (caller: Caller, token: string): Payer | null => {
    if (caller.kind !== 'agent-process') return { personId: caller.personId };
    const sessionId = keys.sessionOf(token);
    return sessionId === null ? null : { sessionId };
  };
  const gateway = createGateway({
    environment,
    providers: given.providers,
    aliases: given.aliases,
    fallbacks: given.fallbacks,
    prices: given.prices,
    // An operator with an account must never take the script for a model.
    demoStandsIn: directCredentials(environment) === null,
    demo: { paceMs: parts.demoPaceMs },
    authorize: async (headers) => {
      const token = presentedToken(headers) ?? '';
      const caller = await identify(token);
      const payer = caller && payerOf(caller, token);
      if (payer) payers.set(headers, payer);
      return mayUseGateway(caller);
    },
    refuse: ({ headers }) => {
      const payer = payers.get(headers);
      return payer && 'sessionId' in payer ? meter.refusal(payer.sessionId) : null;
    },
    onUsage: (report) => {
      const payer = payers.get(report.headers);
      if (!payer) return;
      if ('sessionId' in payer) meter.spent(payer.sessionId, report.costUsd);
      usage.add({ personId: null, sessionId: null, ...payer, ...usedIn(report) });
    },
    onError: (error) => base.logger.error({ err: error }, 'the gateway could not answer'),
  });
  const models = modelAccess({
    environment,
    gateway,
    defaultModel: base.policy.defaultModel,
    cheaper: given.cheaper,
  });
  checkDefaultModel(models, base.policy.defaultModel);
  return {
    gateway,
    models,
    meter,
    usage,
    async close() {
      await gateway.close();
      await usage.settled();
    },
  };
}

function usedIn(report: UsageReport) {
  const { provider, providerModel, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costUsd, estimated } =
    report;
  const tokens = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
  return { source: 'gateway' as const, provider, model: providerModel, ...tokens, costUsd, estimated };
}

function checkDefaultModel(models: ModelAccess, model: string | null): void {
  if (model === null) return;
  try {
    models.check({ model, enableProxy: false, maxBudgetUsd: null });
  } catch (error) {
    throw error instanceof CompanionError ? new ConfigError(`ANTHROPIC_MODEL: ${error.message}`) : error;
  }
}

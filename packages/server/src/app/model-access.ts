/**
 * Which model hosted sessions talk to, and how their processes get there.
 *
 * | what the environment has | a session without a model | `model` of another provider, an alias, `demo` |
 * | --- | --- | --- |
 * | an account at Anthropic (`direct`) | Claude Code's own choice, directly | through the gateway |
 * | only others, such as OPENAI_API_KEY (`gateway`) | ANTHROPIC_MODEL; unset: refused | through the gateway |
 * | nothing (`demo`) | the demo model | the demo model |
 */
import type { Gateway } from '@claude-companion/gateway';
import { CompanionError } from '@claude-companion/protocol';
import type { ProcessAccess } from '../agents/claude/environment.ts';
import type { ModelWay, ModelWish, SessionModels } from '../operations/usage/session-models.ts';
import type { ModelSetup } from '../store/sessions.ts';
import { cheaperModel } from './cheaper-model.ts';
import { DEFAULT_CLAUDE, isClaudeName } from './claude-names.ts';
import type { ProcessKeys } from './process-keys.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ModelAccess extends SessionModels {
  kind: 'direct' | 'gateway' | 'demo';
  /** For people. Never holds a credential. */
  label: string;
  /** What a spare process is prepared for; null: a session has to name its model, so none can be. */
  usual: { initialModel: string | null; viaGateway: boolean } | null;
  /** Called once per agent process. */
  forProcess(parts: {
    gatewayUrl: string;
    keys: ProcessKeys;
    viaGateway: boolean;
    initialModel: string | null;
  }): ProcessAccess;
}

export interface ModelAccessParts {
  environment: Environment;
  gateway: Pick<Gateway, 'describe' | 'configured' | 'models'>;
  /** Of sessions that name none. */
  defaultModel: string | null;
  /** What the operator calls cheaper. */
  cheaper: Readonly<Record<string, string>>;
}

/** Any of these means that the operator has an account. */
const CREDENTIALS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
] as const;

/** Handed to agent processes together with a credential. */
const COMPANIONS = [
  'ANTHROPIC_BASE_URL',
  'AWS_REGION',
  'AWS_PROFILE',
  'ANTHROPIC_VERTEX_PROJECT_ID',
  'CLOUD_ML_REGION',
] as const;

/** The variables that agent processes get where the operator has an account at Anthropic; null where there is none. */
export function directCredentials(
  environment: Environment,
): { names: string[]; variables: Record<string, string> } | null {
  const names = CREDENTIALS.filter((name) => environment[name]);
  if (names.length === 0) return null;
  const all = [...names, ...COMPANIONS].filter((name) => environment[name]);
  return { names, variables: Object.fromEntries(all.map((name) => [name, environment[name] ?? ''])) };
}

export function modelAccess(parts: ModelAccessParts): ModelAccess {
  const { environment, gateway, defaultModel } = parts;
  const direct = directCredentials(environment);
  const providers = gateway.configured().filter((provider) => provider !== 'openai-responses');
  const kind = direct ? 'direct' : providers.length > 0 ? 'gateway' : 'demo';
  /** Any name may be one there: a proxy, deployments, inference profiles. */
  const ownNames = ['ANTHROPIC_BASE_URL', 'CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX'].some(
    (name) => environment[name],
  );

  function wayOf({ enableProxy, initialModel }: ModelSetup): ModelWay {
    if (kind !== 'direct' || enableProxy) return 'gateway';
    if (initialModel === null) return 'direct';
    const found = gateway.describe(initialModel);
    if (!found.reachable || found.provider === 'anthropic') return 'direct';
    return found.provider === 'bedrock' && environment.CLAUDE_CODE_USE_BEDROCK ? 'direct' : 'gateway';
  }

  function checkDirect(model: string | null): void {
    if (model === null || ownNames || isClaudeName(model)) return;
    const found = gateway.describe(model);
    if (!found.reachable) throw new CompanionError('UNKNOWN_MODEL', found.message);
  }

  function checkThroughGateway({ model, maxBudgetUsd }: Pick<ModelWish, 'model' | 'maxBudgetUsd'>): void {
    // Claude Code makes a full name of a short one.
    const found = gateway.describe(model === null || SHORT_NAME.test(model) ? DEFAULT_CLAUDE : model);
    if (!found.reachable && model === null) throw new CompanionError('UNKNOWN_MODEL', nothingNamed(found.message));
    if (!found.reachable) throw new CompanionError('UNKNOWN_MODEL', found.message);
    if (maxBudgetUsd === null || found.price !== null) return;
    const name = `${found.provider}/${found.model}`;
    throw new CompanionError(
      'INVALID_PARAMETERS',
      `max_budget_usd cannot be kept: nobody said what ${name} costs. Add it to "prices" in the file of GATEWAY_CONFIG, or leave max_budget_usd out.`,
    );
  }

  function nothingNamed(why: string): string {
    if (kind === 'direct') return why;
    const named = gateway.models().filter((model) => model !== 'demo');
    const example = named.at(-1) ?? `${providers[0]}/<model>`;
    return `This server has no account at Anthropic and no default model. Send "model" (such as ${example}; "demo" always works), or set ANTHROPIC_MODEL where the server starts.`;
  }

  const usualSetup = { enableProxy: false, initialModel: defaultModel };
  const isUsable = (): boolean =>
    kind !== 'gateway' || defaultModel !== null || gateway.describe(DEFAULT_CLAUDE).reachable;

  return {
    kind,
    label: labelOf({
      kind,
      credentials: direct?.names ?? [],
      providers,
      defaultModel: isUsable() ? defaultModel : undefined,
    }),
    usual: isUsable() ? { initialModel: defaultModel, viaGateway: wayOf(usualSetup) === 'gateway' } : null,
    wayOf,
    check({ model, enableProxy, maxBudgetUsd }) {
      if (wayOf({ enableProxy, initialModel: model }) === 'direct') checkDirect(model);
      else checkThroughGateway({ model, maxBudgetUsd });
    },
    checkChange(setup, wish) {
      if (wayOf(setup) === 'gateway') return checkThroughGateway(wish);
      if (wish.model !== null && wayOf({ enableProxy: false, initialModel: wish.model }) === 'gateway') {
        throw new CompanionError(
          'UNKNOWN_MODEL',
          `This session speaks to Anthropic itself, where there is no ${wish.model.slice(0, 200)}. Start a new session with that model.`,
        );
      }
      checkDirect(wish.model);
    },
    cheaperThan: (model, way) => cheaperModel({ model, way, gateway, own: parts.cheaper }),
    forProcess({ gatewayUrl, keys, viaGateway, initialModel }) {
      if (direct && !viaGateway) return { access: { kind: 'direct', variables: direct.variables } };
      const { key, belongTo, revoke } = keys.issueForProcess();
      const variables = kind === 'gateway' ? standIns(initialModel) : {};
      return {
        access: { kind: 'gateway', baseUrl: gatewayUrl, apiKey: key, variables },
        belongTo: ({ sessionId }) => belongTo(sessionId),
        dispose: revoke,
      };
    },
  };
}

const SHORT_NAME = /^(default|best|opus|opusplan|sonnet|haiku|fable)(\[1m\])?$/i;

/** Claude Code uses models of its own for sub-agents and small jobs. Without an account there they are the session's. */
function standIns(model: string | null): Record<string, string> {
  if (model === null || isClaudeName(model)) return {};
  return {
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
  };
}

interface LabelFacts {
  kind: ModelAccess['kind'];
  credentials: readonly string[];
  providers: readonly string[];
  /** Undefined: a session has to name its model. Null: the agent's own choice. */
  defaultModel: string | null | undefined;
}

const LABELS: Record<ModelAccess['kind'], (facts: LabelFacts) => string> = {
  direct: ({ credentials, providers }) => {
    const others = providers.filter((provider) => provider !== 'anthropic');
    const more = others.length === 0 ? '' : `; through the gateway also ${others.join(', ')}`;
    return `Claude, with ${credentials.join(' and ')}${more}`;
  },
  gateway: ({ providers, defaultModel }) => {
    const model =
      defaultModel === undefined
        ? 'sessions have to name a model: set ANTHROPIC_MODEL for a default'
        : `${defaultModel ?? 'the alias of Claude'} where a session names none`;
    return `through the gateway: ${providers.join(', ')} (${model})`;
  },
  demo: () => 'the built-in demo model (no credential was found; set ANTHROPIC_API_KEY for a real one)',
};

const labelOf = (facts: LabelFacts): string => LABELS[facts.kind](facts);

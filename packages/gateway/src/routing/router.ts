/** From the model a caller names to the providers that may answer, in the order in which they are tried. */
import { ApiError } from '../anthropic/errors.ts';
import { isSafeModelName, ownerOf } from './model-names.ts';
import { PROVIDER_ALIASES, PROVIDERS } from './providers.ts';
import { type Environment, isWanted, type ProviderSettings, resolveUpstream, type Upstream } from './upstream.ts';

export interface RoutingOptions {
  /** Where keys and base URLs are read from. @defaultValue nothing is set */
  environment?: Environment;
  /** By provider id; an id that the table does not have is a provider of the operator's own. */
  providers?: Readonly<Record<string, ProviderSettings>>;
  /** Other names of models. A name that ends with `*` stands for all that begin so; the longest that fits wins. */
  aliases?: Readonly<Record<string, string>>;
  /** What is tried in turn when a model cannot answer: it is down, overloaded, or not configured. */
  fallbacks?: Readonly<Record<string, readonly string[]>>;
  /** The demo model answers for every name while no provider is configured. @defaultValue true */
  demoStandsIn?: boolean;
}

export type Target = { kind: 'demo'; model: string } | { kind: 'upstream'; model: string; upstream: Upstream };

export interface Router {
  /** At least one. @throws ApiError when no provider can be found for the name, or the first one is not configured. */
  route(model: string): readonly [Target, ...Target[]];
  /** Ids of the providers that can be called now. */
  configured(): readonly string[];
  /** The names the operator gave, without patterns. */
  aliasNames(): readonly string[];
}

const MAX_ALIAS_STEPS = 8;
const DEMO = 'demo';

function aliasOf(model: string, aliases: Readonly<Record<string, string>>): string | null {
  if (Object.hasOwn(aliases, model)) return aliases[model] ?? null;
  const patterns = Object.keys(aliases).filter((name) => name.endsWith('*') && model.startsWith(name.slice(0, -1)));
  const longest = patterns.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? null : (aliases[longest] ?? null);
}

function unknownModel(model: string): ApiError {
  const detail =
    'Name it as provider/model (for example openrouter/qwen/qwen3-coder, ollama/llama3.3, azure/my-deployment), or add an alias for it.';
  return new ApiError(
    'not_found_error',
    `model: ${model.slice(0, 200)}. No provider is known for this name. ${detail}`,
    {
      detail,
    },
  );
}

export function createRouter(options: RoutingOptions): Router {
  const { environment = {}, providers = {}, aliases = {}, fallbacks = {}, demoStandsIn = true } = options;
  const choiceOf = (provider: string) => ({ provider, settings: providers[provider] ?? {}, environment });
  const known = [...new Set([...Object.keys(PROVIDERS), ...Object.keys(providers)])];
  const wanted = known.filter((provider) => isWanted(choiceOf(provider)));
  const onlyDemo = demoStandsIn && wanted.length === 0;

  /** The environment and the settings do not change while the gateway lives. */
  const resolved = new Map<string, Upstream>();

  function providerNamed(name: string): string | null {
    if (Object.hasOwn(providers, name) || Object.hasOwn(PROVIDERS, name)) return name;
    const alias = Object.hasOwn(PROVIDER_ALIASES, name) ? PROVIDER_ALIASES[name] : undefined;
    return alias ?? null;
  }

  function unalias(model: string): string {
    let name = model;
    for (let step = 0; step < MAX_ALIAS_STEPS; step += 1) {
      const next = aliasOf(name, aliases);
      if (next === null || next === name) return name;
      name = next;
    }
    throw new ApiError(
      'api_error',
      `The alias ${model.slice(0, 200)} leads in a circle. Mend the aliases of the gateway.`,
    );
  }

  function split(model: string): { provider: string; model: string } | null {
    const slash = model.indexOf('/');
    const prefixed = slash > 0 ? providerNamed(model.slice(0, slash).toLowerCase()) : null;
    const rest = model.slice(slash + 1);
    if (prefixed === 'openai' && ownerOf(rest) === 'openai-responses')
      return { provider: 'openai-responses', model: rest };
    if (prefixed) return { provider: prefixed, model: rest };
    const owner = ownerOf(model);
    return owner === null ? null : { provider: owner, model };
  }

  function targetOf(requested: string): Target {
    const name = unalias(requested);
    if (name === DEMO) return { kind: 'demo', model: DEMO };
    const found = split(name);
    const demo: Target = { kind: 'demo', model: requested };
    if (!found) {
      if (onlyDemo) return demo;
      throw unknownModel(requested);
    }
    if (!isSafeModelName(found.model))
      throw new ApiError('not_found_error', 'model: the name has characters that no model has');
    try {
      const upstream = resolved.get(found.provider) ?? resolveUpstream(choiceOf(found.provider));
      if (!upstream) throw unknownModel(requested);
      resolved.set(found.provider, upstream);
      return { kind: 'upstream', model: found.model, upstream };
    } catch (error) {
      if (onlyDemo) return demo;
      throw error;
    }
  }

  function routeChain(models: readonly string[]): readonly [Target, ...Target[]] {
    const targets: Target[] = [];
    let refused: unknown = null;
    for (const name of models) {
      try {
        targets.push(targetOf(name));
      } catch (error) {
        refused ??= error;
      }
    }
    const [first, ...rest] = targets;
    if (!first) throw refused;
    return [first, ...rest];
  }

  return {
    route: (model) => routeChain([model, ...(fallbacks[model] ?? fallbacks[unalias(model)] ?? [])]),
    configured: () => wanted,
    aliasNames: () => Object.keys(aliases).filter((name) => !name.endsWith('*')),
  };
}

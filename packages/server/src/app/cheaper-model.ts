/** A model that costs less than another and is reached the same way. */
import type { Gateway, ModelDescription } from '@claude-companion/gateway';
import type { ModelWay } from '../operations/usage/session-models.ts';
import { isClaudeName } from './claude-names.ts';

export interface CheaperWish {
  /** Null: nobody knows which one is in use. */
  model: string | null;
  way: ModelWay;
  gateway: Pick<Gateway, 'describe' | 'models'>;
  /** What the operator calls cheaper; goes before everything else. */
  own: Readonly<Record<string, string>>;
}

/** The next smaller one, by the names that Claude Code itself turns into the current model of the kind. */
const FAMILIES: readonly (readonly [pattern: RegExp, cheaper: string | null])[] = [
  [/haiku/i, null],
  [/sonnet/i, 'haiku'],
  [/opus|fable|default|best/i, 'sonnet'],
];
/** Less than this is hardly worth another model. */
const AT_MOST = 0.5;

export function cheaperModel({ model, way, gateway, own }: CheaperWish): string | null {
  if (model !== null && Object.hasOwn(own, model)) return own[model] ?? null;
  if (way === 'direct' && model === null) return 'haiku';
  if (model === null) return null;
  const found = gateway.describe(model);
  if (way === 'direct' || (isClaudeName(model) && (!found.reachable || found.provider === 'anthropic'))) {
    return FAMILIES.find(([pattern]) => pattern.test(model))?.[1] ?? null;
  }
  return dearestBelow(found, gateway);
}

/** Of the same provider, the dearest that costs at most half: closest in what it can do. */
function dearestBelow(found: ModelDescription, gateway: CheaperWish['gateway']): string | null {
  if (!found.reachable || found.price === null) return null;
  const { provider } = found;
  const own = sumOf(found.price);
  let best: { name: string; sum: number } | null = null;
  for (const name of gateway.models()) {
    const other = gateway.describe(name);
    if (!other.reachable || other.provider !== provider || other.price === null) continue;
    const sum = sumOf(other.price);
    if (sum < own && sum <= own * AT_MOST && sum >= (best?.sum ?? 0)) best = { name, sum };
  }
  return best?.name ?? null;
}

const sumOf = ({ input, output }: { input: number; output: number }): number => input + output;

import type { Router } from '../routing/router.ts';
import { pricedModels } from './prices.ts';

/** One entry of `GET /v1/models`. */
export interface ModelInfo {
  type: 'model';
  id: string;
  display_name: string;
  /** RFC 3339. Providers of other formats do not tell it; then it is this list's own beginning. */
  created_at: string;
}

const CREATED_AT = '2026-01-01T00:00:00Z';
/** Their models need no provider in front of the name. */
const BARE_NAMES = new Set(['anthropic', 'openai', 'cohere', 'google', 'deepseek', 'mistral', 'xai']);

function entry(id: string, name = id): ModelInfo {
  return { type: 'model', id, display_name: name, created_at: CREATED_AT };
}

/** What can be asked for without further configuration: the aliases, known models of the configured providers, the demo model. */
export function listModels(router: Router): ModelInfo[] {
  const known = router.configured().flatMap((provider) => (BARE_NAMES.has(provider) ? pricedModels(provider) : []));
  const ids = [...new Set([...router.aliasNames(), ...known])].filter((id) => id !== 'demo');
  return [...ids.map((id) => entry(id)), entry('demo', 'Demo model (scripted)')];
}

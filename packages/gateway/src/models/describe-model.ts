/** What is known about a name before anybody is asked. */
import { ApiError } from '../anthropic/errors.ts';
import type { Router } from '../routing/router.ts';
import { type Price, type PriceTable, priceOf } from './prices.ts';

export type ModelDescription =
  | {
      reachable: true;
      /** `demo` for the demo model. */
      provider: string;
      /** As the provider names it. */
      model: string;
      /** List price; null: nobody said what it costs. */
      price: Price | null;
    }
  | {
      reachable: false;
      /** `unknown`: no provider is known for the name. `not_configured`: a key or an address is missing. */
      reason: 'unknown' | 'not_configured' | 'misconfigured';
      /** What to do about it, for the operator. Names variables, never their values. */
      message: string;
    };

const REASONS: Readonly<Record<string, Extract<ModelDescription, { reachable: false }>['reason']>> = {
  not_found_error: 'unknown',
  authentication_error: 'not_configured',
};

export function describeModel(router: Router, name: string, prices: PriceTable): ModelDescription {
  try {
    const [target] = router.route(name);
    const provider = target.kind === 'demo' ? 'demo' : target.upstream.provider;
    const model = target.kind === 'demo' ? 'demo' : target.model;
    return { reachable: true, provider, model, price: priceOf(provider, model, prices) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { reachable: false, reason: REASONS[error.type] ?? 'misconfigured', message: error.message };
  }
}

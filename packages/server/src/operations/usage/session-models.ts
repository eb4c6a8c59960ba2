/** Which models sessions can have, and by which way their processes reach them. Built in app/ from what is configured. */
import type { ModelSetup } from '../../store/sessions.ts';

/** `direct`: the agent speaks to its provider itself. `gateway`: through this server's own /v1/messages. */
export type ModelWay = 'direct' | 'gateway';

export interface ModelWish {
  /** Null: the agent's own choice. */
  model: string | null;
  enableProxy: boolean;
  /** What it costs must be known where it may cost only so much. */
  maxBudgetUsd: number | null;
}

export interface SessionModels {
  /** @throws CompanionError UNKNOWN_MODEL or INVALID_PARAMETERS that says what to set or send */
  check(wish: ModelWish): void;
  /** The same for another model in a session whose way is settled. */
  checkChange(setup: ModelSetup, wish: Pick<ModelWish, 'model' | 'maxBudgetUsd'>): void;
  wayOf(setup: ModelSetup): ModelWay;
  /** A model of the same way that costs less; null when none is known. */
  cheaperThan(model: string | null, way: ModelWay): string | null;
}

/**
 * Says no to the next request of a session whose budget is spent. It knows only sessions with a budget that go through the
 * gateway; a process that speaks to its provider itself is held by Claude Code's own limit.
 *
 * A request that is in progress is never cut: what several of them cost at once may exceed the budget.
 */
export interface BudgetFigures {
  limitUsd: number;
  spentUsd: number;
}

export type BudgetStop = 'spent' | 'unpriced';

export const BUDGET_REACHED = 'BUDGET_REACHED';
export const PRICE_UNKNOWN = 'PRICE_UNKNOWN';

export const BUDGET_ERRORS: Record<BudgetStop, { code: string; message: string }> = {
  spent: {
    code: BUDGET_REACHED,
    message: 'The budget of this session is used up. Answer the question about it to go on.',
  },
  unpriced: {
    code: PRICE_UNKNOWN,
    message:
      'The budget of this session cannot be kept: nobody said what its model costs. Add the price to GATEWAY_CONFIG, or start a session without max_budget_usd.',
  },
};

interface Watched extends BudgetFigures {
  unpriced: boolean;
  /** Why a request was refused; null while none was. */
  stopped: BudgetStop | null;
}

export class BudgetMeter {
  readonly #sessions = new Map<string, Watched>();

  /** From now on, with these figures. */
  watch(sessionId: string, figures: BudgetFigures): void {
    this.#sessions.set(sessionId, { ...figures, unpriced: false, stopped: null });
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  spent(sessionId: string, costUsd: number | null): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    if (costUsd === null) session.unpriced = true;
    else session.spentUsd += costUsd;
  }

  /** What the agent is told in place of an answer; null lets the request through. */
  refusal(sessionId: string): string | null {
    const session = this.#sessions.get(sessionId);
    if (!session) return null;
    const stop = stopOf(session);
    if (stop === null) return null;
    session.stopped = stop;
    return BUDGET_ERRORS[stop].message;
  }

  /** Why the session's requests are refused; null when none was. */
  stopped(sessionId: string): BudgetStop | null {
    return this.#sessions.get(sessionId)?.stopped ?? null;
  }
}

function stopOf({ spentUsd, limitUsd, unpriced }: Watched): BudgetStop | null {
  if (spentUsd >= limitUsd) return 'spent';
  return unpriced ? 'unpriced' : null;
}

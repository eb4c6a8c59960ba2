/**
 * What one session costs, and that it stops when its budget is spent.
 *
 * A process that goes through the gateway is counted and held there; one that speaks to its provider itself counts and holds
 * itself. Each is counted once. At the end of its budget the process goes, because neither can be told of a new one.
 */
import type { NewEvent } from '@claude-companion/protocol';
import { changeSession, type ServedSession } from '../operations/change-session.ts';
import type { Context } from '../operations/context.ts';
import { BUDGET_ERRORS, type BudgetMeter, type BudgetStop } from '../operations/usage/budget-meter.ts';
import { isSpent, openLimitAsk, pendingLimit } from '../operations/usage/limit-ask.ts';
import type { ModelWay } from '../operations/usage/session-models.ts';
import type { ModelSetup, SessionRow } from '../store/sessions.ts';
import { spendingOf, usageTotal } from '../store/usage.ts';
import type { AgentStart, AgentUsage } from './agent.ts';

/** What Claude Code says when its own limit is reached, in this version and in earlier ones. */
const OWN_LIMIT: ReadonlySet<string> = new Set(['budget_exhausted', 'error_max_budget_usd']);

export class SessionSpending {
  readonly #context: Context;
  readonly #meter: BudgetMeter;
  readonly #sessionId: string;
  #way: ModelWay = 'gateway';
  #halted = false;

  constructor({ context, meter, sessionId }: { context: Context; meter: BudgetMeter; sessionId: string }) {
    this.#context = context;
    this.#meter = meter;
    this.#sessionId = sessionId;
  }

  /** The budget is spent: nothing more that this process says counts. */
  get halted(): boolean {
    return this.#halted;
  }

  /** False while a spent budget holds the session. Its owner is asked, once. */
  async mayBegin(served: ServedSession, session: SessionRow): Promise<boolean> {
    if (session.maxBudgetUsd === null) return true;
    const { store, usage } = this.#context;
    if (await pendingLimit(store.db, session.id)) return false;
    await usage.settled();
    if (!isSpent(await spendingOf(store.db, session.id))) return true;
    await changeSession(this.#context, served, (frame) => openLimitAsk(this.#context, frame, { turnCut: false }));
    return false;
  }

  /** How a new process reaches its model, and what it may spend. */
  async begin(
    session: SessionRow,
    setup: ModelSetup,
  ): Promise<Pick<AgentStart, 'viaGateway' | 'initialModel' | 'maxBudgetUsd'>> {
    const { store, usage, models } = this.#context;
    this.#way = models.wayOf(setup);
    this.#halted = false;
    this.#meter.forget(session.id);
    const viaGateway = this.#way === 'gateway';
    const { initialModel } = setup;
    if (session.maxBudgetUsd === null) return { viaGateway, initialModel, maxBudgetUsd: null };
    await usage.settled();
    const { limitUsd, spentUsd } = await spendingOf(store.db, session.id);
    if (limitUsd === null) return { viaGateway, initialModel, maxBudgetUsd: null };
    if (!viaGateway) return { viaGateway, initialModel, maxBudgetUsd: limitUsd - spentUsd };
    this.#meter.watch(session.id, { limitUsd, spentUsd });
    return { viaGateway, initialModel, maxBudgetUsd: null };
  }

  /** By the process's own count. The gateway has counted what went through it. */
  note(usage: readonly AgentUsage[]): void {
    if (this.#way === 'gateway') return;
    for (const used of usage) {
      this.#context.usage.add({
        ...used,
        personId: null,
        sessionId: this.#sessionId,
        source: 'agent',
        estimated: false,
      });
    }
  }

  /** What of it is to be recorded. `halt`, told once: the process has to go. */
  screen(events: readonly NewEvent[]): { events: NewEvent[]; halt: boolean } {
    const kept: NewEvent[] = [];
    if (this.#halted) return { events: kept, halt: false };
    for (const event of events) {
      const stop = this.#stopOf(event);
      kept.push(stop === null ? event : withError(event, stop));
      // The CLI goes on to fail every prompt that waits in it; they are for the next process.
      if (stop !== 'spent') continue;
      this.#halted = true;
      break;
    }
    return { events: kept, halt: this.#halted };
  }

  /** With the price of the whole session in place of what the CLI believes: it makes one up for models it does not know. */
  async priced(events: readonly NewEvent[]): Promise<readonly NewEvent[]> {
    if (!events.some(({ kind }) => kind === 'turn.ended')) return events;
    const { store, usage } = this.#context;
    await usage.settled();
    const { costUsd } = await usageTotal(store.db, { from: null, to: null, sessionId: this.#sessionId });
    return events.map((event) => {
      if (event.kind !== 'turn.ended') return event;
      const { totalCostUsd: _believed, ...data } = event.data;
      return { ...event, data: { ...data, ...(costUsd !== null && costUsd > 0 && { totalCostUsd: costUsd }) } };
    });
  }

  /** The process is gone. */
  ended(): void {
    this.#meter.forget(this.#sessionId);
  }

  #stopOf(event: NewEvent): BudgetStop | null {
    if (event.kind !== 'turn.ended' || event.data.outcome !== 'failed') return null;
    if (this.#way === 'gateway') return this.#meter.stopped(this.#sessionId);
    return OWN_LIMIT.has(event.data.error?.code ?? '') ? 'spent' : null;
  }
}

function withError(event: NewEvent, stop: BudgetStop): NewEvent {
  return event.kind === 'turn.ended' ? { ...event, data: { ...event.data, error: BUDGET_ERRORS[stop] } } : event;
}

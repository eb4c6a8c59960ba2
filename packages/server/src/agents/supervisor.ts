/**
 * Keeps every hosted session served: wakes its actor when there are commands, renews leases, closes idle processes, and
 * after a start takes up what an earlier server left unfinished.
 */
import type { Context } from '../operations/context.ts';
import type { BudgetMeter } from '../operations/usage/budget-meter.ts';
import { COMMANDS_CHANNEL } from '../store/commands.ts';
import { sessionsToServe } from '../store/session-work.ts';
import type { AgentRunner } from './agent.ts';
import { LivePlaces } from './live-places.ts';
import type { LiveText } from './live-text.ts';
import { SessionActor } from './session-actor.ts';

export interface SupervisorParts {
  context: Context;
  runner: AgentRunner;
  liveText: LiveText;
  meter: BudgetMeter;
  /** Names this server as a holder of leases. */
  holder: string;
  leaseTtlMs: number;
  /** A process that has waited this long for a person may be closed when somebody needs its place. */
  parkMs: number;
}

/** What one session's actor works with. */
export interface ActorParts extends SupervisorParts {
  places: LivePlaces;
}

export interface SupervisorSettings {
  idleMs: number;
  /** How many sessions may have a live process at once. */
  maxLive: number;
  /** Looks for commands whose wake-up was missed, and for sessions of servers that died. */
  pollMs: number;
}

/** Of a lease's life: an agent must be gone before another server may start one for its session. */
const KEEP_ALIVE_SHARE = 0.8;

export class Supervisor {
  readonly #parts: ActorParts;
  readonly #settings: SupervisorSettings;
  readonly #actors = new Map<string, SessionActor>();
  readonly #timers: (() => void)[] = [];
  #stopListening: (() => Promise<void>) | null = null;
  #stopping = false;

  constructor(parts: SupervisorParts, settings: SupervisorSettings) {
    const { clock } = parts.context;
    const residents = (): Iterable<SessionActor> => this.#actors.values();
    this.#parts = { ...parts, places: new LivePlaces({ max: settings.maxLive, clock, residents }) };
    this.#settings = settings;
  }

  get liveProcesses(): number {
    return [...this.#actors.values()].filter((actor) => actor.live).length;
  }

  async start(): Promise<void> {
    const { context, leaseTtlMs } = this.#parts;
    this.#stopListening = await context.store.db.listen(COMMANDS_CHANNEL, (sessionId) => this.#wake(sessionId));
    await this.#renewLeases();
    await this.#sweep();
    this.#every(this.#settings.pollMs, () => this.#sweep());
    this.#every(leaseTtlMs / 3, () => this.#renewLeases());
    this.#every(Math.min(this.#settings.idleMs / 4, 30_000), () => this.#closeIdle());
  }

  /** Waits up to `graceMs` for running turns, then ends every process. Unfinished sessions go on at the next start. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    await this.#stopListening?.();
    const until = this.#parts.context.clock.now().getTime() + graceMs;
    while (this.#parts.context.clock.now().getTime() < until && (await this.#anyTurnRuns())) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const cancel of this.#timers.splice(0)) cancel();
    this.#parts.places.close();
    await Promise.all([...this.#actors.values()].map((actor) => actor.stop()));
    this.#actors.clear();
  }

  async #anyTurnRuns(): Promise<boolean> {
    const live = [...this.#actors.values()].filter((actor) => actor.live).map((actor) => actor.sessionId);
    if (live.length === 0) return false;
    const { rows } = await this.#parts.context.store.db.query(
      `select 1 from sessions where id = any($1::uuid[]) and state = 'running' limit 1`,
      [live],
    );
    return rows.length > 0;
  }

  #wake(sessionId: string): void {
    if (this.#stopping) return;
    let actor = this.#actors.get(sessionId);
    if (!actor) {
      actor = new SessionActor(sessionId, this.#parts);
      this.#actors.set(sessionId, actor);
    }
    actor.wake().catch((error: unknown) => {
      this.#parts.context.logger.error({ err: error, sessionId }, 'a session could not be served; it is tried again');
    });
  }

  async #sweep(): Promise<void> {
    const { context, holder } = this.#parts;
    for (const sessionId of await sessionsToServe(context.store.db, holder)) this.#wake(sessionId);
  }

  async #renewLeases(): Promise<void> {
    const { context, leaseTtlMs, runner } = this.#parts;
    for (const actor of this.#actors.values()) {
      if (!actor.lease) continue;
      if (!(await context.store.leases.renew(actor.lease, leaseTtlMs))) await actor.abandon();
    }
    // The embedded database has no other server that could take a session over.
    if (context.store.db.engine === 'postgres') runner.keepAlive(leaseTtlMs * KEEP_ALIVE_SHARE);
  }

  async #closeIdle(): Promise<void> {
    const since = this.#parts.context.clock.now().getTime() - this.#settings.idleMs;
    for (const [sessionId, actor] of this.#actors) {
      if (await actor.closeIfIdle(since)) this.#actors.delete(sessionId);
    }
  }

  #every(ms: number, work: () => Promise<void>): void {
    const { clock, logger } = this.#parts.context;
    const slot = this.#timers.push(() => undefined) - 1;
    const arm = (): void => {
      this.#timers[slot] = clock.after(ms, () => {
        work()
          .catch((error: unknown) => logger.error({ err: error }, 'the supervisor missed a beat'))
          .finally(() => {
            if (!this.#stopping) arm();
          });
      });
    };
    arm();
  }
}

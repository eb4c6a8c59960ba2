/**
 * Keeps every hosted session served: wakes its actor when there are commands, renews leases, closes idle processes, and
 * after a start takes up what an earlier server left unfinished.
 */
import type { Context } from '../operations/context.ts';
import { COMMANDS_CHANNEL, sessionsWithCommands } from '../store/commands.ts';
import { listUnfinishedSessions } from '../store/sessions.ts';
import type { AgentRunner } from './agent.ts';
import type { LiveText } from './live-text.ts';
import { SessionActor } from './session-actor.ts';

export interface SupervisorParts {
  context: Context;
  runner: AgentRunner;
  liveText: LiveText;
  /** False for the demo model: what the agent believes it costs is then no money. */
  modelCostsMoney: boolean;
  /** Names this server as a holder of leases. */
  holder: string;
  leaseTtlMs: number;
}

export interface SupervisorSettings {
  idleMs: number;
  /** Looks for commands whose wake-up was missed, and for sessions of servers that died. */
  pollMs: number;
}

export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #settings: SupervisorSettings;
  readonly #actors = new Map<string, SessionActor>();
  readonly #timers: (() => void)[] = [];
  #stopListening: (() => Promise<void>) | null = null;
  #stopping = false;

  constructor(parts: SupervisorParts, settings: SupervisorSettings) {
    this.#parts = parts;
    this.#settings = settings;
  }

  get liveProcesses(): number {
    return [...this.#actors.values()].filter((actor) => actor.live).length;
  }

  async start(): Promise<void> {
    const { context, leaseTtlMs } = this.#parts;
    this.#stopListening = await context.store.db.listen(COMMANDS_CHANNEL, (sessionId) => this.#wake(sessionId));
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
    const { db } = this.#parts.context.store;
    const [withCommands, unfinished] = await Promise.all([sessionsWithCommands(db), listUnfinishedSessions(db)]);
    for (const sessionId of new Set([...withCommands, ...unfinished])) this.#wake(sessionId);
  }

  async #renewLeases(): Promise<void> {
    const { context, leaseTtlMs } = this.#parts;
    for (const actor of this.#actors.values()) {
      if (!actor.lease) continue;
      if (!(await context.store.leases.renew(actor.lease, leaseTtlMs))) await actor.abandon();
    }
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

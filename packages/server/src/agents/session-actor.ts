/**
 * Serves one hosted session: holds its lease, its process when there is one, and carries commands into it.
 *
 * What must stay true:
 * - Only the holder of the lease starts a process, so a session never has two (two would fork the transcript). Every change
 *   made for the session proves the lease in its own transaction; at the first that fails the process goes.
 * - A decision is claimed in a commit of its own before the agent gets it, and never handed over again. A crash between the
 *   two leaves the ask claimed and not applied: the agent is then told to look before it repeats anything.
 * - Everything that reads or changes the session's asks runs in one queue, see SessionAsks.
 */
import type { EventData, NewEvent } from '@claude-companion/protocol';
import type { ServedSession } from '../operations/change-session.ts';
import { nowOf } from '../operations/context.ts';
import { markCommand } from '../operations/hand-over.ts';
import { hadConversation, promptsOfTurn } from '../operations/prompts-of-turn.ts';
import { recordAgentEvents } from '../operations/record-agent-events.ts';
import { interruptWithoutProcess, loseProcess, recoverSession, resumeCutTurn } from '../operations/recover-session.ts';
import { pendingLimit } from '../operations/usage/limit-ask.ts';
import { isResumeNote } from '../sessions/resume-note.ts';
import { type Command, waitingCommands } from '../store/commands.ts';
import { FencedError } from '../store/event-batch.ts';
import type { Lease } from '../store/leases.ts';
import { findSession, modelSetupOf, type SessionRow } from '../store/sessions.ts';
import type { AgentAsk, AgentProcess } from './agent.ts';
import type { Resident } from './live-places.ts';
import { SessionAsks } from './session-asks.ts';
import { SessionLease } from './session-lease.ts';
import { SessionSpending } from './session-spending.ts';
import { stamped, type Unstamped } from './stamped.ts';
import type { ActorParts } from './supervisor.ts';
import { crashedAtStart, failedTurn, startFailure, transcriptMissing } from './turn-failure.ts';

type PromptCommand = Extract<Command, { kind: 'prompt' }>;

/** A process that ends more often than this before it begins a turn is not started for that prompt again. */
const MAX_LOSSES_AT_START = 3;

export class SessionActor implements Resident {
  readonly sessionId: string;
  readonly #parts: ActorParts;
  readonly #asks: SessionAsks;
  readonly #spending: SessionSpending;
  /** Prompts this process was given; a prompt stays "taken" in the store until its turn begins. */
  readonly #handed = new Set<string>();
  readonly #lease: SessionLease;
  #process: AgentProcess | null = null;
  /** Resolves when the process has told everything and is forgotten. */
  #gone = Promise.withResolvers<void>();
  #recovered = false;
  /** A process was lost, and the session does not say so yet. */
  #lost = false;
  #queue: Promise<void> = Promise.resolve();
  #recording: Promise<void> = Promise.resolve();
  #stopReason: 'idle' | 'closed' | 'server_stopped' | null = null;
  #toldQueued = false;
  #lossesAtStart = 0;
  #activeAt: number;

  constructor(sessionId: string, parts: ActorParts) {
    this.sessionId = sessionId;
    this.#parts = parts;
    this.#activeAt = parts.context.clock.now().getTime();
    this.#spending = new SessionSpending({ ...parts, sessionId });
    this.#lease = new SessionLease({ ...parts, sessionId });
    this.#asks = new SessionAsks({
      context: parts.context,
      served: () => this.#served(),
      enqueue: (work) => this.#enqueue(work),
      inBackground: (work) => this.#inBackground(work),
      processRuns: () => this.#process?.ended === false && this.#stopReason === null,
      processAnswers: async () => {
        const gone = this.#gone.promise;
        if (await this.#process?.responds()) return true;
        if (this.#process) await gone;
        await this.#recover();
        return false;
      },
    });
  }

  get live(): boolean {
    return this.#process !== null;
  }

  get lease(): Lease | null {
    return this.#lease.held;
  }

  /** There may be commands. Returns when everything that was waiting is handed over, or stands in line for a process. */
  wake(): Promise<void> {
    return this.#enqueue(async () => {
      if (!(await this.#holdLease())) return;
      await this.#recover();
      const inLine = new Set<number>();
      // A command may add another (an answer to a lost ask adds the note that resumes the session).
      for (let rounds = 0; rounds < 10; rounds++) {
        const commands = await waitingCommands(this.#parts.context.store.db, this.sessionId);
        const fresh = commands.filter(
          (command) =>
            !inLine.has(command.id) && (command.kind !== 'prompt' || !this.#handed.has(command.payload.promptId)),
        );
        if (fresh.length === 0) break;
        for (const command of fresh) if (!(await this.#carryOut(command))) inLine.add(command.id);
      }
      if (!this.#process && inLine.size === 0) this.#parts.places.leave(this.sessionId);
    });
  }

  /** Closes the process when nothing has happened since `since`. True when nothing is held any more. */
  closeIfIdle(since: number): Promise<boolean> {
    return this.#enqueue(async () => {
      const process = this.#process;
      if (this.#activeAt > since || this.#parts.places.waits(this.sessionId)) return false;
      if (process && process.activity !== 'idle') return false;
      const session = await findSession(this.#parts.context.store.db, this.sessionId);
      if (process && (session?.state === 'running' || session?.state === 'waiting')) return false;
      await this.#closeProcess('idle');
      await this.#releaseLease();
      return true;
    });
  }

  spare(): ReturnType<Resident['spare']> {
    const activity = this.#stopReason === null ? this.#process?.activity : undefined;
    if (activity === 'idle') return { tier: 'idle', since: this.#activeAt };
    const quietMs = this.#parts.context.clock.now().getTime() - this.#activeAt;
    return activity === 'asking' && quietMs >= this.#parts.parkMs ? { tier: 'asking', since: this.#activeAt } : null;
  }

  vacate(): Promise<boolean> {
    return this.#enqueue(async () => {
      if (this.spare() === null) return false;
      await this.#closeProcess('idle');
      return true;
    });
  }

  /** Ends the process because the server stops; the session goes on at the next start. */
  stop(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#closeProcess('server_stopped');
      await this.#releaseLease();
    });
  }

  /** The lease was lost, or what happens cannot be recorded: nothing more may be written, and the process must go. */
  async abandon(): Promise<void> {
    this.#lease.drop();
    this.#recovered = false;
    this.#stopReason = 'server_stopped';
    if (this.#process) await this.#process.close();
    else this.#parts.places.leave(this.sessionId);
  }

  #served(): ServedSession {
    return this.#lease.served();
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work).catch(async (error: unknown): Promise<never> => {
      if (error instanceof FencedError) await this.abandon();
      throw error;
    });
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  #inBackground(work: () => Promise<unknown>): void {
    this.#reported(this.#enqueue(work));
  }

  #wakeSoon(): void {
    this.#reported(this.wake());
  }

  #reported(served: Promise<unknown>): void {
    served.catch((error: unknown) => {
      this.#parts.context.logger.error({ err: error, sessionId: this.sessionId }, 'a session could not be served');
    });
  }

  async #holdLease(): Promise<boolean> {
    if (this.#lease.held) return true;
    // An abandoned process may still be on its way out.
    return this.#process ? false : this.#lease.take();
  }

  async #releaseLease(): Promise<void> {
    if (this.#lease.held) this.#recovered = false;
    await this.#lease.release();
  }

  /** False when the command has to wait: for a place among the live processes, or for a person. */
  async #carryOut(command: Command): Promise<boolean> {
    this.#touch();
    if (this.#process?.ended) await this.#gone.promise;
    await this.#recover();
    switch (command.kind) {
      case 'prompt':
        return this.#carryPrompt(command);
      case 'answer':
        // A process cannot be told of a new budget. Prompts that the spent one held stand before the answer.
        if (await this.#asks.carryAnswer(command.payload.askId)) {
          await this.#closeProcess('idle');
          this.#wakeSoon();
        }
        break;
      case 'interrupt':
        if (this.#process && !(await pendingLimit(this.#parts.context.store.db, this.sessionId)))
          await this.#process.interrupt();
        else await interruptWithoutProcess(this.#parts.context, this.#served(), { commandId: command.id });
        break;
      case 'configure':
        if (command.payload.model !== undefined) await this.#process?.setModel(command.payload.model);
        if (command.payload.permissionMode) await this.#process?.setPermissionMode(command.payload.permissionMode);
        break;
      case 'close':
        await this.#closeProcess('closed');
        break;
    }
    await this.#mark(command, 'done');
    return true;
  }

  async #carryPrompt(command: PromptCommand): Promise<boolean> {
    const { context, runner } = this.#parts;
    const { promptId, text, images } = command.payload;
    const session = await findSession(context.store.db, this.sessionId);
    // An earlier process took it and was lost before the turn was recorded. If the transcript has it, the agent must not
    // get it twice: it is told to go on instead.
    const over = !session || session.state === 'ended';
    const known = !over && command.state === 'taken' && (await runner.hasPrompt({ ...placeOf(session), promptId }));
    if (known) await resumeCutTurn(context, this.#served());
    if (over || known) return this.#mark(command, 'done');
    const busy = this.#process && this.#process.activity !== 'idle' && !this.#spending.halted;
    if (!busy && !(await this.#spending.mayBegin(this.#served(), session))) return false;
    if (!this.#process && !this.#takePlace()) return false;
    const started = await this.#ensureProcess(session, command);
    if (!started) return this.#mark(command, 'done');
    await this.#mark(command, 'taken');
    this.#handed.add(promptId);
    const prompts = started.forgot && isResumeNote(text) ? await promptsOfTurn(context, this.sessionId) : [];
    const said = prompts.length > 0 ? prompts.join('\n\n') : text;
    started.process.prompt({ promptId, text: said, ...(images && { images }) });
    return true;
  }

  async #mark(command: Command, state: 'taken' | 'done'): Promise<true> {
    await markCommand(this.#parts.context, this.#served(), { command, state });
    return true;
  }

  #takePlace(): boolean {
    const { places } = this.#parts;
    const position = places.take({ sessionId: this.sessionId, onPlace: () => this.#wakeSoon() });
    if (position > 0 && !this.#toldQueued) {
      this.#toldQueued = true;
      this.#tell({ kind: 'agent.queued', data: { position } });
    }
    return position === 0;
  }

  /**
   * The live process, or a new one; `forgot` when that one has no transcript to go on from. (The CLI writes it 50 to 80 ms
   * after it asks; killed before that, a new session's transcript does not exist.) Null when none can be started: the
   * session was told why.
   */
  async #ensureProcess(
    session: SessionRow,
    command: PromptCommand,
  ): Promise<{ process: AgentProcess; forgot: boolean } | null> {
    if (this.#process) return { process: this.#process, forgot: false };
    const { runner, liveText, context } = this.#parts;
    this.#stopReason = null;
    if (this.#lossesAtStart >= MAX_LOSSES_AT_START) return this.#failTurn(command, crashedAtStart);
    const resume = await runner.hasTranscript(placeOf(session));
    if (!resume && (await hadConversation(context, this.sessionId))) return this.#failTurn(command, transcriptMissing);
    const purse = await this.#spending.begin(session, await modelSetupOf(context.store.db, this.sessionId));
    const { model, permissionMode, systemPrompt, allowedTools } = session;
    try {
      this.#process = await runner.start(
        {
          ...placeOf(session),
          ...{ resume, model, permissionMode, systemPrompt, allowedTools },
          ...{ ...purse, fence: this.#served().fence },
        },
        {
          onEvents: (events) => this.#heard(events),
          onUsage: (usage) => this.#spending.note(usage),
          onDelta: (delta) => {
            this.#touch();
            liveText.push(delta);
          },
          onAsk: (ask) => this.#ask(ask),
          onExit: ({ error }) => this.#exited(error),
        },
      );
    } catch (error) {
      if (error instanceof FencedError) throw error;
      context.logger.error({ err: error, sessionId: this.sessionId }, 'an agent could not be started');
      return this.#failTurn(command, startFailure(error));
    }
    this.#toldQueued = false;
    this.#tell({ kind: 'agent.started', data: { resumed: resume } });
    return { process: this.#process, forgot: !resume };
  }

  async #failTurn({ payload }: PromptCommand, error: EventData<'turn.ended'>['error']): Promise<null> {
    this.#lossesAtStart = 0;
    this.#tell(...failedTurn(payload.promptId, error));
    await this.#recording;
    return null;
  }

  async #ask(ask: AgentAsk): ReturnType<SessionAsks['ask']> {
    this.#touch();
    await this.#recording;
    return this.#asks.ask(ask);
  }

  #touch(): void {
    this.#activeAt = this.#parts.context.clock.now().getTime();
  }

  #tell(...events: Unstamped[]): void {
    this.#record(stamped(events, { sessionId: this.sessionId, at: nowOf(this.#parts.context) }));
  }

  #heard(events: readonly NewEvent[]): void {
    const { events: kept, halt } = this.#spending.screen(events);
    if (kept.length > 0) this.#record(kept);
    if (halt) this.#inBackground(() => this.#closeProcess('idle'));
  }

  /** Commits in order. A fenced write means another server took over: this process must go. */
  #record(events: readonly NewEvent[]): void {
    const { context, liveText } = this.#parts;
    this.#touch();
    if (events.some(({ kind }) => kind === 'turn.started')) this.#lossesAtStart = 0;
    this.#recording = this.#recording.then(async () => {
      if (!this.#lease.held) return;
      try {
        const priced = await this.#spending.priced(events);
        await recordAgentEvents(context, { ...this.#served(), events: priced });
        liveText.settle(this.sessionId, events);
      } catch (error) {
        context.logger.error({ err: error, sessionId: this.sessionId }, 'what an agent did could not be recorded');
        await this.abandon();
      }
    });
  }

  async #closeProcess(reason: 'idle' | 'closed' | 'server_stopped'): Promise<void> {
    if (!this.#process) return;
    this.#stopReason = reason;
    await this.#process.close();
    await this.#recording;
  }

  #exited(error: Error | undefined): void {
    this.#process = null;
    this.#gone.resolve();
    this.#gone = Promise.withResolvers();
    this.#handed.clear();
    this.#asks.dropAll();
    this.#spending.ended();
    this.#parts.places.leave(this.sessionId);
    const reason = this.#stopReason ?? 'crashed';
    this.#tell({ kind: 'agent.stopped', data: error ? { reason, detail: error.message } : { reason } });
    if (reason === 'idle' || reason === 'closed') return;
    this.#recovered = false;
    this.#lost = true;
    if (reason === 'crashed') this.#lossesAtStart += 1;
    this.#inBackground(async () => {
      if (!this.#lease.held) return;
      if (reason === 'crashed') this.#wakeSoon();
      else await this.#park();
    });
  }

  /** Before anything is carried into a new process: what the old one left unfinished is settled, once. */
  async #recover(): Promise<void> {
    await this.#recording;
    if (this.#recovered || this.#process) return;
    await this.#park();
    await recoverSession(this.#parts.context, this.#served());
    this.#recovered = true;
  }

  async #park(): Promise<void> {
    await this.#recording;
    if (this.#lost) await loseProcess(this.#parts.context, this.#served());
    this.#lost = false;
  }
}

const placeOf = ({ id, cwd }: SessionRow): { sessionId: string; cwd: string } => ({ sessionId: id, cwd });

/**
 * Serves one hosted session: holds its lease, its process when there is one, and carries commands into it.
 *
 * What must stay true:
 * - Only the holder of the lease starts a process, so a session never has two (two would fork the transcript).
 * - A decision is claimed in a commit of its own before the agent gets it, and never handed over again. A crash between the
 *   two leaves the ask claimed and not applied: the agent is then told to look before it repeats anything.
 * - Everything that reads or changes the session's asks runs in one queue, so that an answer cannot slip between an ask
 *   being committed and being waited for.
 */
import type { Answer, NewEvent } from '@claude-companion/protocol';
import { changeSession } from '../operations/change-session.ts';
import { nowOf } from '../operations/context.ts';
import { applyAnswer, claimAnswerOf, withdrawAsk } from '../operations/hand-over.ts';
import { findLostAsk, openAsk } from '../operations/open-ask.ts';
import { promptsOfTurn } from '../operations/prompts-of-turn.ts';
import { recordAgentEvents } from '../operations/record-agent-events.ts';
import { loseProcess, recoverSession, resumeCutTurn, resumeForAnswer } from '../operations/recover-session.ts';
import { isResumeNote } from '../sessions/resume-note.ts';
import { findAsk } from '../store/asks.ts';
import { type Command, setCommandState, waitingCommands } from '../store/commands.ts';
import type { Lease } from '../store/leases.ts';
import { findSession, type SessionRow } from '../store/sessions.ts';
import type { AgentAsk, AgentProcess } from './agent.ts';
import { PendingAsks } from './pending-asks.ts';
import type { SupervisorParts } from './supervisor.ts';

export class SessionActor {
  readonly sessionId: string;
  readonly #parts: SupervisorParts;
  readonly #pending = new PendingAsks();
  /** Prompts this process was given; a prompt stays "taken" in the store until its turn begins. */
  readonly #handed = new Set<string>();
  #lease: Lease | null = null;
  #process: AgentProcess | null = null;
  #recovered = false;
  #queue: Promise<void> = Promise.resolve();
  #recording: Promise<void> = Promise.resolve();
  #stopReason: 'idle' | 'closed' | 'server_stopped' | null = null;
  #busySince: number;

  constructor(sessionId: string, parts: SupervisorParts) {
    this.sessionId = sessionId;
    this.#parts = parts;
    this.#busySince = parts.context.clock.now().getTime();
  }

  get live(): boolean {
    return this.#process !== null;
  }

  get lease(): Lease | null {
    return this.#lease;
  }

  /** There may be commands. Returns when everything that was waiting is handed over. */
  wake(): Promise<void> {
    return this.#enqueue(async () => {
      if (!(await this.#holdLease())) return;
      if (!this.#recovered) {
        await recoverSession(this.#parts.context, this.sessionId);
        this.#recovered = true;
      }
      // A command may add another (an answer to a lost ask adds the note that resumes the session).
      for (let rounds = 0; rounds < 10; rounds++) {
        const commands = await waitingCommands(this.#parts.context.store.db, this.sessionId);
        const fresh = commands.filter(
          (command) => command.kind !== 'prompt' || !this.#handed.has(command.payload.promptId),
        );
        if (fresh.length === 0) return;
        for (const command of fresh) await this.#carryOut(command);
      }
    });
  }

  /** Closes the process when the session has been idle since before `since`. True when nothing is held any more. */
  closeIfIdle(since: number): Promise<boolean> {
    return this.#enqueue(async () => {
      const session = await findSession(this.#parts.context.store.db, this.sessionId);
      const busy = session && (session.state === 'running' || session.state === 'waiting');
      if ((busy && this.#process) || this.#busySince > since) return false;
      if (this.#process) await this.#closeProcess('idle');
      await this.#releaseLease();
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

  /** The lease was lost: another server serves the session now. Nothing more may be written. */
  async abandon(): Promise<void> {
    this.#lease = null;
    this.#stopReason = 'server_stopped';
    await this.#process?.close();
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(work);
    this.#queue = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async #holdLease(): Promise<boolean> {
    if (this.#lease) return true;
    const { context, holder, leaseTtlMs } = this.#parts;
    const name = `session:${this.sessionId}`;
    const lease = await context.store.leases.acquire(name, holder, leaseTtlMs);
    if (!lease) return false;
    this.#lease = lease;
    return true;
  }

  async #releaseLease(): Promise<void> {
    if (!this.#lease) return;
    await this.#parts.context.store.leases.release(this.#lease);
    this.#lease = null;
    this.#recovered = false;
  }

  async #carryOut(command: Command): Promise<void> {
    const { db } = this.#parts.context.store;
    this.#busySince = this.#parts.context.clock.now().getTime();
    switch (command.kind) {
      case 'prompt':
        return this.#carryPrompt(command);
      case 'answer':
        await this.#carryAnswer(command.payload.askId);
        break;
      case 'interrupt':
        await this.#interrupt();
        break;
      case 'configure':
        if (command.payload.model !== undefined) await this.#process?.setModel(command.payload.model);
        if (command.payload.permissionMode) await this.#process?.setPermissionMode(command.payload.permissionMode);
        break;
      case 'close':
        await this.#closeProcess('closed');
        break;
    }
    await setCommandState(db, command, 'done');
  }

  async #carryPrompt(command: Extract<Command, { kind: 'prompt' }>): Promise<void> {
    const { context, runner } = this.#parts;
    const { db } = context.store;
    const { promptId, text } = command.payload;
    const session = await findSession(db, this.sessionId);
    if (!session || session.state === 'ended') return setCommandState(db, command, 'done');
    // An earlier process took it and was lost before the turn was recorded. If the transcript has it, the agent must not
    // get it twice: it is told to go on instead.
    if (command.state === 'taken' && (await runner.hasPrompt({ ...place(session), promptId }))) {
      await resumeCutTurn(context, this.sessionId);
      return setCommandState(db, command, 'done');
    }
    const started = await this.#ensureProcess(session);
    if (!started) return setCommandState(db, command, 'done');
    await setCommandState(db, command, 'taken');
    this.#handed.add(promptId);
    const prompts = started.forgot && isResumeNote(text) ? await promptsOfTurn(context, this.sessionId) : [];
    started.process.prompt({ promptId, text: prompts.length > 0 ? prompts.join('\n\n') : text });
  }

  async #carryAnswer(askId: string): Promise<void> {
    const { context } = this.#parts;
    const ask = await findAsk(context.store.db, askId);
    if (!ask) return;
    if (!this.#pending.has(askId)) return resumeForAnswer(context, ask);
    if (ask.state === 'expired') {
      this.#pending.decide(askId, { decision: 'deny', message: 'Nobody answered in time.' });
      return;
    }
    const answer = await claimAnswerOf(context, ask);
    if (!answer) return;
    this.#pending.decide(askId, answer);
    // The SDK writes the decision to the process as soon as it resolves, before the next timer.
    await new Promise((resolve) => setImmediate(resolve));
    await applyAnswer(context, ask);
  }

  async #interrupt(): Promise<void> {
    if (this.#process) {
      await this.#process.interrupt();
      return;
    }
    await loseProcess(this.#parts.context, this.sessionId, { reason: 'interrupted' });
  }

  /**
   * The live process, or a new one; `forgot` when that one has no transcript to go on from. (The CLI writes it 50 to 80 ms
   * after it asks; killed before that, a new session's transcript does not exist.) Null when none can be started: the
   * session was told why.
   */
  async #ensureProcess(session: SessionRow): Promise<{ process: AgentProcess; forgot: boolean } | null> {
    if (this.#process) return { process: this.#process, forgot: false };
    const { runner, liveText } = this.#parts;
    const resume = await runner.hasTranscript(place(session));
    this.#stopReason = null;
    this.#handed.clear();
    try {
      this.#process = await runner.start(
        {
          ...place(session),
          resume,
          model: session.model,
          permissionMode: session.permissionMode,
          systemPrompt: session.systemPrompt,
          allowedTools: session.allowedTools,
        },
        {
          onEvents: (events) => this.#record(events),
          onDelta: (delta) => liveText.push(delta),
          onAsk: (ask) => this.#ask(ask),
          onExit: ({ error }) => this.#exited(error),
        },
      );
    } catch (error) {
      await this.#failTurn(error);
      return null;
    }
    this.#record([this.#event({ kind: 'agent.started', data: { resumed: resume } })]);
    return { process: this.#process, forgot: !resume };
  }

  async #failTurn(error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.context.logger.error({ err: error, sessionId: this.sessionId }, 'an agent could not be started');
    this.#record([
      this.#event({ kind: 'turn.ended', data: { outcome: 'failed', error: { code: 'AICLI_UNAVAILABLE', message } } }),
    ]);
    await this.#recording;
  }

  #event(event: Unstamped): NewEvent {
    return { ...event, sessionId: this.sessionId, at: nowOf(this.#parts.context) } as NewEvent;
  }

  /** Commits in order. A fenced write means another server took over: this process must go. */
  #record(events: readonly NewEvent[]): void {
    const { context, liveText } = this.#parts;
    this.#recording = this.#recording.then(async () => {
      const fence = this.#lease;
      if (!fence) return;
      try {
        await recordAgentEvents(context, { sessionId: this.sessionId, events: this.#truthful(events), fence });
        liveText.settle(this.sessionId, events);
      } catch (error) {
        context.logger.error({ err: error, sessionId: this.sessionId }, 'what an agent did could not be recorded');
        await this.abandon();
      }
    });
  }

  /** Prices of a model that costs nothing are invented by the CLI. */
  #truthful(events: readonly NewEvent[]): readonly NewEvent[] {
    if (this.#parts.modelCostsMoney) return events;
    return events.map((event) => {
      if (event.kind !== 'turn.ended') return event;
      const { totalCostUsd: _invented, ...data } = event.data;
      return { ...event, data };
    });
  }

  async #ask(ask: AgentAsk): Promise<Answer> {
    await this.#recording;
    const { askId, answer } = await this.#enqueue(() => this.#openOrFind(ask));
    const aborted = (): void => {
      if (!this.#pending.has(askId)) return;
      this.#pending.drop(askId);
      // An interrupt withdraws the ask. A process that died aborts too, but then the ask stays open for the next one.
      if (!this.#process || this.#stopReason) return;
      this.#inBackground(() => withdrawAsk(this.#parts.context, askId, 'the turn was interrupted'));
    };
    if (ask.signal.aborted) aborted();
    ask.signal.addEventListener('abort', aborted);
    return answer;
  }

  /** Runs in the queue, and registers the waiting there too: an answer is carried in the same queue and must find it. */
  async #openOrFind(ask: AgentAsk): Promise<{ askId: string; answer: Promise<Answer> }> {
    const { context } = this.#parts;
    const session = await findSession(context.store.db, this.sessionId);
    if (!session) throw new Error('the session is gone');
    const lost = await findLostAsk(context, session, { ...ask, pendingHere: this.#pending.ids });
    if (lost?.state === 'answered') {
      const answer = await claimAnswerOf(context, lost);
      if (answer) {
        setImmediate(() => this.#inBackground(() => applyAnswer(context, lost)));
        return { askId: lost.id, answer: Promise.resolve(answer) };
      }
    }
    const askId =
      lost?.state === 'open'
        ? lost.id
        : await changeSession(context, { sessionId: this.sessionId }, (frame) => openAsk(context, frame, ask));
    return { askId, answer: this.#pending.wait(askId) };
  }

  #inBackground(work: () => Promise<unknown>): void {
    this.#enqueue(work).catch((error: unknown) => {
      this.#parts.context.logger.error({ err: error, sessionId: this.sessionId }, 'a session could not be served');
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
    this.#pending.dropAll();
    const reason = this.#stopReason ?? 'crashed';
    this.#record([
      this.#event({ kind: 'agent.stopped', data: error ? { reason, detail: error.message } : { reason } }),
    ]);
    if (reason === 'idle' || reason === 'closed') return;
    const goOn = reason === 'crashed';
    this.#inBackground(async () => {
      await this.#recording;
      if (!this.#lease) return;
      await loseProcess(this.#parts.context, this.sessionId, { reason });
      if (!goOn) return;
      await recoverSession(this.#parts.context, this.sessionId);
      setImmediate(() => this.#inBackground(async () => void this.wake()));
    });
  }
}

type Unstamped = NewEvent extends infer E ? (E extends NewEvent ? Omit<E, 'sessionId' | 'at'> : never) : never;

const place = (session: SessionRow): { sessionId: string; cwd: string } => ({
  sessionId: session.id,
  cwd: session.cwd,
});

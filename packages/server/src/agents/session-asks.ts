/**
 * The asks of one live process: committed, waited for, decided. Everything here that reads or changes asks runs in the
 * session's queue, so that an answer cannot slip between an ask being committed and being waited for.
 */
import type { Answer } from '@claude-companion/protocol';
import { changeSession, type ServedSession } from '../operations/change-session.ts';
import type { Context } from '../operations/context.ts';
import { applyAnswer, claimAnswerOf, withdrawAsk } from '../operations/hand-over.ts';
import { findLostAsk, openAsk } from '../operations/open-ask.ts';
import { resumeForAnswer } from '../operations/recover-session.ts';
import { settleLimit } from '../operations/usage/settle-limit.ts';
import { type AskRow, findAsk } from '../store/asks.ts';
import { findSession } from '../store/sessions.ts';
import type { AgentAsk } from './agent.ts';
import { PendingAsks } from './pending-asks.ts';

export interface SessionAsksParts {
  context: Context;
  /** The session and the lease by which it is served. Throws when it is not served here any more. */
  served(): ServedSession;
  enqueue<T>(work: () => Promise<T>): Promise<T>;
  inBackground(work: () => Promise<unknown>): void;
  /** True while the process of an ask runs and is meant to. */
  processRuns(): boolean;
  /** False once the process is known to be gone and forgotten. */
  processAnswers(): Promise<boolean>;
}

export class SessionAsks {
  readonly #parts: SessionAsksParts;
  readonly #pending = new PendingAsks();

  constructor(parts: SessionAsksParts) {
    this.#parts = parts;
  }

  /** For the process: resolves with the decision. */
  async ask(ask: AgentAsk): Promise<Answer> {
    const { context, served, enqueue, inBackground, processRuns } = this.#parts;
    const { askId, answer } = await enqueue(() => this.#openOrFind(ask));
    const aborted = (): void => {
      if (!this.#pending.has(askId)) return;
      this.#pending.drop(askId);
      // An interrupt withdraws the ask. A process that died aborts too, but then the ask stays open for the next one.
      if (processRuns()) inBackground(() => withdrawAsk(context, served(), askId));
    };
    if (ask.signal.aborted) aborted();
    ask.signal.addEventListener('abort', aborted);
    return answer;
  }

  /** An answer, or the deadline, for an ask of this session. To be called in the queue. True when it held up prompts. */
  async carryAnswer(askId: string): Promise<boolean> {
    const { context, served } = this.#parts;
    const ask = await findAsk(context.store.db, askId);
    if (ask?.kind === 'limit') {
      await settleLimit(context, served(), askId);
      return true;
    }
    if (ask) await this.#carryDecision(ask);
    return false;
  }

  async #carryDecision(ask: AskRow): Promise<void> {
    const { context, served } = this.#parts;
    const { id: askId } = ask;
    // A process killed a moment ago would take the decision with it, and nobody could tell.
    const waits = this.#pending.has(askId) && (await this.#parts.processAnswers());
    if (!waits) return resumeForAnswer(context, served(), askId);
    if (ask.state === 'expired') {
      this.#pending.decide(askId, { decision: 'deny', message: 'Nobody answered in time.' });
      return;
    }
    const answer = await claimAnswerOf(context, served(), ask);
    if (!answer) return;
    this.#pending.decide(askId, answer);
    // The SDK writes the decision to the process as soon as it resolves, before the next timer.
    await new Promise((resolve) => setImmediate(resolve));
    // A process that ended meanwhile may have had it or not: the ask stays claimed, and the next process is told to look.
    if (this.#parts.processRuns()) await applyAnswer(context, served(), askId);
  }

  /** The process is gone: nobody waits. The asks themselves stay open. */
  dropAll(): void {
    this.#pending.dropAll();
  }

  /** Registers the waiting in the queue too: an answer is carried in the same queue and must find it. */
  async #openOrFind(ask: AgentAsk): Promise<{ askId: string; answer: Promise<Answer> }> {
    const { context, served, inBackground } = this.#parts;
    const here = served();
    const session = await findSession(context.store.db, here.sessionId);
    if (!session) throw new Error('the session is gone');
    const lost = await findLostAsk(context, session, { ...ask, pendingHere: this.#pending.ids });
    if (lost?.state === 'answered') {
      const answer = await claimAnswerOf(context, here, lost);
      if (answer) {
        setImmediate(() => inBackground(() => applyAnswer(context, served(), lost.id)));
        return { askId: lost.id, answer: Promise.resolve(answer) };
      }
    }
    const askId =
      lost?.state === 'open' ? lost.id : await changeSession(context, here, (frame) => openAsk(context, frame, ask));
    return { askId, answer: this.#pending.wait(askId) };
  }
}

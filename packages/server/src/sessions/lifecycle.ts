/**
 * The life of a session: every state, every input.
 *
 * | state | meaning | leaves by |
 * | --- | --- | --- |
 * | idle | nothing to do | a prompt, a turn that began by itself (a terminal), an ask |
 * | running | a turn is in progress | its end, an ask, the loss of the process |
 * | waiting | the turn stands still until a person answers | every open ask settled, the end of the turn |
 * | parked | a turn is unfinished and no process serves it | a process that resumes it, an interrupt |
 * | ended | over | somebody who takes it up again |
 *
 * Losing the process of an idle or waiting session changes nothing: a process is a cache, and an open ask outlives it. Facts
 * that arrive late (a turn that ends after the session did) are taken and change nothing; wishes are refused with a code.
 */
import type { ErrorCode, SessionState } from '@claude-companion/protocol';

/**
 * `prompt`: somebody said something to the agent. `turnStarted`, `turnEnded`: the agent began, stopped. `askOpened`: it
 * stands still for a person (an ask of kind `waiting`, `done` or `error` holds up no turn and is not this input).
 * `asksSettled`: no such ask is pending any more. `processLost`: its process is gone. `resumed`: a process continues it.
 * `interrupt`, `close`: somebody wants the turn stopped, the session over. `reopen`: somebody takes the session up again.
 */
export const SESSION_INPUTS = [
  'prompt',
  'turnStarted',
  'turnEnded',
  'askOpened',
  'asksSettled',
  'processLost',
  'resumed',
  'interrupt',
  'close',
  'reopen',
] as const;
export type SessionInput = (typeof SESSION_INPUTS)[number];

export type SessionRefusal = Extract<ErrorCode, 'SESSION_ENDED' | 'SESSION_INVALID_STATE'>;

/** A refused input changes nothing. */
export type SessionStep = { ok: true; state: SessionState } | { ok: false; refusal: SessionRefusal };

/** What the person who asked for it is told. */
export const SESSION_REFUSALS: Record<SessionRefusal, string> = {
  SESSION_ENDED: 'The session has ended',
  SESSION_INVALID_STATE: 'The session has nothing to stop right now',
};

const to = (state: SessionState): SessionStep => ({ ok: true, state });
const ENDED: SessionStep = { ok: false, refusal: 'SESSION_ENDED' };
const INVALID: SessionStep = { ok: false, refusal: 'SESSION_INVALID_STATE' };

export const SESSION_TRANSITIONS: Record<SessionState, Record<SessionInput, SessionStep>> = {
  idle: {
    prompt: to('running'),
    turnStarted: to('running'),
    turnEnded: to('idle'),
    askOpened: to('waiting'),
    asksSettled: to('idle'),
    processLost: to('idle'),
    resumed: to('idle'),
    interrupt: INVALID,
    close: to('ended'),
    reopen: to('idle'),
  },
  running: {
    // Folded into the turn.
    prompt: to('running'),
    turnStarted: to('running'),
    turnEnded: to('idle'),
    askOpened: to('waiting'),
    asksSettled: to('running'),
    processLost: to('parked'),
    resumed: to('running'),
    // The turn's own end follows.
    interrupt: to('running'),
    close: to('ended'),
    reopen: to('running'),
  },
  waiting: {
    // Kept for after the answer: words beside an ask do not answer it.
    prompt: to('waiting'),
    turnStarted: to('waiting'),
    turnEnded: to('idle'),
    askOpened: to('waiting'),
    asksSettled: to('running'),
    processLost: to('waiting'),
    resumed: to('waiting'),
    interrupt: to('waiting'),
    close: to('ended'),
    reopen: to('waiting'),
  },
  parked: {
    prompt: to('parked'),
    turnStarted: to('running'),
    turnEnded: to('idle'),
    askOpened: to('waiting'),
    asksSettled: to('parked'),
    processLost: to('parked'),
    resumed: to('running'),
    // No process will report the end of the turn: this is its end.
    interrupt: to('idle'),
    close: to('ended'),
    reopen: to('parked'),
  },
  ended: {
    prompt: ENDED,
    turnStarted: to('ended'),
    turnEnded: to('ended'),
    askOpened: ENDED,
    asksSettled: to('ended'),
    processLost: to('ended'),
    resumed: ENDED,
    interrupt: ENDED,
    // Closing twice is closing once.
    close: to('ended'),
    reopen: to('idle'),
  },
};

/** The state after an input, or why it is not allowed. */
export function sessionStep(state: SessionState, input: SessionInput): SessionStep {
  return SESSION_TRANSITIONS[state][input];
}

/**
 * How a turn ends that no agent could end. The session is idle afterwards and takes the next prompt; `error.code` of its
 * `turn.ended` is one of these, besides what the agent itself reports (`api_error_<status>`, `max_turns` …, see turn-end.ts):
 *
 * | code | what happened | the next prompt |
 * | --- | --- | --- |
 * | WORKING_DIRECTORY_MISSING | the session's directory is gone | goes on once the directory is back |
 * | AICLI_UNAVAILABLE | no agent process could be started | tries again |
 * | AICLI_CRASH | the process was lost several times in one turn | goes on from what the transcript has |
 * | BUDGET_REACHED | max_budget_usd is spent | waits until its owner has said how to go on |
 * | PRICE_UNKNOWN | max_budget_usd cannot be kept for this model | the same again |
 * | TRANSCRIPT_MISSING | the conversation is neither in the files nor in the database | begins a new one |
 */
import { CompanionError, type EventData } from '@claude-companion/protocol';
import { TRANSCRIPT_MISSING } from '../operations/prompts-of-turn.ts';
import type { Unstamped } from './stamped.ts';

type TurnError = NonNullable<EventData<'turn.ended'>['error']>;

/** The whole turn of a prompt that no agent got. Whoever waits for it sees it begin and end. */
export const failedTurn = (promptId: string, error: EventData<'turn.ended'>['error']): Unstamped[] => [
  { kind: 'turn.started', data: { promptId } },
  { kind: 'turn.ended', data: { outcome: 'failed', error } },
];

export const transcriptMissing: TurnError = {
  code: TRANSCRIPT_MISSING,
  message:
    'The conversation of this session was not found, neither in the agent’s files nor in the database. Send the message again to begin a new one in this session; the agent will not remember the old one.',
};

export const crashedAtStart: TurnError = {
  code: 'AICLI_CRASH',
  message: 'The agent process ended several times before it began to work. Send the message again to try once more.',
};

/** Only what was written for a person crosses to one; anything else is in the server's log. */
export function startFailure(error: unknown): TurnError {
  if (error instanceof CompanionError) return { code: error.code, message: error.message };
  const message =
    'Claude Code could not be started. The log of the server tells more; "companion doctor" checks the installation.';
  return { code: 'AICLI_UNAVAILABLE', message };
}

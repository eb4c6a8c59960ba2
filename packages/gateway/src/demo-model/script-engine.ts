/**
 * Follows a script without remembering anything: the step to play is derived from the conversation in the request.
 *
 * Counted from the prompt that carries the script, every answer of the model is one step, except repeats of lost calls.
 * A failed request leaves no answer in the transcript; there, the next prompt stands for the step. The same holds for a
 * call that was denied but never reached the transcript; there, the note stands for the step.
 */

import { answeredQuestions } from './answered-questions.ts';
import { type Conversation, callsOf, lastResult, resultOf } from './conversation.ts';
import { forbidsUnseenCall } from './repeat-lost-calls.ts';
import type { Ids, Reply } from './reply.ts';
import { compileScript, parseScript, type ScriptAnswer, type ScriptStep } from './script.ts';
import { PLAIN_MARK, toolUseId } from './tool-use-id.ts';

/** `{{result}}` stands for this many characters of the newest tool result. */
const RESULT_CHARACTERS = 200;
const CLOSING_TEXT = 'The script has ended. Send a prompt with another script to go on.';

export interface RunningScript {
  steps: ScriptStep[];
  /** The conversation after the prompt that carries the script. */
  since: Conversation;
}

/** A malformed script is an error only for the prompt that brings it; later prompts of the session do not trip over it. */
function parseEarlierScript(prompt: string): ScriptStep[] | null {
  try {
    return parseScript(prompt);
  } catch {
    return null;
  }
}

/** The newest script in what people said, if any. @throws ApiError when the newest prompt brings a malformed one. */
export function findScript(conversation: Conversation): RunningScript | null {
  const newest = conversation.findLastIndex((entry) => entry.kind === 'prompt');
  for (let index = newest; index >= 0; index -= 1) {
    const entry = conversation[index];
    if (entry?.kind !== 'prompt') continue;
    const steps = index === newest ? parseScript(entry.text) : parseEarlierScript(entry.text);
    if (steps) return { steps, since: conversation.slice(index + 1) };
  }
  return null;
}

function nextIndex(answers: readonly ScriptAnswer[], since: Conversation): number {
  let index = 0;
  for (const [position, entry] of since.entries()) {
    const next = answers[index];
    if (entry.kind === 'reply' && !entry.repeat) index += 1;
    else if (entry.kind === 'prompt' && !entry.midTurn && next?.failure) index += 1;
    else if (entry.kind === 'note') {
      const before = since.slice(0, position);
      if (next?.calls.some(({ tool }) => forbidsUnseenCall(entry.note, tool, before))) index += 1;
    }
  }
  return index;
}

function lastAnswer(conversation: Conversation): string {
  const call = callsOf(conversation).findLast(({ name }) => name === 'AskUserQuestion');
  const result = call && resultOf(conversation, call.id);
  return (result && answeredQuestions(call.input, result.text).join(', ')) || '(no answer)';
}

/** Replaces `{{result}}` and `{{answer}}`. Inputs of calls are left alone: they may carry a script of their own. */
function fillPlaceholders(text: string, conversation: Conversation): string {
  const values: Record<string, () => string> = {
    result: () => lastResult(conversation)?.text.slice(0, RESULT_CHARACTERS).toWellFormed().trim() || '(no result)',
    answer: () => lastAnswer(conversation),
  };
  return text.replace(/\{\{(result|answer)\}\}/g, (_, name) => values[name]?.() ?? '');
}

export function playScript(script: RunningScript, conversation: Conversation, ids: Ids): Reply {
  const { answers, trailing } = compileScript(script.steps);
  const answer = answers[nextIndex(answers, script.since)] ?? { ...trailing, text: CLOSING_TEXT };
  if (answer.failure) return { kind: 'failure', delayMs: answer.delayMs, ...answer.failure };
  return {
    kind: 'message',
    delayMs: answer.delayMs,
    thinking: answer.thinking,
    text: answer.text && fillPlaceholders(answer.text, conversation),
    calls: answer.calls.map(({ tool, input }) => ({ id: toolUseId(PLAIN_MARK, ids()), name: tool, input })),
  };
}

/** Which decisions an ask can be given. What does not fit is refused with a reason, and the ask stays open. */
import type { Answer, Ask, AskKind } from '@claude-companion/protocol';
import { limitChoice } from './limit-choice.ts';

export type Misfit = 'needs_yes_or_no' | 'not_an_option' | 'needs_words' | 'unknown_question' | 'nothing_to_decide';

type Fits = (ask: Pick<Ask, 'questions'>, answer: Answer) => Misfit | null;

const fine: Fits = () => null;
const never =
  (misfit: Misfit): Fits =>
  () =>
    misfit;

const yesOrNo: Record<Answer['decision'], Fits> = { allow: fine, deny: fine, reply: never('needs_yes_or_no') };
const told: Record<Answer['decision'], Fits> = {
  allow: never('nothing_to_decide'),
  deny: never('nothing_to_decide'),
  reply: never('nothing_to_decide'),
};

const RULES: Record<AskKind, Record<Answer['decision'], Fits>> = {
  permission: yesOrNo,
  plan: yesOrNo,
  limit: { allow: fine, deny: fine, reply: namesAnOption },
  // Denying a question tells the agent that nobody will answer it.
  question: { allow: never('needs_words'), deny: fine, reply: answersQuestions },
  waiting: { allow: never('needs_words'), deny: fine, reply: hasWords },
  done: told,
  error: told,
};

/** Null when the answer can be taken. */
export function misfitOf(ask: Pick<Ask, 'kind' | 'questions'>, answer: Answer): Misfit | null {
  return RULES[ask.kind][answer.decision](ask, answer);
}

function namesAnOption({ questions }: Pick<Ask, 'questions'>, answer: Answer): Misfit | null {
  return limitChoice(answer, questions) === null ? 'not_an_option' : null;
}

function hasWords(_ask: Pick<Ask, 'questions'>, answer: Answer): Misfit | null {
  return (answer.message ?? '').trim() === '' ? 'needs_words' : null;
}

/** Free text answers a single question; several are answered by name, each of them. */
function answersQuestions(ask: Pick<Ask, 'questions'>, answer: Answer): Misfit | null {
  if (answer.decision !== 'reply' || answer.answers === undefined) {
    return ask.questions.length === 1 ? hasWords(ask, answer) : 'unknown_question';
  }
  const given = new Set(Object.keys(answer.answers));
  const asked = ask.questions.map(({ question }) => question);
  return given.size === asked.length && asked.every((question) => given.has(question)) ? null : 'unknown_question';
}

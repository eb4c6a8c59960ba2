/** The choices of an ask about a limit, as options of its one question and as what a person says about them. */
import type { Answer, Question } from '@claude-companion/protocol';

export type LimitChoice = 'continue' | 'cheaper' | 'leave';

/** The first word of an option says which choice it is. */
const WORDS: Readonly<Record<string, LimitChoice>> = {
  continue: 'continue',
  cheaper: 'cheaper',
  leave: 'leave',
  stop: 'leave',
};

/** @param offer.cheaperModel null when none is known: then it is no option */
export function limitQuestion(offer: { more: string; cheaperModel: string | null }): Question {
  const { more, cheaperModel } = offer;
  const labels = [
    `Continue with ${more} more`,
    ...(cheaperModel === null ? [] : [`Cheaper model ${cheaperModel}, ${more} more`]),
    'Leave it here',
  ];
  return { question: 'How shall it go on?', multiSelect: false, options: labels.map((label) => ({ label })) };
}

/** What words stand for among the options that are offered; null when they are none of them. */
export function choiceOfWords(words: string, questions: readonly Question[]): LimitChoice | null {
  const labels = questions.flatMap(({ options }) => options.map(({ label }) => label));
  const number = /^\s*#?(\d{1,2})[.)]?\s*$/.exec(words)?.[1];
  const said = number === undefined ? words : (labels[Number(number) - 1] ?? '');
  const choice = choiceNamed(said);
  return choice !== null && labels.some((label) => choiceNamed(label) === choice) ? choice : null;
}

function choiceNamed(words: string): LimitChoice | null {
  const first = /^[a-z]+/.exec(words.trim().toLowerCase())?.[0] ?? '';
  return Object.hasOwn(WORDS, first) ? (WORDS[first] ?? null) : null;
}

/** What an answer decides; null when it fits none of the options. */
export function limitChoice(answer: Answer, questions: readonly Question[]): LimitChoice | null {
  if (answer.decision === 'allow') return 'continue';
  if (answer.decision === 'deny') return 'leave';
  const said = answer.answers === undefined ? answer.message : Object.values(answer.answers)[0];
  return typeof said === 'string' ? choiceOfWords(said, questions) : null;
}

/** From the fields of an ask's form to the answer they mean. */
import { type Answer, type Ask, CompanionError } from '@claude-companion/protocol';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';

const Words = z.string().max(10_000).optional();

export const AnswerForm = z
  .object({
    form: z.string().optional(),
    decision: z.enum(['allow', 'deny', 'reply']),
    message: Words,
    suggestions: z.literal('yes').optional(),
    assertion: z.string().max(20_000).optional(),
  })
  .catchall(z.union([z.string().max(10_000), z.array(z.string().max(100)).max(100)]));
export type AnswerForm = z.infer<typeof AnswerForm>;

type Reader = (form: AnswerForm, ask: Pick<Ask, 'questions'>) => Answer;

const READ: Record<AnswerForm['decision'], Reader> = {
  allow: ({ suggestions }) => ({ decision: 'allow', applySuggestions: suggestions === 'yes' }),
  deny: ({ message }) => ({ decision: 'deny', ...said(message) }),
  reply: (form, { questions }) =>
    questions.length === 0
      ? { decision: 'reply', ...said(form.message) }
      : { decision: 'reply', answers: chosen(form, questions) },
};

export const answerOf = (form: AnswerForm, ask: Pick<Ask, 'questions'>): Answer => READ[form.decision](form, ask);

const said = (words: string | undefined): { message?: string } =>
  words === undefined || words.trim() === '' ? {} : { message: words.replaceAll('\r\n', '\n') };

/** Own words count before a choice; where several may be chosen, beside it. */
function chosen(form: AnswerForm, questions: Ask['questions']): Record<string, string | string[]> {
  const answers: [string, string | string[]][] = questions.map(({ question, multiSelect, options }, index) => {
    const places = [form[`choice${index}`] ?? []].flat();
    const labels = places.flatMap((place) => options[Number(place)]?.label ?? []);
    const { message } = said(String(form[`words${index}`] ?? ''));
    const all = message === undefined ? labels : multiSelect ? [...labels, message] : [message];
    const [only] = all;
    if (only === undefined) throw new CompanionError('INVALID_REQUEST', 'Answer each question, then send.');
    return [question, multiSelect ? all : only];
  });
  return Object.fromEntries(answers);
}

/** What a passkey's script put into the form; null when there is none. */
export function assertionOf({ assertion }: AnswerForm): AuthenticationResponseJSON | null {
  if (assertion === undefined || assertion === '') return null;
  return credentialOf<AuthenticationResponseJSON>(assertion);
}

/** Only that it is an object is looked at here: the verification reads every part of it and trusts none. */
export function credentialOf<T>(text: string): T {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as T;
  } catch {
    // Told below.
  }
  throw new CompanionError('INVALID_REQUEST', 'The answer of the passkey cannot be read. Try again.');
}

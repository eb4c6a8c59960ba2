/**
 * Reads the result of AskUserQuestion. Claude Code 2.1.329 writes one of
 *
 *     Your questions have been answered: "Which tone?"="Friendly", "Which size?"="Small". You can now continue …
 *     The user answered: "Which tone?"="make it rhyme". Read the answers carefully …          (an answer in own words)
 *     The user did not answer the questions.
 *
 * Quotes inside an answer are not escaped, so the known questions are what the text is cut at.
 */
const ENDINGS = ['". You can now continue', '". Read the answers carefully'];

function questionsOf(input: Record<string, unknown>): string[] {
  const questions = Array.isArray(input.questions) ? input.questions : [];
  return questions.flatMap((item: unknown) => {
    const text = typeof item === 'object' && item !== null && 'question' in item ? item.question : null;
    return typeof text === 'string' ? [text] : [];
  });
}

function cutAt(text: string, end: number): string {
  return end < 0 ? text : text.slice(0, end);
}

/** The answers in the order of the questions in the call's `input`; unanswered questions are left out. */
export function answeredQuestions(input: Record<string, unknown>, resultText: string): string[] {
  const questions = questionsOf(input);
  return questions.flatMap((question, index) => {
    const key = `"${question}"="`;
    const start = resultText.indexOf(key);
    if (start < 0) return [];
    const rest = resultText.slice(start + key.length);
    const next = questions[index + 1];
    const end = next === undefined ? -1 : rest.indexOf(`", "${next}"="`);
    if (end >= 0) return [rest.slice(0, end)];
    const ending = ENDINGS.map((mark) => rest.lastIndexOf(mark)).find((position) => position >= 0);
    return [cutAt(rest, ending ?? rest.lastIndexOf('"'))];
  });
}

/** What the default act says and writes. Plain words for somebody who sees the product for the first time. */
import { quote } from './quote.ts';

export const FILE_NAME = 'companion-hello.md';
export const INTRODUCTION = 'This is the built-in demo model of Claude Companion: a small script, not a real AI model.';

export const QUESTION = {
  question: 'Which tone should the greeting have?',
  header: 'Tone',
  multiSelect: false,
  options: [
    { label: 'Friendly', description: 'Warm and easy-going' },
    { label: 'Formal', description: 'Polite and reserved' },
    { label: 'Playful', description: 'With a wink' },
  ],
};

const GREETINGS = new Map([
  ['Friendly', 'Hello and welcome! Nice to have you here.'],
  ['Formal', 'Good day. It is a pleasure to be of service.'],
  ['Playful', 'Beep boop! A wild greeting appears. It is very effective.'],
]);
const DEFAULT_TONE = 'Friendly';

/** `tone` is a label of the question, somebody's own words, or null when nobody answered. */
export function describeTone(tone: string | null): string {
  if (tone === null) return `No tone was chosen, so I take "${DEFAULT_TONE}".`;
  return GREETINGS.has(tone)
    ? `${tone} it is.`
    : `You answered in your own words: ${quote(tone)}. I put them into the file.`;
}

/**
 * The content of the file: what was asked for, in the tone that was chosen. Short and in plain letters, so that the whole of
 * it fits into the text that asks for permission to write it.
 */
export function greetingFile(prompt: string, tone: string | null): string {
  const chosen = tone ?? DEFAULT_TONE;
  const greeting = GREETINGS.get(chosen) ?? `A greeting like this: ${inWords(chosen, 100)}`;
  return `# Hello from Claude Companion\n\n${greeting}\n\nYou asked: ${inWords(prompt, 100)}\nTone: ${inWords(chosen, 40)}\n`;
}

const inWords = (text: string, length: number): string => quote(text, length).slice(1, -1);

const SHOWN_ENTRIES = 3;

/** What `ls` found, in a sentence. */
export function describeListing(listing: string): string {
  const names = listing
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('('));
  if (names.length === 0) return 'The project folder is empty so far.';
  const more = names.length > SHOWN_ENTRIES ? ' and more' : '';
  const count = names.length === 1 ? '1 entry' : `${names.length} entries`;
  return `The project folder has ${count}: ${names.slice(0, SHOWN_ENTRIES).join(', ')}${more}.`;
}

export function refusedText(stage: 'ask' | 'write', words: string): string {
  const what = stage === 'write' ? `I did not write ${FILE_NAME}` : 'My question was not answered';
  return `All right: ${what}. The answer was ${quote(words)}. I stop here and do not try again. Nothing was changed.`;
}

export function interruptedText(stage: 'ask' | 'write'): string {
  const what = stage === 'write' ? `${FILE_NAME} could be written` : 'my question was answered';
  return `I was interrupted before ${what}, so I stop here. Say "again" to start over.`;
}

export function closingText(alsoSaid: readonly string[]): string {
  const heard = alsoSaid.map(
    (words) => ` While I worked you also said ${quote(words)}; I am only a script and cannot act on it.`,
  );
  return `I wrote one small file: ${FILE_NAME} holds your greeting.${heard.join('')} A real model works the same way: it asks when it needs you, you answer from wherever you are, it goes on.`;
}

export function followUpText(prompt: string): string {
  return `You said ${quote(prompt)}. I am still the built-in demo model, so I can only repeat it. Say "again" to see the small task once more. To get real work done, start the server with ANTHROPIC_API_KEY set.`;
}

export function chatOnlyText(prompt: string): string {
  return `${INTRODUCTION} You said ${quote(prompt)}. No file tools are available to me here, so I can only answer with this text.`;
}

export const IDLE_TEXT =
  'There is nothing for me to do right now. Say "again" to see the small task of the demo model once more.';

/**
 * Replies as people write them, each with what a careful human reads in it. `replies/*.txt`: a line `@ name` says what is open
 * (`situations.ts`), every other line is `text => meaning`, where `\n` in the text is a line end.
 *
 * The meaning is what the writer wants, under the one rule that they were told: a yes needs the code. It is settled before
 * any program reads the text and is not changed because a program reads it otherwise.
 *
 *     allow 7K3F | deny 7K3F ["reason"] | reply Q4RT "words" | more 7K3F | unknown BBB9 (a code of nothing that is open)
 *     status | asks | resume | pause [seconds] | prompt NAME "words" | start PROJECT "words"
 *     ask (nobody could be sure: ask back, once)      carrier (the carrier's own word)
 *
 * Several are joined by `;`. A denial without a quoted reason is met by any reason.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Interpretation, OpenCode, SmsContext } from '../../packages/server/src/asks/interpret.ts';
import { SITUATIONS } from './situations.ts';

export interface CorpusRow {
  /** File and line, for whoever reads a failure. */
  place: string;
  situation: string;
  context: SmsContext;
  text: string;
  /** What a careful human reads, one entry each. */
  expected: string[];
}

const DIRECTORY = join(import.meta.dirname, 'replies');

export function readCorpus(): CorpusRow[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap(readReplies);
}

function readReplies(file: string): CorpusRow[] {
  const rows: CorpusRow[] = [];
  let situation = '';
  for (const [index, line] of readFileSync(join(DIRECTORY, file), 'utf8').split('\n').entries()) {
    const place = `${file}:${index + 1}`;
    if (line.startsWith('@ ')) situation = line.slice(2).trim();
    const split = line.lastIndexOf(' => ');
    if (line === '' || line.startsWith('# ') || line.startsWith('@ ')) continue;
    const context = SITUATIONS[situation];
    if (split === -1 || !context) throw new Error(`${place} is not a row: ${line}`);
    const text = line.slice(0, split).replaceAll('\\n', '\n');
    rows.push({
      place,
      situation,
      context,
      text,
      expected: line.slice(split + 4).split(/; (?=(?:[^"]*"[^"]*")*[^"]*$)/),
    });
  }
  return rows;
}

/** What was understood, in the words of the corpus. */
export function meaningOf(read: Interpretation, context: SmsContext): string[] {
  if (read.kind === 'clarify') return ['ask'];
  if (read.kind === 'carrier') return ['carrier'];
  return read.commands.map((command) => MEANINGS[command.kind](command as never, context));
}

const MEANINGS: {
  [K in Command['kind']]: (command: Extract<Command, { kind: K }>, context: SmsContext) => string;
} = {
  allow: ({ code }) => `allow ${code}`,
  deny: ({ code, reason }) => `deny ${code}${reason === null ? '' : ` ${quoted(reason)}`}`,
  // Free words for a decision deny it and say what to do instead.
  reply: ({ code, text }, context) =>
    `${takes(code, context) === 'decision' ? 'deny' : 'reply'} ${code} ${quoted(text)}`,
  unknown_code: ({ code }) => `unknown ${code}`,
  more: ({ code }) => `more ${code}`,
  prompt: ({ name, text }) => `prompt ${name} ${quoted(text)}`,
  start: ({ project, text }) => `start ${project} ${quoted(text)}`,
  pause: ({ seconds }) => (seconds === null ? 'pause' : `pause ${seconds}`),
  status: () => 'status',
  asks: () => 'asks',
  resume: () => 'resume',
};

const quoted = (text: string): string => `"${text.replaceAll('\n', '\\n')}"`;

const takes = (code: string, { openCodes }: SmsContext): OpenCode['takes'] | undefined =>
  openCodes.find((open) => open.code === code)?.takes;

/** Whether it was read as a human reads it. */
export function agrees(row: CorpusRow, meaning: readonly string[]): boolean {
  return (
    meaning.length === row.expected.length &&
    row.expected.every((wanted, index) => {
      const got = meaning[index] ?? '';
      return got === wanted || (/^deny \S+$/.test(wanted) && got.startsWith(`${wanted} `));
    })
  );
}

/** Asks that were allowed although no human reads that in the text. */
export function wronglyAllowed(row: CorpusRow, meaning: readonly string[]): string[] {
  return meaning.filter((each) => each.startsWith('allow ') && !row.expected.includes(each));
}

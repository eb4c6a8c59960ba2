/** Several asks in one text, and the pages of an ask that is longer than one text. */

import { segmentsOf } from './gsm7.ts';
import {
  bodyOf,
  type CodeUse,
  cut,
  fits,
  frameOf,
  LINK_ONLY,
  optionLines,
  type RenderableAsk,
  type RenderedText,
} from './render.ts';
import { mayAnswer, type TextCeiling } from './risk/may-answer.ts';
import { defanged, imitatesUs, proseText } from './visible-text.ts';

export interface FoldedAsk {
  ask: RenderableAsk;
  /** The code reserved for this ask; used only where `shown` says so. */
  code: string;
}

export interface FoldedText {
  text: string;
  segments: number;
  /** Every ask of the text, in order, and what its code is good for. Asks that are not here did not fit and were only counted. */
  shown: { askId: string; use: CodeUse }[];
}

/**
 * One line for each ask, `[project] 7K3F Bash: npm test`, the code before everything the agent wrote. An ask that does not fit
 * in whole, or imitates us, is counted in the last line and has no code.
 *
 * @param link where all open asks are shown.
 */
export function renderFolded(asks: readonly FoldedAsk[], options: { link: string; ceiling?: TextCeiling }): FoldedText {
  const lines: { askId: string; use: CodeUse; code: string; line: string }[] = [];
  const total = asks.filter(({ ask }) => ask.kind !== 'done' && ask.kind !== 'error').length;
  let left = 0;
  for (const { ask, code } of asks) {
    const entry = { askId: ask.id, code, ...lineOf(ask, code, options.ceiling ?? 'low') };
    const others = asks.length - lines.length - 1;
    if (
      !imitatesUs([bodyOf(ask), ...optionLines(ask)].join(' / ')) &&
      fits(foldedText([...lines, entry], { total, left: others, link: options.link }))
    ) {
      lines.push(entry);
    } else left += 1;
  }
  if (lines.length === 0) return namesOnly(asks, { total, link: options.link });
  const text = foldedText(lines, { total, left, link: options.link });
  return { text, segments: segmentsOf(text), shown: lines.map(({ askId, use }) => ({ askId, use })) };
}

/** Of asks none of which fits: who wants what, and the screen for the rest. */
function namesOnly(asks: readonly FoldedAsk[], { total, link }: { total: number; link: string }): FoldedText {
  const written = (names: readonly string[]): string => {
    const left = asks.length - names.length;
    return [headOf(total), ...names, `${left > 0 ? `${left} more` : 'Screen'}: ${link}`].join('\n');
  };
  const names: string[] = [];
  for (const { ask } of asks) {
    const name = `${frameOf(ask)} ${LINK_ONLY[ask.kind](ask.tool)}`;
    if (fits(written([...names, name]))) names.push(name);
  }
  const text = written(names);
  return { text, segments: segmentsOf(text), shown: [] };
}

const headOf = (total: number): string => (total === 0 ? 'News:' : `${total} ${total === 1 ? 'needs' : 'need'} you:`);

type Line = { line: string; use: CodeUse; code: string };

function lineOf(ask: RenderableAsk, code: string, ceiling: TextCeiling): { line: string; use: CodeUse } {
  const use = USES[ask.kind](ask, ceiling);
  const options = optionLines(ask);
  const body = [bodyOf(ask), ...options].join('\n');
  return { use, line: use === 'none' ? `${frameOf(ask)} ${body}` : `${frameOf(ask)} ${code} ${body}` };
}

const decision = (ask: RenderableAsk, ceiling: TextCeiling): CodeUse =>
  mayAnswer({ risk: ask.risk, decision: 'allow', door: 'sms', ceiling }).may ? 'decide' : 'deny';

const USES: Record<RenderableAsk['kind'], (ask: RenderableAsk, ceiling: TextCeiling) => CodeUse> = {
  permission: decision,
  plan: decision,
  limit: decision,
  question: () => 'reply',
  waiting: () => 'reply',
  done: () => 'none',
  error: () => 'none',
};

function foldedText(lines: readonly Line[], rest: { total: number; left: number; link: string }): string {
  const first = (use: CodeUse) => lines.find((line) => line.use === use)?.code;
  const decide = first('decide');
  const reply = first('reply');
  const how = [
    ...(decide === undefined ? [] : [`OK ${decide} or NO ${decide}`]),
    ...(reply === undefined ? [] : [`${reply} your answer`]),
  ];
  const denies = lines.filter(({ use }) => use === 'deny').map(({ code }) => code);
  return [
    headOf(rest.total),
    ...lines.map(({ line }) => line),
    ...(how.length === 0 ? [] : [`Reply ${how.join(', ')}`]),
    ...(denies.length === 0 ? [] : [`Only NO by text: ${denies.join(' ')}`]),
    ...(rest.left > 0 || denies.length > 0
      ? [`${rest.left > 0 ? `${rest.left} more: ` : 'Screen: '}${rest.link}`]
      : []),
  ].join('\n');
}

export interface Page extends RenderedText {
  page: number;
  pages: number;
}

/** Past this a screen is the better place. */
const MAX_PAGES = 20;

/**
 * One page of everything an ask says, in answer to `MORE 7K3F`; the frame first on each. Pages never carry instructions to
 * allow: what did not fit into one text cannot be allowed by text.
 *
 * @param page from 1; one that does not exist is the last.
 */
export function renderMore(ask: RenderableAsk, options: { code: string; page: number; link: string }): Page {
  const parts = split(fullText(ask), (part) => fits(pageText(part, MAX_PAGES, MAX_PAGES)));
  const pages = parts.length;
  const page = Math.min(Math.max(Math.trunc(options.page), 1), pages);
  const text = pageText(parts[page - 1] ?? '', page, pages);
  return { text, segments: segmentsOf(text), use: 'none', page, pages };

  function pageText(part: string, number: number, of: number): string {
    const next = number < of ? `MORE ${options.code} for the next part` : `All of it: ${options.link}`;
    return `${frameOf(ask)} ${number}/${of}: ${part}\n${next}`;
  }
}

/** The ask with what a short text leaves out: the descriptions of options. */
function fullText(ask: RenderableAsk): string {
  const descriptions = ask.questions.flatMap(({ options }) =>
    options.map(({ label, description }, index) => {
      const words = description === undefined ? '' : ` - ${proseText(description)}`;
      return `${index + 1} ${proseText(label)}${words}`;
    }),
  );
  return [bodyOf(ask), ...descriptions.map(defanged)].join(' / ');
}

function split(text: string, accept: (part: string) => boolean): string[] {
  const parts: string[] = [];
  let rest = text;
  while (!accept(rest) && parts.length < MAX_PAGES - 1) {
    const part = cut(rest, accept);
    parts.push(part);
    rest = rest.slice(part.length - '...'.length);
  }
  return [...parts, accept(rest) ? rest : cut(rest, accept)];
}

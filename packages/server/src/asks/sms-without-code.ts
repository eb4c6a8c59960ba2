/** Answers that name no ask. A yes is never taken without a code; a no is, where only one thing can be meant. */
import type { ClarifyReason, Command, SmsContext } from './interpret.ts';
import { isReason, trimmedWords } from './sms-clauses.ts';
import type { SmsToken } from './sms-tokens.ts';

interface Uncoded {
  text: string;
  tokens: readonly SmsToken[];
  shape: string;
}

/** Begins with a clear yes or no, or holds nothing but words that decide. */
const DECIDES = /^[Ps]*[AD]|^(?=.*[AaDdNZ*])[AaDdNZPHLIBsc*&q]*$/;
const ONLY_NO = /^[Ps]*(?:[Dd][DdPs]*|N[P]*(?:[Aa][AaP]*)?s*)$/;
const NO_TO_ALL = /^[Ps]*(?:[Dd][DdPLs]*\*[PLs*]*|Z[Ps]*)$/;

/** Null when it is no answer, but words for somebody. */
export function readWithoutCode(
  { text, tokens, shape }: Uncoded,
  context: SmsContext,
): Command[] | ClarifyReason | null {
  const { openCodes, waiting, untold, bareOk } = context;
  const decisions = openCodes.filter(({ takes }) => takes !== 'words');
  const [only, ...others] = decisions;
  if (only === undefined) return uncertainOfNone(shape, context);
  if (!DECIDES.test(shape)) return null;
  const alone = others.length === 0 && openCodes.length === 1 && untold.length === 0;
  const onlyDecisions = decisions.length === openCodes.length && untold.length === 0;
  if (NO_TO_ALL.test(shape) && onlyDecisions && (decisions.length === 2 || !saysBoth(tokens))) {
    return decisions.map(({ code }) => ({ kind: 'deny', code, reason: null }));
  }
  if (alone && bareOk === true && /^[Aa][AaPs]*$/.test(shape)) return [{ kind: 'allow', code: only.code }];
  if (alone && (waiting.length === 0 || bareOk === true)) {
    if (ONLY_NO.test(shape)) return [{ kind: 'deny', code: only.code, reason: null }];
    const reason = reasonAfterNo({ text, tokens, shape });
    if (reason !== null && waiting.length === 0) return [{ kind: 'deny', code: only.code, reason }];
  }
  return 'needs_code';
}

const saysBoth = (tokens: readonly SmsToken[]): boolean =>
  tokens.some((token) => token.kind === 'word' && /^(?:both|beide|ambos|les deux|dono|neither)/.test(token.word));

/** No decision has a code: a yes or a no is then for a question, which wants words, or for what only a screen can decide. */
function uncertainOfNone(shape: string, { openCodes, untold, waiting }: SmsContext): ClarifyReason | null {
  if (waiting.length > 0 || !/^[AaDdNPHLIBsc*&q]*$/.test(shape)) return null;
  if (untold.length > 0) return 'needs_screen';
  return openCodes.length === 1 && /^[AaPHs]*$/.test(shape) ? 'needs_words' : null;
}

/** `no, use pnpm` */
function reasonAfterNo({ text, tokens, shape }: Uncoded): string | null {
  const verb = /^[Ps]*D[Ds]*/.exec(shape)?.[0].length ?? 0;
  const rest = shape.slice(verb);
  if (verb === 0 || rest === '' || !isReason(rest) || rest.includes('q')) return null;
  return trimmedWords(text.slice(tokens[verb - 1]?.end ?? 0), false);
}

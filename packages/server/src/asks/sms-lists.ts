/** Whole messages that read as a list: codes first and one verb behind them, or pairs of code and verb. */
import type { Command } from './interpret.ts';
import type { SmsMessage } from './sms-shape.ts';

/** `7k3f and m2wx are ok`: the "and" says that the verb is for all of them. */
const CODES_FIRST = /^[Ps]*[CX](?:&?[CX])*&[CX][cI*]*(?:(?<allow>[Aa][AaPHs*]*)|(?<deny>[Dd][DdPs*]*))$/;
/** `7k3f ok m2wx no`. Nothing but the pairs: every code has its verb right behind it. */
const PAIRS = /^[Ps]*(?:[CX][cI]*(?:[Aa]+|[Dd]+)[s&P]*){2,}$/;

/** A verb on a code; one that names no open ask decides nothing. */
export function decisionOn(decision: 'allow' | 'deny', { code, open }: { code: string; open: boolean }): Command {
  if (!open) return { kind: 'unknown_code', code };
  return decision === 'allow' ? { kind: 'allow', code } : { kind: 'deny', code, reason: null };
}

/** Null when the message is no such list; it is then read clause by clause. */
export function wholeMessage(message: SmsMessage): Command[] | null {
  const { shape, tokens } = message;
  const first = CODES_FIRST.exec(shape);
  if (first) {
    const decision = first.groups?.allow === undefined ? 'deny' : 'allow';
    return distinct(tokens.flatMap((token) => (token.kind === 'code' ? [decisionOn(decision, token)] : [])));
  }
  if (!PAIRS.test(shape)) return null;
  const commands = tokens.flatMap((token, index): Command[] => {
    if (token.kind !== 'code') return [];
    const verb = /[AaDd]/.exec(shape.slice(index))?.[0] ?? '';
    return [decisionOn(/[Aa]/.test(verb) ? 'allow' : 'deny', token)];
  });
  return distinct(commands);
}

function distinct(commands: Command[]): Command[] | null {
  const codes = commands.map((command) => ('code' in command ? command.code : ''));
  return new Set(codes).size === codes.length ? commands : null;
}

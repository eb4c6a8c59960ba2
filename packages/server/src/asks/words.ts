/** The words people use, and the words that are not ours to use. */

export type CarrierEffect = 'opt_out' | 'opt_in' | 'help';

/**
 * As a whole message these belong to the carrier: it unsubscribes the phone, subscribes it again or sends its own help text
 * before we hear of it. None may ever be a verb of ours, and none may ever do something of ours.
 */
const CARRIER_WORDS: ReadonlyMap<string, CarrierEffect> = new Map([
  ['STOP', 'opt_out'],
  ['STOPALL', 'opt_out'],
  ['UNSUBSCRIBE', 'opt_out'],
  ['END', 'opt_out'],
  ['QUIT', 'opt_out'],
  ['REVOKE', 'opt_out'],
  ['OPTOUT', 'opt_out'],
  ['CANCEL', 'opt_out'],
  ['START', 'opt_in'],
  ['YES', 'opt_in'],
  ['UNSTOP', 'opt_in'],
  ['HELP', 'help'],
  ['INFO', 'help'],
]);

/** Also true for `Stop.` and `stop all`: whoever writes that means the carrier's word, whether the carrier sees it or not. */
export function carrierWord(text: string): { word: string; effect: CarrierEffect } | null {
  const word = text
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  const effect = CARRIER_WORDS.get(word);
  return effect === undefined ? null : { word, effect };
}

/** `polite` words add nothing to a decision; every other word may change it. */
export type WordRole = 'allow' | 'deny' | 'and' | 'polite' | 'other';

const ROLES: ReadonlyMap<string, WordRole> = new Map(
  Object.entries({
    allow: 'ok okay okey k yes yep yeah yup y sure allow allowed approve approved accept accepted 👍 👌 ✅ ✔ ☑',
    deny: 'no n nope nah deny denied reject rejected refuse refused decline declined 👎 ❌ ✖ 🚫 ⛔',
    and: 'and & +',
    polite: 'please pls plz thanks thank you thx ty go ahead do it that 🙏 🙂 😀 😊',
  }).flatMap(([role, words]) => words.split(' ').map((word): [string, WordRole] => [word, role as WordRole])),
);

export function roleOf(word: string): WordRole {
  return ROLES.get(word) ?? 'other';
}

/** Verbs that a keyboard may glue to a code (`Ok7k3f`). Short ones last, so that `okay7k3f` is not `ok` and `ay7k…`. */
export const GLUED_VERB = /^(okay|ok|yes|no)([a-z0-9]{1,4})$/;

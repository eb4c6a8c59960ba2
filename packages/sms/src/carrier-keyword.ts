import type { CarrierKeyword } from './message.ts';

/**
 * The words Twilio acts on by itself on long codes. They are the carrier's: an application that gives one of them a meaning
 * unsubscribes its own user, after which every text to that phone fails with 21610.
 */
const WORDS: Readonly<Record<CarrierKeyword, readonly string[]>> = {
  opt_out: ['STOP', 'STOPALL', 'UNSUBSCRIBE', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'CANCEL'],
  opt_in: ['START', 'UNSTOP'],
  help: ['HELP', 'INFO'],
};

const BY_WORD = new Map<string, CarrierKeyword>(
  (Object.keys(WORDS) as CarrierKeyword[]).flatMap((keyword) => WORDS[keyword].map((word) => [word, keyword] as const)),
);

/** What Twilio says in `OptOutType` when Advanced Opt-Out recognised a word, also one the account added itself. */
const BY_OPT_OUT_TYPE: Readonly<Record<string, CarrierKeyword>> = { STOP: 'opt_out', START: 'opt_in', HELP: 'help' };

/** The answer `YES` opts in only a phone that is opted out; from everybody else it is an ordinary answer. */
const OPT_IN_WHEN_OPTED_OUT = 'YES';

/** What decides whether a text is a word of the carrier. */
export interface KeywordInput {
  text: string;
  /** The carrier's own word on it; it wins over ours. */
  optOutType?: string;
  /** Whether the sender is known as opted out. */
  optedOut: boolean;
}

/** The carrier's meaning of a text, when the whole text is one of its words; letter case and space around it do not count. */
export function carrierKeyword({ text, optOutType, optedOut }: KeywordInput): CarrierKeyword | undefined {
  const declared = optOutType === undefined ? undefined : BY_OPT_OUT_TYPE[optOutType.toUpperCase()];
  if (declared) return declared;
  const word = text.trim().toUpperCase();
  if (word === OPT_IN_WHEN_OPTED_OUT && optedOut) return 'opt_in';
  return BY_WORD.get(word);
}

/** What Twilio's error codes mean for the sender: twilio.com/docs/api/errors/<code> has each in full. */
import type { CarrierErrorAdvice } from './carrier-error.ts';

const NUMBER_PROBLEM = 'We could not text your phone number. Please check it.';
const TEXTS_DELAYED = 'Texts are delayed at the moment.';
const SETUP_PROBLEM = 'Texts do not work here at the moment; the operator has to fix the setup.';
const UNREACHABLE = 'Your phone could not be reached. Is it switched on and connected?';

/** What each error code means, by code. */
export const TWILIO_ERRORS = {
  20003: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'Twilio refused the credentials. Check the account SID and the auth token.',
    person: SETUP_PROBLEM,
  },
  20005: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The Twilio account is not active. Open the Twilio console to see why.',
    person: SETUP_PROBLEM,
  },
  20429: {
    errorCode: 'RATE_LIMITED',
    retry: 'back_off',
    operator: 'Twilio got too many requests at once. Send more slowly.',
    person: TEXTS_DELAYED,
  },
  21211: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The recipient is not a valid phone number.',
    person: NUMBER_PROBLEM,
  },
  21408: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator:
      "Texts to the recipient's country are switched off. Allow the country in Twilio's SMS geographic permissions.",
    person: 'We cannot text your country yet.',
  },
  21606: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The sender is not a number of this Twilio account that can send texts. Check the from number.',
    person: SETUP_PROBLEM,
  },
  21608: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator:
      'A trial account can only text verified numbers. Verify this number in the Twilio console, or upgrade the account.',
    person: 'Your phone number has to be verified before we can text it.',
  },
  21610: {
    errorCode: 'OPTED_OUT',
    retry: 'no',
    operator: 'The recipient texted STOP to the sender. Nothing arrives until they text START to it.',
    person: 'This phone texted STOP. Text START to the same number to get texts again.',
  },
  21611: {
    errorCode: 'RATE_LIMITED',
    retry: 'back_off',
    operator: "The sender's queue at Twilio is full. Send more slowly, or use more numbers.",
    person: TEXTS_DELAYED,
  },
  21612: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'Twilio has no route from this sender to this recipient. Use a sender of the same country.',
    person: NUMBER_PROBLEM,
  },
  21614: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The recipient is not a mobile number.',
    person: 'Your number cannot receive texts. Please give us a mobile number.',
  },
  21617: {
    errorCode: 'TEXT_TOO_LONG',
    retry: 'no',
    operator: "The text is longer than Twilio's 1,600 characters. Shorten it.",
    person: 'A message for you was too long for a text.',
  },
  21635: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The recipient is a landline.',
    person: 'Your number cannot receive texts. Please give us a mobile number.',
  },
  21659: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The from number is no Twilio number, or not of the right country. Check it.',
    person: SETUP_PROBLEM,
  },
  30001: {
    errorCode: 'RATE_LIMITED',
    retry: 'back_off',
    operator: 'The text waited in the queue for longer than Twilio allows. Send more slowly.',
    person: TEXTS_DELAYED,
  },
  30002: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The Twilio account was suspended while the text waited. Open the Twilio console to see why.',
    person: SETUP_PROBLEM,
  },
  30003: {
    errorCode: 'UNDELIVERABLE',
    retry: 'twice',
    operator: 'The phone is unreachable: off, without network, or unable to receive texts.',
    person: UNREACHABLE,
  },
  30004: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator: 'The recipient or their carrier blocks texts from this sender.',
    person: 'Your phone or your carrier blocks our texts.',
  },
  30005: {
    errorCode: 'UNDELIVERABLE',
    retry: 'no',
    operator: 'The recipient is unknown to the carrier: the number may no longer exist.',
    person: NUMBER_PROBLEM,
  },
  30006: {
    errorCode: 'UNDELIVERABLE',
    retry: 'no',
    operator: "The recipient is a landline, or their carrier can't be reached.",
    person: 'Your number cannot receive texts. Please give us a mobile number.',
  },
  30007: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator: 'A carrier filtered the text as unwanted. Change its wording and check the registration of the sender.',
    person: 'A carrier blocked our text to you.',
  },
  30008: {
    errorCode: 'UNDELIVERABLE',
    retry: 'once',
    operator: 'The carrier gave no reason.',
    person: UNREACHABLE,
  },
  30032: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The toll-free sender is not verified. Finish its verification in the Twilio console.',
    person: SETUP_PROBLEM,
  },
  30034: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator:
      'The sender is not registered for US traffic (A2P 10DLC). Register a brand and a campaign in the Twilio console.',
    person: SETUP_PROBLEM,
  },
  30036: {
    errorCode: 'EXPIRED',
    retry: 'no',
    operator: 'The text could not be delivered within its validity period and was dropped.',
    person: 'A text for you came too late and was dropped.',
  },
  60202: {
    errorCode: 'RATE_LIMITED',
    retry: 'no',
    operator: 'Too many checks of one verification code (Twilio Verify). Start a new verification.',
    person: 'Too many wrong codes. Ask for a new one.',
  },
  60203: {
    errorCode: 'RATE_LIMITED',
    retry: 'no',
    operator: 'Too many codes were sent to one number (Twilio Verify). Wait ten minutes.',
    person: 'Too many codes were sent to your phone. Wait ten minutes.',
  },
  60410: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator: "Twilio's Fraud Guard blocks this number range for 12 hours.",
    person: 'We cannot text your number at the moment. Please try again tomorrow.',
  },
  90007: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The validity period is out of range: 1 to 36,000 seconds.',
    person: SETUP_PROBLEM,
  },
} as const satisfies Record<number, CarrierErrorAdvice>;

/** A code the table has advice for. */
export type KnownTwilioError = keyof typeof TWILIO_ERRORS;

/** What to do about a Twilio error code; an unknown one is named and not retried. */
export function twilioErrorAdvice(code: number | string): CarrierErrorAdvice {
  const known: Readonly<Record<string, CarrierErrorAdvice>> = TWILIO_ERRORS;
  const key = String(code);
  if (Object.hasOwn(known, key) && known[key]) return known[key];
  return {
    errorCode: 'CARRIER_ERROR',
    retry: 'no',
    operator: `Twilio refused the text with error ${key}. Look it up at twilio.com/docs/api/errors/${key}.`,
    person: 'A text for you could not be sent.',
  };
}

/** What Telnyx's error codes mean for the sender: developers.telnyx.com lists them under messaging error codes. */
import type { CarrierErrorAdvice } from './carrier-error.ts';

const NUMBER_PROBLEM = 'We could not text your phone number. Please check it.';
const SETUP_PROBLEM = 'Texts do not work here at the moment; the operator has to fix the setup.';
const BLOCKED = 'A carrier blocked our text to you.';

const TELNYX_ERRORS: Readonly<Record<string, CarrierErrorAdvice>> = {
  10002: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The recipient is not a valid phone number.',
    person: NUMBER_PROBLEM,
  },
  10009: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'Telnyx refused the API key. Check it.',
    person: SETUP_PROBLEM,
  },
  10011: {
    errorCode: 'RATE_LIMITED',
    retry: 'back_off',
    operator: 'Telnyx got too many requests at once. Send more slowly.',
    person: 'Texts are delayed at the moment.',
  },
  40001: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The recipient is a landline or cannot be routed to.',
    person: 'Your number cannot receive texts. Please give us a mobile number.',
  },
  40002: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator: 'A spam filter blocked the text for now. Change its wording, send more slowly.',
    person: BLOCKED,
  },
  40003: {
    errorCode: 'BLOCKED',
    retry: 'no',
    operator: 'A carrier blocked the sender for good. Use another number.',
    person: BLOCKED,
  },
  40004: {
    errorCode: 'UNDELIVERABLE',
    retry: 'once',
    operator: "The recipient's carrier refused the text without a reason.",
    person: BLOCKED,
  },
  40005: {
    errorCode: 'EXPIRED',
    retry: 'no',
    operator: 'The text expired on its way.',
    person: 'A text for you came too late and was dropped.',
  },
  40006: {
    errorCode: 'UNDELIVERABLE',
    retry: 'twice',
    operator: "The recipient's carrier is not available.",
    person: 'Your phone could not be reached. Is it switched on and connected?',
  },
  40008: {
    errorCode: 'UNDELIVERABLE',
    retry: 'no',
    operator: "The recipient's carrier did not take the text.",
    person: NUMBER_PROBLEM,
  },
  40010: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The sender is not registered for US traffic (10DLC). Register a brand and a campaign.',
    person: SETUP_PROBLEM,
  },
  40012: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The carrier refused the recipient number.',
    person: NUMBER_PROBLEM,
  },
  40013: {
    errorCode: 'CONFIGURATION',
    retry: 'no',
    operator: 'The carrier refused the from number. Check that it can send texts.',
    person: SETUP_PROBLEM,
  },
  40300: {
    errorCode: 'OPTED_OUT',
    retry: 'no',
    operator: 'The recipient texted STOP to the sender. Nothing arrives until they text START to it.',
    person: 'This phone texted STOP. Text START to the same number to get texts again.',
  },
  40310: {
    errorCode: 'INVALID_TO',
    retry: 'no',
    operator: 'The recipient is not a valid phone number.',
    person: NUMBER_PROBLEM,
  },
};

/** What to do about a Telnyx error code; an unknown one is named and not retried. */
export function telnyxErrorAdvice(code: string): CarrierErrorAdvice {
  const known = Object.hasOwn(TELNYX_ERRORS, code) ? TELNYX_ERRORS[code] : undefined;
  return (
    known ?? {
      errorCode: 'CARRIER_ERROR',
      retry: 'no',
      operator: `Telnyx refused the text with error ${code}. Look it up in Telnyx's list of messaging error codes.`,
      person: 'A text for you could not be sent.',
    }
  );
}

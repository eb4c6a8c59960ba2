/**
 * Why a text was not sent.
 *
 * Decided here, without a request to the carrier: `INVALID_E164`, `EMPTY_TEXT`, `UNSUPPORTED_TYPE`, `TEXT_TOO_LONG`,
 * `TOO_MANY_SEGMENTS`, `OPTED_OUT` (also when the carrier says so), `REJECTED` (by a middleware), `CONFIGURATION`,
 * `STORE_ERROR` (the opt-out list could not be read).
 * On the way to the carrier: `CONNECTION_ERROR`, `TIMEOUT`. Said by the carrier: the rest.
 */
export type SendErrorCode =
  | 'INVALID_E164'
  | 'INVALID_TO'
  | 'EMPTY_TEXT'
  | 'UNSUPPORTED_TYPE'
  | 'TEXT_TOO_LONG'
  | 'TOO_MANY_SEGMENTS'
  | 'OPTED_OUT'
  | 'REJECTED'
  | 'CONFIGURATION'
  | 'STORE_ERROR'
  | 'CONNECTION_ERROR'
  | 'TIMEOUT'
  | 'RATE_LIMITED'
  | 'BLOCKED'
  | 'EXPIRED'
  | 'UNDELIVERABLE'
  | 'CARRIER_ERROR';

/** The carrier took the text; whether it arrives, its status callbacks tell. */
export interface SendSuccess {
  success: true;
  /** The carrier's id of the text; its status callbacks carry it. */
  messageSid: string;
  segmentsCount: number;
  /** The carrier's price in US dollars, when it already said one in that currency. */
  cost?: number;
  /** Characters the text had before it was cut to `maxLength`; only with `whenTooLong: 'truncate'`. */
  truncatedFrom?: number;
}

/** The text was not sent, or nobody knows (`ambiguous`). */
export interface SendFailure {
  success: false;
  errorCode: SendErrorCode;
  /** A sentence for the operator: what happened and what to do next. */
  errorMessage: string;
  /** The carrier's own code, such as `21610`. */
  providerCode?: string;
  /** A sentence the recipient could be shown on another channel. */
  personMessage?: string;
  /**
   * The request may have reached the carrier, so the text may be on its way although no answer came. Look into the
   * carrier's list (`reconcileSend`) before it is sent again.
   */
  ambiguous?: boolean;
}

/** What became of one attempt to send. */
export type SendResult = SendSuccess | SendFailure;

/** A failure with its code and sentence. */
export function sendFailure(
  errorCode: SendErrorCode,
  errorMessage: string,
  more: Pick<SendFailure, 'providerCode' | 'personMessage' | 'ambiguous'> = {},
): SendFailure {
  return { success: false, errorCode, errorMessage, ...more };
}

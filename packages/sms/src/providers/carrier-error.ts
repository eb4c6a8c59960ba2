import type { SendErrorCode } from '../send-result.ts';

/**
 * Whether the same text may be sent again: `no`, `once`, `twice` (then another channel), or `back_off` (again later, with
 * growing waits).
 */
export type RetryAdvice = 'no' | 'once' | 'twice' | 'back_off';

/** What to do about one error code of a carrier. */
export interface CarrierErrorAdvice {
  errorCode: SendErrorCode;
  retry: RetryAdvice;
  /** What the operator of the application should know and do. */
  operator: string;
  /** What the recipient could be told on another channel. */
  person: string;
}

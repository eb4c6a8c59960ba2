import { isE164 } from '../phone-number.ts';
import { countSegments } from '../segments.ts';
import { type SendFailure, sendFailure } from '../send-result.ts';
import { baseUrlFault } from './carrier-request.ts';
import { DEFAULT_MAX_SEGMENTS, type SendSmsRequest } from './provider.ts';

/** Why a request must not go to the carrier at `baseUrl`, or undefined. */
export function requestFault(request: SendSmsRequest, baseUrl: string): SendFailure | undefined {
  const { messageText, maxSegments = DEFAULT_MAX_SEGMENTS, toNumber, validityPeriodSeconds } = request;
  if (!isE164(toNumber)) return sendFailure('INVALID_E164', 'The recipient is not a phone number in E.164.');
  const { segments } = countSegments(messageText);
  if (segments > maxSegments) {
    return sendFailure(
      'TOO_MANY_SEGMENTS',
      `The text has ${segments} segments; at most ${maxSegments} are sent. Shorten it.`,
    );
  }
  if (validityPeriodSeconds !== undefined && validityPeriodSeconds < 1) {
    return sendFailure('EXPIRED', 'The text was no longer valid when it was to be sent.');
  }
  const urlFault = baseUrlFault(baseUrl);
  return urlFault === undefined ? undefined : sendFailure('CONFIGURATION', urlFault);
}

import { type FormFields, field } from '../webhook/form.ts';
import { type DeliveryStatus, isDeliveryStatus } from './delivery-status.ts';

/** One report of the carrier about a text of ours. */
export interface StatusReport {
  messageSid: string;
  status: DeliveryStatus;
  /** The recipient, when the report names one. */
  to?: string;
  /** The carrier's error code, when it failed. */
  providerCode?: string;
}

/** Reads a status callback; null when it is none. */
export function parseStatusCallback(postData: FormFields): StatusReport | null {
  const messageSid = field(postData, 'MessageSid');
  const status = field(postData, 'MessageStatus')?.toLowerCase();
  if (!messageSid || status === undefined || !isDeliveryStatus(status)) return null;
  const to = field(postData, 'To');
  const providerCode = field(postData, 'ErrorCode');
  return { messageSid, status, ...(to && { to }), ...(providerCode && { providerCode }) };
}

/** What Twilio tells of an account besides its texts: its state, its numbers, the callers it has verified. */

export interface AccountNumber {
  phoneNumber: string;
  sms: boolean;
  /** Where texts that come in are posted. */
  smsUrl: string;
}

export interface AccountState {
  status: 'active' | 'suspended' | 'closed';
  type: 'Full' | 'Trial';
  numbers: AccountNumber[];
  verified: string[];
}

export const fullAccount = (): AccountState => ({ status: 'active', type: 'Full', numbers: [], verified: [] });

/** Undefined: it is no resource of this kind. `path` is what follows the account. */
export function accountResource(
  account: AccountState,
  path: string,
  query: URLSearchParams,
): Record<string, unknown> | undefined {
  const wanted = query.get('PhoneNumber');
  const isWanted = (phone: string): boolean => wanted === null || phone === wanted;
  const resources: Record<string, () => Record<string, unknown>> = {
    '.json': () => ({ status: account.status, type: account.type, friendly_name: 'Emulator' }),
    '/IncomingPhoneNumbers.json': () => ({
      incoming_phone_numbers: account.numbers
        .filter(({ phoneNumber }) => isWanted(phoneNumber))
        .map(({ phoneNumber, sms, smsUrl }) => ({
          phone_number: phoneNumber,
          capabilities: { sms, mms: sms, voice: true },
          sms_url: smsUrl,
          sms_method: 'POST',
          sms_application_sid: '',
        })),
    }),
    '/OutgoingCallerIds.json': () => ({
      outgoing_caller_ids: account.verified.filter(isWanted).map((phone_number) => ({ phone_number })),
    }),
  };
  return resources[path]?.();
}

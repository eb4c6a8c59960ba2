/** Numbers with a fixed outcome: Twilio's own magic numbers for tests, and ours for failures on the way. */

export interface ApiError {
  status: number;
  code: number;
  message: string;
}

/** Recipients the API refuses at once, as with Twilio's test credentials. */
const REFUSED_RECIPIENTS: Readonly<Record<string, ApiError>> = {
  '+15005550001': { status: 400, code: 21211, message: "The 'To' number +15005550001 is not a valid phone number." },
  '+15005550002': { status: 400, code: 21612, message: "The 'To' phone number is not currently reachable via SMS." },
  '+15005550003': {
    status: 400,
    code: 21408,
    message: 'Permission to send an SMS has not been enabled for the region.',
  },
  '+15005550004': { status: 400, code: 21610, message: 'Attempt to send to unsubscribed recipient' },
  '+15005550009': { status: 400, code: 21614, message: "'To' number is not a valid mobile number" },
};

/** Senders the API refuses at once. */
const REFUSED_SENDERS: Readonly<Record<string, ApiError>> = {
  '+15005550007': { status: 400, code: 21606, message: "The 'From' phone number is not a valid, SMS-capable number." },
  '+15005550008': {
    status: 429,
    code: 21611,
    message: "This 'From' number has exceeded the maximum number of queued messages",
  },
};

export function refusalFor(to: string, from: string): ApiError | undefined {
  return REFUSED_RECIPIENTS[to] ?? REFUSED_SENDERS[from];
}

/** `+15005530003` is taken and then fails with 30003, and so on for each code that begins with 30. */
export function deliveryFailure(to: string): number | undefined {
  const code = /^\+150055(30\d{3})$/.exec(to)?.[1];
  return code === undefined ? undefined : Number(code);
}

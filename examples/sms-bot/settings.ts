import { AuditStore, MockSmsProvider, SmsAdapter, TwilioSmsProvider } from '@claude-companion/sms';

/** The auth token of the simulation: a public value, good for nothing else. */
export const SIMULATED_AUTH_TOKEN = 'only-for-the-simulation';

export interface Channel {
  adapter: SmsAdapter;
  /** The phone that is played here; undefined with a real carrier. */
  simulated: MockSmsProvider | undefined;
  pathToken: string;
  port: number;
  publicUrl: string | undefined;
}

/** A real carrier where one is configured, and a simulated phone otherwise. */
export function chooseChannel(env: NodeJS.ProcessEnv): Channel {
  const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN = '', TWILIO_PHONE_NUMBER = '', TWILIO_API_URL } = env;
  const auditStore = new AuditStore();
  if (TWILIO_ACCOUNT_SID === undefined) {
    const provider = new MockSmsProvider();
    const adapter = new SmsAdapter({
      channelId: 'sms_bot',
      provider,
      auditStore,
      webhookAuthToken: SIMULATED_AUTH_TOKEN,
    });
    return { adapter, simulated: provider, pathToken: 'simulated-path-token', port: 0, publicUrl: undefined };
  }
  const provider = new TwilioSmsProvider({
    accountSid: TWILIO_ACCOUNT_SID,
    authToken: TWILIO_AUTH_TOKEN,
    fromNumber: TWILIO_PHONE_NUMBER,
    ...(TWILIO_API_URL !== undefined && { baseUrl: TWILIO_API_URL }),
  });
  const config = provider.validateConfig();
  if (!config.ok) throw new Error(config.error);
  const adapter = new SmsAdapter({
    channelId: 'sms_bot',
    provider,
    auditStore,
    webhookAuthToken: TWILIO_AUTH_TOKEN,
    logger: console,
  });
  const { PUBLIC_URL, SMS_WEBHOOK_PATH_TOKEN = '', PORT = '3000' } = env;
  if (PUBLIC_URL === undefined)
    throw new Error('Set PUBLIC_URL to the address Twilio calls, such as https://sms.example.com.');
  return {
    adapter,
    simulated: undefined,
    pathToken: SMS_WEBHOOK_PATH_TOKEN,
    port: Number(PORT),
    publicUrl: PUBLIC_URL,
  };
}

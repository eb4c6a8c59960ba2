import {
  createWebhookHandler,
  type InboundMessage,
  MockSmsProvider,
  SmsAdapter,
  type WebhookHandler,
  type WebhookHandlerOptions,
} from '@claude-companion/sms';
import { AUTH_TOKEN, PATH_TOKEN, PUBLIC_URL } from './texts.ts';

/** A webhook handler that keeps what it processes. */
export function build(options: Partial<WebhookHandlerOptions> = {}): {
  handler: WebhookHandler;
  adapter: SmsAdapter;
  texts: InboundMessage[];
} {
  const texts: InboundMessage[] = [];
  const adapter = new SmsAdapter({
    channelId: 'sms_app_001',
    provider: new MockSmsProvider(),
    webhookAuthToken: AUTH_TOKEN,
  });
  const process = async (message: InboundMessage): Promise<void> => void texts.push(message);
  const handler = createWebhookHandler({ adapter, publicUrl: PUBLIC_URL, pathToken: PATH_TOKEN, process, ...options });
  return { handler, adapter, texts };
}

/**
 * A small bot you can text. Without settings it plays both sides and ends: `npx node examples/sms-bot/bot.ts`. With
 * TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER, PUBLIC_URL and SMS_WEBHOOK_PATH_TOKEN it is a server for a real
 * phone.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createWebhookHandler,
  exportMetrics,
  handleSmsCommands,
  type InboundMessage,
  MemoryInbox,
  MessageBus,
  type SmsAdapter,
  SmsRateLimitMiddleware,
  toNodeHandler,
} from '@claude-companion/sms';
import { talkToBot } from './conversation.ts';
import { chooseChannel } from './settings.ts';

const { adapter, simulated, pathToken, port, publicUrl } = chooseChannel(process.env);

const messageBus = new MessageBus();
messageBus.registerAdapter(adapter.channelId, adapter);
messageBus.addMiddleware(new SmsRateLimitMiddleware({ maxPerMinute: 10 }));
messageBus.addInboundHandler(handleSmsCommands({ adapter, forward: (message) => answer(adapter, message) }));
messageBus.addKeywordHandler(({ keyword }) => console.log(`(the carrier answers this: ${keyword})`));

const server = createServer();
await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
const listening = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const handler = createWebhookHandler({
  adapter,
  publicUrl: publicUrl ?? listening,
  pathToken,
  inbox: new MemoryInbox(),
  process: (message) => messageBus.processInbound(message),
});
server.on('request', toNodeHandler(handler));

if (simulated) {
  await talkToBot({ webhookUrl: `${listening}/webhook/${pathToken}`, phone: simulated, idle: handler.idle });
  exportMetrics(adapter);
  server.close();
} else {
  console.log(`Listening on ${listening}. Tell Twilio: ${publicUrl}/webhook/<SMS_WEBHOOK_PATH_TOKEN>`);
}

async function answer(
  channel: SmsAdapter,
  { channelId, userKey, conversationKey, type, text }: InboundMessage,
): Promise<void> {
  const reply = `You wrote ${[...text].length} characters. Backwards: ${[...text].reverse().join('')}`;
  const result = await channel.handleOutbound({ channelId, userKey, conversationKey, type, text: reply });
  if (!result.success) throw new Error(result.errorMessage);
}

import { type Logger, silentLogger } from '../logger.ts';
import type { OutboundMessage } from '../message.ts';
import type { ChannelAdapter } from '../message-bus.ts';
import type { SendErrorCode, SendResult } from '../send-result.ts';

/** Another way to reach the same person. */
export interface FallbackChannel<Result = SendResult> {
  sendMessage(message: OutboundMessage): Promise<Result>;
}

/** The other channel, and who is told that it was used. */
export interface SendWithFallbackOptions<Result> {
  fallbackChannel?: FallbackChannel<Result>;
  logger?: Logger;
}

const NO_SUCH_RECIPIENT: ReadonlySet<SendErrorCode> = new Set(['INVALID_E164', 'INVALID_TO']);

/**
 * Sends a text, and when that fails sends the message through another channel; a recipient who opted out of texts is
 * reached there at once.
 *
 * @throws Error `Invalid recipient: …` when there is no such recipient; `SMS send failed: …` without another channel.
 */
export async function sendSmsWithFallback<Result = SendResult>(
  adapter: ChannelAdapter & { readonly logger?: Logger },
  message: OutboundMessage,
  options: SendWithFallbackOptions<Result> = {},
): Promise<SendResult | Result> {
  const { fallbackChannel, logger = adapter.logger ?? silentLogger } = options;
  const result = await adapter.handleOutbound(message);
  if (result.success) return result;
  if (NO_SUCH_RECIPIENT.has(result.errorCode)) {
    throw new Error(`Invalid recipient: ${message.userKey}`, { cause: result });
  }
  if (!fallbackChannel) throw new Error(`SMS send failed: ${result.errorMessage}`, { cause: result });
  logger.warn(`SMS failed, trying fallback: ${result.errorMessage}`);
  return fallbackChannel.sendMessage(message);
}

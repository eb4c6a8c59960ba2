import { type InboundMessage, MessageType } from './message.ts';
import type { ChannelAdapter } from './message-bus.ts';

/** Answers by command. */
export const SMS_COMMANDS: Readonly<Record<string, string>> = {
  '/help': 'Available commands:\n/help - Show this help\n/status - Check status',
  '/status': 'Status: All systems operational',
};

/** Which commands are answered, and who gets everything else. */
export interface SmsCommandOptions {
  adapter: ChannelAdapter;
  /** Gets every text that is no command. */
  forward: (message: InboundMessage) => void | Promise<void>;
  /** Answers by command, in small letters. Default `SMS_COMMANDS`. */
  commands?: Readonly<Record<string, string | (() => string | Promise<string>)>>;
}

/**
 * An inbound handler that answers commands and forwards everything else. Letter case and space around a command do not count.
 *
 * Its handler throws when the reply could not be sent, so that the text is not taken for answered.
 */
export function handleSmsCommands(options: SmsCommandOptions): (message: InboundMessage) => Promise<void> {
  const { adapter, forward, commands = SMS_COMMANDS } = options;
  return async (message) => {
    const word = message.text.trim().toLowerCase();
    const command = Object.hasOwn(commands, word) ? commands[word] : undefined;
    if (command === undefined) {
      await forward(message);
      return;
    }
    const { channelId, userKey, conversationKey } = message;
    const text = typeof command === 'string' ? command : await command();
    const reply = { channelId, userKey, conversationKey, type: MessageType.TEXT, text };
    const result = await adapter.handleOutbound(reply);
    if (!result.success) throw new Error(`The answer to ${word} was not sent: ${result.errorMessage}`);
  };
}

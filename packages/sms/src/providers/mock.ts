import type { SendResult } from '../send-result.ts';
import type { ConfigCheck, SendSmsRequest, SmsProvider } from './provider.ts';

/** A text the mock provider was given. */
export interface MockSentMessage {
  to: string;
  text: string;
  from: string | undefined;
}

/** A provider for tests: keeps the texts and sends nothing. */
export class MockSmsProvider implements SmsProvider {
  readonly name = 'mock';
  readonly sentMessages: MockSentMessage[] = [];
  readonly #results: SendResult[] = [];

  /** Makes the next sends end in `results`, one each, before they succeed again. */
  willAnswer(...results: SendResult[]): void {
    this.#results.push(...results);
  }

  async sendSms({ toNumber, messageText, fromNumber }: SendSmsRequest): Promise<SendResult> {
    const prepared = this.#results.shift();
    if (prepared && !prepared.success) return prepared;
    this.sentMessages.push({ to: toNumber, text: messageText, from: fromNumber });
    return prepared ?? { success: true, messageSid: `SM_test_${this.sentMessages.length}`, segmentsCount: 1 };
  }

  validateConfig(): ConfigCheck {
    return { ok: true };
  }

  async testConnection(_testToNumber?: string): Promise<ConfigCheck> {
    return { ok: true };
  }
}

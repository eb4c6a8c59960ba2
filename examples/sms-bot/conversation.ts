import { type MockSmsProvider, simulateTwilioWebhook } from '@claude-companion/sms';
import { SIMULATED_AUTH_TOKEN } from './settings.ts';

export interface Conversation {
  webhookUrl: string;
  /** What the bot sends arrives here. */
  phone: MockSmsProvider;
  /** Resolves when the bot has nothing left to do. */
  idle(): Promise<void>;
}

/** Plays a person who texts the bot, and a carrier that delivers one text twice. */
export async function talkToBot({ webhookUrl, phone, idle }: Conversation): Promise<void> {
  let count = 0;
  let shown = 0;

  const text = async (body: string, options: { copies?: number; authToken?: string } = {}): Promise<void> => {
    count += 1;
    const { copies = 1, authToken = SIMULATED_AUTH_TOKEN } = options;
    console.log(`person: ${body}`);
    for (let copy = 0; copy < copies; copy += 1) {
      const response = await simulateTwilioWebhook({
        url: webhookUrl,
        fromNumber: '+15559876543',
        toNumber: '+15551234567',
        body,
        authToken,
        messageSid: `SM_example_${count}`,
      });
      if (!response.ok) console.log(`(refused: ${response.status})`);
    }
    await idle();
    for (; shown < phone.sentMessages.length; shown += 1) console.log(`   bot: ${phone.sentMessages[shown]?.text}`);
  };

  await text('/help');
  await text('/status');
  await text('Hello bot');
  await text('This one comes twice', { copies: 2 });
  await text('This one is forged', { authToken: 'guessed' });
  await text('STOP');
  await text('Anybody there?');
  await text('START');
  await text('Hello again');
}

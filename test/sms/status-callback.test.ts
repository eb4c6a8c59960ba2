import { SmsAdapter, TwilioSmsProvider } from '@claude-companion/sms';
import { describe, expect, test } from 'vitest';
import { AUTH_TOKEN, OWN_NUMBER, PERSON, signedRequest, WEBHOOK_URL } from './texts.ts';
import { build } from './webhook-fixture.ts';

describe('status callbacks', () => {
  const statusForm = (MessageStatus: string, more: Record<string, string> = {}): Record<string, string> => ({
    MessageSid: 'SM_ours',
    To: PERSON,
    MessageStatus,
    ...more,
  });

  test('are taken at their own path and at the path of texts, their query signed', async () => {
    const updates: unknown[] = [];
    const { handler, texts } = build({
      onStatus: async ({ messageSid, status, changed }, query) =>
        void updates.push({ messageSid, status, changed, delivery: query.get('delivery') }),
    });
    const url = `${WEBHOOK_URL}/status?delivery=7&name=O'Neil`;
    expect((await handler(signedRequest({ url, form: statusForm('sent') }))).status).toBe(200);
    expect((await handler(signedRequest({ form: statusForm('delivered') }))).status).toBe(200);
    expect((await handler(signedRequest({ form: statusForm('sent') }))).status).toBe(200);
    expect(updates).toEqual([
      { messageSid: 'SM_ours', status: 'sent', changed: true, delivery: '7' },
      { messageSid: 'SM_ours', status: 'delivered', changed: true, delivery: null },
      { messageSid: 'SM_ours', status: 'delivered', changed: false, delivery: null },
    ]);
    const forged = signedRequest({ url, calledUrl: `${WEBHOOK_URL}/status?delivery=8`, form: statusForm('failed') });
    expect((await handler(forged)).status).toBe(401);
    expect(texts).toEqual([]);
  });

  test('are 503 when the application could not keep them, and the next copy is news again', async () => {
    const failures = [new Error('the store is down')];
    const kept: [string, boolean][] = [];
    const { handler } = build({
      onStatus: async ({ status, changed }) => {
        const failure = failures.pop();
        if (failure) throw failure;
        kept.push([status, changed]);
      },
    });
    const post = async (): Promise<number> => (await handler(signedRequest({ form: statusForm('delivered') }))).status;
    expect([await post(), await post(), await post()]).toEqual([503, 200, 200]);
    expect(kept).toEqual([
      ['delivered', true],
      ['delivered', false],
    ]);
  });

  test('about one text are taken one after the other, also when the application is slow', async () => {
    const kept: string[] = [];
    const { handler } = build({
      onStatus: async ({ status }) => {
        await new Promise((resolve) => setTimeout(resolve, status === 'sent' ? 20 : 0));
        kept.push(status);
      },
    });
    await Promise.all(
      ['sent', 'delivered', 'sent'].map((status) => handler(signedRequest({ form: statusForm(status) }))),
    );
    expect(kept).toEqual(['sent', 'delivered', 'delivered']);
  });

  test('carry the meaning of an error code, and 21610 opts the recipient out', async () => {
    const provider = new TwilioSmsProvider({ accountSid: 'AC', authToken: AUTH_TOKEN, fromNumber: OWN_NUMBER });
    const adapter = new SmsAdapter({ channelId: 'c', provider, webhookAuthToken: AUTH_TOKEN });
    const update = await adapter.handleStatusCallback(statusForm('undelivered', { ErrorCode: '30003' }));
    expect(update).toMatchObject({ status: 'undelivered', providerCode: '30003', advice: { retry: 'twice' } });
    expect(await adapter.optOuts.isOptedOut(PERSON)).toBe(false);
    await adapter.handleStatusCallback(statusForm('failed', { ErrorCode: '21610' }));
    expect(await adapter.optOuts.isOptedOut(PERSON)).toBe(true);
    expect(await adapter.handleStatusCallback(statusForm('nonsense'))).toBeNull();
    expect(await adapter.handleStatusCallback({ MessageSid: 'SM_ours' })).toBeNull();
  });
});

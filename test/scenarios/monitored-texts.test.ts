/** What monitored sessions tell by text, and how often. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { type Answer, ENGINE_NAMES, type MonitoringWorld, openMonitoring } from '../world/monitoring.ts';

const MINUTE = 60_000;

describe.each(ENGINE_NAMES)('on %s', (engine) => {
  let monitoring: MonitoringWorld;
  beforeAll(async () => {
    monitoring = await openMonitoring(engine);
  });
  afterAll(() => monitoring[Symbol.asyncDispose]());

  /** The texts that `work` made arrive. */
  async function textsOf(work: () => Promise<unknown>): Promise<string[]> {
    const before = (await monitoring.texts()).length;
    await work();
    return (await monitoring.texts()).slice(before);
  }

  verifies(
    [
      'sms-server/event-report',
      'sms-server/event-sent',
      'sms-server/event-error',
      'sms-server/event-done',
      'sms-server/event-waiting',
      'sms-plugin/api-session-events',
      'sms-plugin/text-error',
      'sms-plugin/text-done',
      'sms-plugin/text-waiting',
    ],
    'each type of event is told in the words of the document',
    async () => {
      const told: [string, string, Record<string, unknown>, string][] = [
        [
          'error',
          'Fixing Docker build',
          { error: 'npm install failed' },
          '⚠️ Claude: "Fixing Docker build"\nError: npm install failed\n\nReply STOP to disable',
        ],
        [
          'done',
          'Refactor auth module',
          { result: 'success' },
          '✅ Claude: "Refactor auth module"\nCompleted successfully!\n\nReply STOP to disable',
        ],
        [
          'waiting',
          'Database migration',
          { idle_minutes: 10 },
          '⏳ Claude: "Database migration"\nWaiting for input (10 min idle)\n\nReply STOP to disable',
        ],
      ];
      for (const [type, description, details, text] of told) {
        const session = await monitoring.start({ description });
        const texts = await textsOf(async () => {
          const answer = await monitoring.report(session, type, details);
          expect(answer).toMatchObject({
            status: 200,
            body: { sms_sent: true, sms_id: expect.any(String), rate_limited: false },
          });
        });
        expect(texts).toEqual([text]);
      }
    },
  );

  verifies(
    ['sms-server/event-unknown-type', 'sms-server/event-details-optional'],
    'an event has one of three types and any details, which are kept',
    async () => {
      const session = await monitoring.start();
      for (const type of ['progress', '', 'DONE', null]) {
        const answer = await monitoring.post(`/sessions/${session.id}/events`, session.token, { event_type: type });
        expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('event_type') } });
      }
      for (const details of ['text', [1], 7]) {
        const answer = await monitoring.post(`/sessions/${session.id}/events`, session.token, {
          event_type: 'done',
          details,
        });
        expect(answer).toMatchObject({ status: 400, body: { message: expect.stringContaining('details') } });
      }
      expect((await monitoring.report(session, 'waiting')).status).toBe(200);
      const details = {
        error: 'x',
        stack: 'at y',
        file: 'z.ts',
        result: null,
        files_modified: 5,
        action: { nested: [1, 'ü'] },
      };
      expect((await monitoring.report(session, 'error', details)).status).toBe(200);
      const events = await eventsOf(session.id);
      expect(events.filter(({ kind }) => kind === 'monitor.reported').map(({ data }) => data)).toMatchObject([
        { event: 'waiting', details: {} },
        { event: 'error', details },
      ]);
      expect(events.some(({ kind, data }) => kind === 'delivery.updated' && data.state === 'delivered')).toBe(true);
      const large = await monitoring.report(session, 'done', { stack: 'x'.repeat(70_000) });
      expect(large).toMatchObject({ status: 413, body: { message: expect.stringContaining('details') } });
    },
  );

  /** Everything in the log of a session until now. */
  async function eventsOf(sessionId: string): Promise<{ kind: string; data: Record<string, unknown> }[]> {
    const response = await monitoring.world.request(`/api/sessions/${sessionId}/events`, {
      signal: AbortSignal.timeout(1_000),
    });
    let text = '';
    try {
      for await (const chunk of response.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    } catch {
      // The stream never ends by itself.
    }
    return [...text.matchAll(/^event: event\n(?:id: .*\n)?data: (.*)$/gm)].map(([, data = '{}']) => JSON.parse(data));
  }

  verifies(
    [
      'sms-server/event-rate-limit',
      'sms-server/event-rate-limited',
      'sms-server/event-next-allowed',
      'sms-server/limit-session-events',
      'sms-plugin/rate-limit-window',
      'sms-plugin/rate-limit-per-type',
      'sms-plugin/edge-rate-limit-hit',
    ],
    'one text of each type goes out in 30 minutes',
    async () => {
      const session = await monitoring.start();
      const first = await monitoring.report(session, 'error', { error: 'at 14:00' });
      expect(first.body).toMatchObject({ sms_sent: true, rate_limited: false });
      monitoring.clock.jump(15 * MINUTE);
      const texts = await textsOf(async () => {
        const second = await monitoring.report(session, 'error', { error: 'at 14:15' });
        expect(second).toMatchObject({
          status: 200,
          body: { sms_sent: false, sms_id: null, rate_limited: true, reason: 'rate_limited' },
        });
        expect(second.body.next_allowed_at).toBe(first.body.next_allowed_at);
        const left = Date.parse(second.body.next_allowed_at) - monitoring.clock.now().getTime();
        expect(left).toBeGreaterThan(13 * MINUTE);
        expect(left).toBeLessThanOrEqual(15 * MINUTE);
        expect((await monitoring.report(session, 'done')).body.sms_sent).toBe(true);
        expect((await monitoring.report(await monitoring.start(), 'error')).body.sms_sent).toBe(true);
      });
      expect(texts).toHaveLength(2);
      monitoring.clock.jump(Date.parse(first.body.next_allowed_at) - monitoring.clock.now().getTime());
      expect((await monitoring.report(session, 'error', { error: 'at 14:31' })).body.sms_sent).toBe(true);
      expect((await monitoring.report(session, 'done')).body.rate_limited).toBe(true);
      const kept = (await eventsOf(session.id)).filter(({ kind }) => kind === 'monitor.reported');
      expect(kept.map(({ data }) => data.text)).toEqual([
        'planned',
        'rate_limited',
        'planned',
        'planned',
        'rate_limited',
      ]);
    },
  );

  verifies(['sms-server/limit-concurrent'], 'requests at the same moment do not pass the limit together', async () => {
    const session = await monitoring.start();
    const texts = await textsOf(async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => monitoring.report(session, 'error')));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      expect(answers.filter(({ body }) => body.rate_limited)).toHaveLength(39);
      expect(answers.filter(({ body }) => body.sms_sent)).toHaveLength(1);
    });
    expect(texts).toHaveLength(1);
  });

  test('an event sent again under its id is one event and gets the same answer', async () => {
    const session = await monitoring.start();
    const send = async (type: string, id: string): Promise<Answer> => {
      const event = { event_type: type, event_id: id };
      for (;;) {
        const answer = await monitoring.post(`/sessions/${session.id}/events`, session.token, event);
        if (answer.body.reason !== 'queued') return answer;
      }
    };
    const texts = await textsOf(async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => send('done', 'e1')));
      expect(answers[0]).toMatchObject({ status: 200, body: { sms_sent: true } });
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      const limited = await send('done', 'e2');
      expect(limited.body).toMatchObject({ rate_limited: true });
      monitoring.clock.jump(31 * MINUTE);
      expect(await send('done', 'e2')).toEqual(limited);
      expect(await send('done', 'e1')).toEqual(answers[0]);
      expect((await send('error', 'e1')).status).toBe(422);
      expect((await monitoring.stop(session)).status).toBe(200);
      expect(await send('done', 'e1')).toEqual(answers[0]);
    });
    expect(texts).toHaveLength(1);
  });

  test('what "substring" left of a character does no harm', async () => {
    const session = await monitoring.start({ description: `${'x'.repeat(99)}😀`.substring(0, 100) });
    const texts = await textsOf(async () => {
      const answer = await monitoring.report(session, 'error', {
        error: 'a\0b'.concat('😀').substring(0, 4),
        'k\0': 1,
      });
      expect(answer).toMatchObject({ status: 200, body: { sms_sent: true } });
    });
    expect(texts).toEqual([`⚠️ Claude: "${'x'.repeat(99)}\uFFFD"\nError: a\uFFFDb\uFFFD\n\nReply STOP to disable`]);
  });
});

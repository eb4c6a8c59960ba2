/** The TypeScript of the document's sections on monitoring, run as it is written there. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import * as os from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifies } from '../verifies.ts';
import { ENGINE_NAMES, type MonitoringWorld, openMonitoring } from '../world/monitoring.ts';
import { eventually, TOKEN } from '../world/server.ts';

const page = readFileSync(new URL('./samples/monitoring.md', import.meta.url), 'utf8');

/** The code blocks of a section, in order. */
function samplesOf(heading: string): string[] {
  const section = page.split(/^(?=#{2,3} )/m).find((text) => text.startsWith(heading));
  return [...(section ?? '').matchAll(/```typescript\n(.*?)```/gs)].map(([, code = '']) => code);
}

const [START = ''] = samplesOf('## Task: Start Monitoring Session');
const [REPORT = '', REPORTS = ''] = samplesOf('## Task: Report Session Event');
const [HEARTBEAT = ''] = samplesOf('## Task: Send Heartbeat');
const [STOP = ''] = samplesOf('## Task: Stop Session');
const [PATTERN = ''] = samplesOf('### Pattern 1');

type Run = (...values: unknown[]) => Promise<unknown>;
const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (...parts: string[]) => Run;

/** Runs a sample with the names it takes from around it. */
function run(code: string, names: Record<string, unknown>): Promise<unknown> {
  const body = stripTypeScriptTypes(`async function sample() {${code}\n}`)
    .replace(/^async function sample\(\) \{/, '')
    .replace(/\}\s*$/, '');
  return new AsyncFunction(...Object.keys(names), body)(...Object.values(names));
}

describe.each(ENGINE_NAMES)('on %s', (engine) => {
  let monitoring: MonitoringWorld;
  let BASE_URL: string;
  beforeAll(async () => {
    monitoring = await openMonitoring(engine);
    BASE_URL = monitoring.world.server.url;
  });
  afterAll(() => monitoring[Symbol.asyncDispose]());

  interface Handle {
    session_token: string;
    monitoring_id: string;
  }
  const start = (taskDescription = 'Building project', access_token = TOKEN) =>
    run(`${START}\nreturn { session_token, monitoring_id };`, {
      BASE_URL,
      access_token,
      taskDescription,
      os,
    }) as Promise<Handle>;
  const report = (handle: Handle, eventType: string, eventDetails: unknown) =>
    run(`${REPORT}\nreturn result;`, { BASE_URL, ...handle, eventType, eventDetails });
  const stop = (handle: Handle, reason = 'completed', finalState = 'success') =>
    run(`${STOP}\nreturn { stopped, session_summary };`, { BASE_URL, ...handle, reason, finalState });

  let seen = 0;
  /** The texts since the last look, once there are so many. */
  const newTexts = async (count: number): Promise<string[]> => {
    const fresh = await eventually(async () => {
      const texts = (await monitoring.texts()).slice(seen);
      return texts.length >= count && texts;
    });
    seen += fresh.length;
    return fresh;
  };

  verifies(['sms-server/session-start-example'], 'start', async () => {
    const handle = await start();
    expect(handle).toEqual({ session_token: expect.any(String), monitoring_id: expect.any(String) });
    await expect(start('x', 'wrong')).rejects.toThrow('Token expired. Re-authenticate required.');
    await expect(start('x'.repeat(101))).rejects.toThrow(/description/);
  });

  verifies(['sms-server/event-example'], 'the three events, and their errors', async () => {
    const handle = await start();
    const results: unknown[] = [];
    const reportEvent = async (type: string, details: unknown) => results.push(await report(handle, type, details));
    const error = new Error('npm install failed');
    await run(REPORTS, { reportEvent, error, currentFile: 'package.json' });
    expect(results).toHaveLength(3);
    for (const result of results) expect(result).toMatchObject({ rate_limited: false, sms_id: expect.any(String) });
    expect(await newTexts(3)).toEqual([
      '⚠️ Claude: "Building project"\nError: npm install failed\n\nReply STOP to disable',
      '✅ Claude: "Building project"\nCompleted successfully!\n\nReply STOP to disable',
      '⏳ Claude: "Building project"\nWaiting for input\n\nReply STOP to disable',
    ]);
    expect(await report(handle, 'done', {})).toMatchObject({ rate_limited: true, next_allowed_at: expect.any(String) });
    const wrong = { ...handle, session_token: 'wrong' };
    await expect(report(wrong, 'done', {})).rejects.toThrow('Session token invalid');
    await stop(handle);
    await expect(report(handle, 'done', {})).rejects.toThrow('Session not found or expired');
  });

  test('heartbeat', async () => {
    const handle = await start();
    await run(HEARTBEAT, { BASE_URL, ...handle });
    await stop(handle);
    await expect(run(HEARTBEAT, { BASE_URL, ...handle })).rejects.toThrow('Session expired');
  });

  test('stop, and again', async () => {
    const handle = await start();
    const stopped = await stop(handle, 'user_stop', 'cancelled');
    expect(stopped).toMatchObject({
      stopped: true,
      session_summary: { reason: 'user_stop', final_state: 'cancelled' },
    });
    expect(await stop(handle, 'user_stop', 'cancelled')).toEqual(stopped);
  });

  /** What the sample asked of the server. */
  async function pattern(code: string, buildProject: () => Promise<void>) {
    const paths: string[] = [];
    const bodies: Record<string, unknown>[] = [];
    const listening = async (url: string, init: RequestInit): Promise<Response> => {
      paths.push(url.split('/').at(-1) ?? '');
      bodies.push(JSON.parse(String(init.body)));
      return fetch(url, init);
    };
    const ran = run(code, { BASE_URL, os, accessToken: TOKEN, buildProject, fetch: listening });
    const error = await ran.then(
      () => null,
      (reason: unknown) => reason,
    );
    return { error, paths, bodies };
  }

  test('pattern 1 as written: its "finally" names a variable that is not there, so it never stops the session', async () => {
    const { error, paths } = await pattern(PATTERN, async () => undefined);
    expect(error).toBeInstanceOf(ReferenceError);
    await newTexts(1);
    expect(paths).toEqual(['start', 'events']);
  });

  describe('pattern 1 with that variable', () => {
    const repaired = PATTERN.replace('  try {\n', '  let error: any;\n  try {\n').replace(
      '} catch (error) {\n',
      '} catch (caught: any) {\n    error = caught;\n',
    );

    test('after success', async () => {
      const { error, paths, bodies } = await pattern(repaired, async () => undefined);
      expect(error).toBeNull();
      expect(paths).toEqual(['start', 'events', 'stop']);
      expect(bodies).toMatchObject([
        { description: 'Building project', hostname: os.hostname() },
        { event_type: 'done', details: { result: 'success' } },
        { final_state: 'success' },
      ]);
      expect((await newTexts(1))[0]).toContain('Completed successfully!');
    });

    test('after a failure', async () => {
      const failure = new Error('the build broke');
      const { error, paths, bodies } = await pattern(repaired, async () => {
        throw failure;
      });
      expect(error).toBe(failure);
      expect(paths).toEqual(['start', 'events', 'stop']);
      expect(bodies).toMatchObject([{}, { event_type: 'error' }, { final_state: 'error' }]);
      expect((await newTexts(1))[0]).toContain('Error: the build broke');
    });
  });
});

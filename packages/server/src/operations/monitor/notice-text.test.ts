import { describe, expect, test } from 'vitest';
import { sizeOfSms } from '../../asks/gsm7.ts';
import { noticeText } from './notice-text.ts';

const error = (details: Record<string, unknown>, description = 'Fixing Docker build'): string =>
  noticeText({ type: 'error', description, details });

describe('the texts are those of the document', () => {
  test('error', () => {
    expect(error({ error: 'npm install failed' })).toBe(
      '⚠️ Claude: "Fixing Docker build"\nError: npm install failed\n\nReply STOP to disable',
    );
  });

  test('done', () => {
    expect(noticeText({ type: 'done', description: 'Refactor auth module', details: { result: 'success' } })).toBe(
      '✅ Claude: "Refactor auth module"\nCompleted successfully!\n\nReply STOP to disable',
    );
  });

  test.each([
    [{ idle_minutes: 10 }, 'Waiting for input (10 min idle)'],
    [{ idle_ms: 600_000 }, 'Waiting for input (10 min idle)'],
    [{ idle_ms: 0 }, 'Waiting for input (0 min idle)'],
    [{ reason: 'user_approval_required' }, 'Waiting for input'],
    [{ idle_minutes: 'ten' }, 'Waiting for input'],
    [{ idle_minutes: -1 }, 'Waiting for input'],
    [{ idle_ms: Number.MAX_VALUE }, 'Waiting for input'],
  ])('waiting, with %j', (details, line) => {
    expect(noticeText({ type: 'waiting', description: 'Database migration', details })).toBe(
      `⏳ Claude: "Database migration"\n${line}\n\nReply STOP to disable`,
    );
  });
});

describe('what the session calls its error', () => {
  test.each([
    [{ error: 'first line\nsecond line' }, 'first line'],
    [{ error: '\n\n  first line\r\nsecond' }, 'first line'],
    [{ error: { message: 'an object' } }, 'an object'],
    [{ message: 'under another name' }, 'under another name'],
    [{ error: '', message: 'the other one' }, 'the other one'],
    [{ error: 42 }, 'no message was given'],
    [{}, 'no message was given'],
  ])('%j', (details, line) => {
    expect(error(details)).toContain(`\nError: ${line}\n\n`);
  });

  test('what cannot be seen is escaped, and no frame of ours can be faked', () => {
    expect(error({ error: 'a\u202eb\u0007c\u200bd' })).toContain('Error: a\\u202eb\\u0007c\\u200bd\n');
    expect(error({ error: 'x' }, 'name"\nError: faked')).toContain('Claude: "name\\"\\nError: faked"\n');
    expect(error({ error: 'see https://evil.com/x' })).not.toContain('https://');
  });

  test('it is cut where it is too long, and one sees that', () => {
    const text = error({ error: 'x'.repeat(100_000) }, 'y'.repeat(100));
    expect(text).toContain(`\nError: ${'x'.repeat(119)}…\n`);
    expect(text).toContain(`"${'y'.repeat(100)}"`);
    expect(sizeOfSms(text).segments).toBeLessThanOrEqual(5);
  });

  test('nothing is cut within a character', () => {
    const text = error({ error: '😀'.repeat(200) }, '😀'.repeat(100));
    expect(text.isWellFormed()).toBe(true);
    // Hidden characters become six each.
    expect(sizeOfSms(error({ error: '\u200b'.repeat(1_000) }, '\u200b'.repeat(100))).segments).toBeLessThanOrEqual(5);
  });
});

import { expect, test } from 'vitest';
import { createLogger, scrub } from './logger.ts';

test.each([
  ['Authorization: Bearer abc.def-123', 'abc.def-123'],
  ['the key sk-ant-api03-secret', 'sk-ant-api03-secret'],
  ['GET /ws?token=s3cret&x=1', 's3cret'],
  ['GET /cb?x=1&temp_token=s3cret', 's3cret'],
  ['postgres://me:hunter2@db.example/x', 'hunter2'],
  ['sent to +14155550123', '+14155550123'],
])('a line of log never holds what looks like a secret: %s', (line, secret) => {
  expect(scrub(line)).not.toContain(secret);
});

test('a phone keeps its last four digits, so that two can be told apart', () => {
  expect(scrub('to +14155550123')).toContain('0123');
});

test('errors are scrubbed too, with their stack', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) });
  logger.error({ err: new Error('refused: Bearer very-secret-token') }, 'failed');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('failed');
  expect(lines[0]).not.toContain('very-secret-token');
});

test('of an error of the database the row it refused is left out', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', write: (line) => lines.push(line) });
  const refused = { code: '23514', table: 'people', detail: 'Failing row contains (somebody).', where: 'somebody' };
  logger.error({ err: Object.assign(new Error('violates a check'), refused) }, 'failed');
  expect(lines[0]).not.toContain('somebody');
  expect(JSON.parse(lines[0] ?? '').err).toMatchObject({ message: 'violates a check', code: '23514', table: 'people' });
});

import { describe, expect, test } from 'vitest';
import { ConfigError, ConfigSchema, parseConfig } from './config.ts';

const required = { DATA_DIR: '/data', PROJECTS_DIR: '/projects' };

function problems(values: Record<string, string>): string[] {
  try {
    parseConfig({ ...required, ...values });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n');
  }
}

describe('settings', () => {
  test('have safe defaults: loopback, no token, no database server', () => {
    expect(parseConfig(required)).toMatchObject({ HOST: '127.0.0.1', PORT: 3001, TEXT_CEILING: 'low' });
    expect(parseConfig(required).AUTH_TOKEN).toBeUndefined();
  });

  test('that are empty are refused, not taken for unset', () => {
    expect(problems({ AUTH_TOKEN: '' })).toEqual(['AUTH_TOKEN is set but empty: give it a value or remove it.']);
    expect(problems({ DATABASE_URL: '' })[0]).toContain('DATABASE_URL is set but empty');
  });

  test.each([
    [{ PORT: '70000' }, 'PORT'],
    [{ PORT: 'http' }, 'PORT'],
    [{ AUTH_TOKEN: 'short' }, 'AUTH_TOKEN'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
    [{ OWNER_PHONE: '415 555 0123' }, 'OWNER_PHONE'],
    [{ QUIET_HOURS: '22-7' }, 'QUIET_HOURS'],
    [{ TIME_ZONE: 'Mars/Base' }, 'TIME_ZONE'],
    [{ TEXT_CEILING: 'high' }, 'TEXT_CEILING'],
    [{ WARM_AGENTS: 'perhaps' }, 'WARM_AGENTS'],
  ])('that are wrong are named: %j', (values, name) => {
    const lines = problems(values);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(`^${name}`));
  });

  test('are never repeated in an error', () => {
    expect(problems({ AUTH_TOKEN: 'hunter2', DATABASE_URL: 'ftp://me:hunter2@x' }).join()).not.toContain('hunter2');
  });

  test('each say what they mean', () => {
    for (const [name, field] of Object.entries(ConfigSchema.shape)) {
      expect(field.description ?? '', name).not.toBe('');
    }
  });
});

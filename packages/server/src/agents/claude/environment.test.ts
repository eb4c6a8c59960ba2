import { describe, expect, it } from 'vitest';
import { type AgentEnvironment, agentEnvironment } from './environment.ts';

const CANARY = 'canary-5f1c';
const GATEWAY = { kind: 'gateway', baseUrl: 'http://127.0.0.1:3001', apiKey: 'key-of-the-process' } as const;

const build = (given: Partial<AgentEnvironment> = {}): Record<string, string> =>
  agentEnvironment({ source: {}, access: GATEWAY, configDir: '/c', runtimeDir: '/r', model: null, ...given });

describe('agentEnvironment', () => {
  it('lets no secret of the server through', () => {
    const secrets = [
      ...['AUTH_TOKEN', 'JWT_SECRET', 'TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'DATABASE_URL', 'REDIS_URL'],
      ...['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN', 'APNS_KEY'],
      ...[
        'AWS_SECRET_ACCESS_KEY',
        'GITHUB_TOKEN',
        'NPM_TOKEN',
        'NODE_OPTIONS',
        'LD_PRELOAD',
        'PATH_SECRET',
        'HOME_TOKEN',
      ],
      ...['CLAUDE_SMS_TOKEN', 'SOMETHING_NEW', 'path', 'IS_SANDBOX'],
    ];
    const environment = build({ source: Object.fromEntries(secrets.map((name) => [name, CANARY])) });
    expect(JSON.stringify(environment)).not.toContain(CANARY);
  });

  it('keeps what tools need to work', () => {
    const source = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      XDG_DATA_HOME: '/d',
      SSH_AUTH_SOCK: '/s',
      CARGO_HOME: '/k',
    };
    expect(build({ source: { ...source, LANG: undefined } })).toMatchObject(source);
    expect(build({ source: { LANG: undefined } })).not.toHaveProperty('LANG');
  });

  it('keeps the CLI quiet and its files in private places, whatever is given', () => {
    const variables = { CLAUDE_CONFIG_DIR: '/x', DISABLE_AUTOUPDATER: '0', CLAUDE_CODE_MAX_RETRIES: '1' };
    expect(build({ source: { XDG_RUNTIME_DIR: '/run' }, access: { kind: 'direct', variables } })).toMatchObject({
      CLAUDE_CONFIG_DIR: '/c',
      CLAUDE_CODE_TMPDIR: '/r',
      XDG_RUNTIME_DIR: '/r',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
    });
  });

  it('keeps loopback away from proxies', () => {
    expect(build().NO_PROXY).toBe('127.0.0.1,localhost');
    const source = { HTTPS_PROXY: 'http://p:1', no_proxy: 'intra, localhost' };
    expect(build({ source })).toMatchObject({ HTTPS_PROXY: 'http://p:1', NO_PROXY: 'intra,localhost,127.0.0.1' });
  });

  it('names the gateway in proxy mode only', () => {
    expect(build()).toMatchObject({
      ANTHROPIC_BASE_URL: GATEWAY.baseUrl,
      ANTHROPIC_API_KEY: GATEWAY.apiKey,
      CLAUDE_CODE_USE_BEDROCK: '0',
    });
    const direct = build({ access: { kind: 'direct', variables: { CLAUDE_CODE_OAUTH_TOKEN: 't' } } });
    expect(direct).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: 't' });
    expect(direct).not.toHaveProperty('ANTHROPIC_BASE_URL');
    expect(direct).not.toHaveProperty('CLAUDE_CODE_USE_BEDROCK');
  });

  it.each([
    ['gpt-4', '0'],
    ['azure/some-name', '0'],
    ['claude-3-5-sonnet-20241022', undefined],
    ['anthropic/Claude-3', undefined],
    [null, undefined],
  ])('sets DISABLE_PROMPT_CACHING for model %s to %s', (model, expected) => {
    expect(build({ model }).DISABLE_PROMPT_CACHING).toBe(expected);
  });
});

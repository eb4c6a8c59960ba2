import { describe, expect, test } from 'vitest';
import { createGateway } from '../gateway.ts';

const gateway = (options: Partial<Parameters<typeof createGateway>[0]>) =>
  createGateway({ authorize: () => true, ...options });

describe('what a gateway knows about a name', () => {
  test('its provider, the name there, and the price', () => {
    const { describe: look } = gateway({
      environment: { OPENAI_API_KEY: 'sk-0123456789' },
      aliases: { fast: 'openai/gpt-4o-mini' },
      prices: { 'openai/own': { input: 1, output: 2 } },
    });
    expect(look('fast')).toEqual({
      reachable: true,
      provider: 'openai',
      model: 'gpt-4o-mini',
      price: expect.objectContaining({ input: 0.15 }),
    });
    expect(look('openai/own')).toMatchObject({ price: { input: 1, output: 2 } });
    expect(look('gpt-99')).toMatchObject({ reachable: true, price: null });
    expect(look('demo')).toMatchObject({ provider: 'demo', price: { input: 0, output: 0 } });
  });

  test('or why nobody can be asked', () => {
    const { describe: look } = gateway({
      environment: { OPENAI_API_KEY: 'sk-0123456789' },
      aliases: { a: 'b', b: 'a' },
    });
    expect(look('nobody-knows')).toMatchObject({ reachable: false, reason: 'unknown' });
    expect(look('claude-sonnet-5')).toMatchObject({
      reachable: false,
      reason: 'not_configured',
      message: expect.stringContaining('ANTHROPIC_API_KEY'),
    });
    expect(look('a')).toMatchObject({ reachable: false, reason: 'misconfigured' });
  });

  test('the demo model stands in for every name only where it may and nothing is configured', () => {
    expect(gateway({}).describe('claude-sonnet-5')).toMatchObject({ provider: 'demo' });
    expect(gateway({ demoStandsIn: false }).describe('claude-sonnet-5')).toMatchObject({ reason: 'not_configured' });
    expect(gateway({ demoStandsIn: false }).describe('demo')).toMatchObject({ provider: 'demo' });
    expect(gateway({}).configured()).toEqual([]);
    expect(gateway({}).models()).toEqual(['demo']);
  });
});

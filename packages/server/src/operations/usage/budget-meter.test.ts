import { describe, expect, test } from 'vitest';
import { BUDGET_ERRORS, BudgetMeter } from './budget-meter.ts';
import { localDay } from './local-day.ts';
import { money } from './money.ts';

describe('the budget meter', () => {
  test('lets requests through until the budget is spent, and says so from then on', () => {
    const meter = new BudgetMeter();
    meter.watch('s', { limitUsd: 1, spentUsd: 0.4 });
    expect(meter.refusal('s')).toBeNull();
    meter.spent('s', 0.59);
    expect(meter.refusal('s')).toBeNull();
    expect(meter.stopped('s')).toBeNull();
    meter.spent('s', 0.02);
    expect(meter.stopped('s')).toBeNull();
    expect(meter.refusal('s')).toBe(BUDGET_ERRORS.spent.message);
    expect(meter.stopped('s')).toBe('spent');
  });

  test('knows only the sessions it watches', () => {
    const meter = new BudgetMeter();
    meter.spent('other', 100);
    expect(meter.refusal('other')).toBeNull();
    meter.watch('s', { limitUsd: 1, spentUsd: 2 });
    expect(meter.refusal('s')).not.toBeNull();
    meter.watch('s', { limitUsd: 3, spentUsd: 2 });
    expect([meter.refusal('s'), meter.stopped('s')]).toEqual([null, null]);
    meter.forget('s');
    expect(meter.stopped('s')).toBeNull();
  });

  test('an answer without a price cannot be kept within a budget: an unknown price is not 0', () => {
    const meter = new BudgetMeter();
    meter.watch('s', { limitUsd: 1, spentUsd: 0 });
    meter.spent('s', null);
    expect(meter.refusal('s')).toContain('nobody said what its model costs');
    expect(meter.stopped('s')).toBe('unpriced');
  });
});

test.each([
  [1, '$1.00'],
  [12.345, '$12.35'],
  [0, '$0.00'],
  [0.02, '$0.020'],
  [0.0342, '$0.034'],
  [0.000001, '$0.0000010'],
])('%d US dollars are %s', (usd, said) => {
  expect(money(usd)).toBe(said);
});

test('the day is that of the owner', () => {
  const at = new Date('2026-11-21T23:30:00Z');
  expect(localDay(at, 'UTC')).toBe('2026-11-21');
  expect(localDay(at, 'Europe/Berlin')).toBe('2026-11-22');
  expect(localDay(at, 'America/Los_Angeles')).toBe('2026-11-21');
});

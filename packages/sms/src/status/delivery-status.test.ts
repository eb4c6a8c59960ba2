import { array, assert, constantFrom, property, shuffledSubarray } from 'fast-check';
import { expect, test } from 'vitest';
import { advanceStatus, DELIVERY_STATUSES, type DeliveryStatus } from './delivery-status.ts';

const ALL = Object.keys(DELIVERY_STATUSES) as DeliveryStatus[];

/** What a carrier reports of one text, in the order in which it happened. */
const HISTORIES: readonly DeliveryStatus[][] = [
  ['accepted', 'queued', 'sending', 'sent', 'delivered'],
  ['accepted', 'queued', 'sending', 'sent', 'delivered', 'read'],
  ['scheduled', 'queued', 'sending', 'sent', 'undelivered'],
  ['queued', 'failed'],
  ['scheduled', 'canceled'],
];

const endOf = (reports: readonly DeliveryStatus[]): DeliveryStatus | undefined =>
  reports.reduce<DeliveryStatus | undefined>(advanceStatus, undefined);

test('in whatever order and however often the reports of a history arrive, its end is the same', async () => {
  for (const history of HISTORIES) {
    const everyReportAndMore = shuffledSubarray([...history, ...history, ...history], {
      minLength: history.length * 2 + 1,
    });
    await assert(
      property(everyReportAndMore, (reports) => {
        expect(endOf(reports)).toBe(reports.includes(history.at(-1) ?? 'queued') ? history.at(-1) : endOf(reports));
        expect(endOf([...reports, ...history])).toBe(history.at(-1));
      }),
    );
  }
});

test('a status never moves back, and an end stays', async () => {
  await assert(
    property(array(constantFrom(...ALL), { minLength: 2 }), (reports) => {
      let current: DeliveryStatus | undefined;
      for (const report of reports) {
        const next = advanceStatus(current, report);
        if (current !== undefined) {
          expect(DELIVERY_STATUSES[next].rank).toBeGreaterThanOrEqual(DELIVERY_STATUSES[current].rank);
          if (DELIVERY_STATUSES[current].terminal && current !== 'delivered') expect(next).toBe(current);
        }
        current = next;
      }
    }),
  );
});

test('of two ends that exclude each other the first stays', () => {
  expect(endOf(['sent', 'undelivered', 'delivered'])).toBe('undelivered');
  expect(endOf(['sent', 'delivered', 'undelivered'])).toBe('delivered');
});

import { expect, test } from 'vitest';
import { carrierKeyword } from './carrier-keyword.ts';

test.each(['STOP', 'stop', ' Stop \n', 'STOPALL', 'UNSUBSCRIBE', 'END', 'QUIT', 'REVOKE', 'OPTOUT', 'CANCEL'])(
  '%j opts out',
  (text) => {
    expect(carrierKeyword({ text, optedOut: false })).toBe('opt_out');
  },
);

test.each([
  ['START', 'opt_in'],
  ['unstop', 'opt_in'],
  ['HELP', 'help'],
  ['info', 'help'],
])('%j is %s', (text, keyword) => {
  expect(carrierKeyword({ text, optedOut: false })).toBe(keyword);
});

test.each(['stop it', 'please stop', 'OK 7K3F', '/help', 'endless', '', 'constructor'])(
  '%j belongs to nobody',
  (text) => {
    expect(carrierKeyword({ text, optedOut: true })).toBeUndefined();
  },
);

test('YES opts in only who is opted out: from everybody else it is an answer', () => {
  expect(carrierKeyword({ text: 'yes', optedOut: true })).toBe('opt_in');
  expect(carrierKeyword({ text: 'yes', optedOut: false })).toBeUndefined();
});

test("the carrier's own word on a text wins, for words its account added", () => {
  expect(carrierKeyword({ text: 'genug', optOutType: 'STOP', optedOut: false })).toBe('opt_out');
  expect(carrierKeyword({ text: 'genug', optOutType: 'nonsense', optedOut: false })).toBeUndefined();
});

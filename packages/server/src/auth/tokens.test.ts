import { describe, expect, test } from 'vitest';
import { presentedToken, sameSecret } from './tokens.ts';

describe('the presented token', () => {
  test.each([
    [{ authorization: 'Bearer abc' }, 'abc'],
    [{ authorization: 'bearer abc' }, 'abc'],
    [{ 'x-api-key': 'abc' }, 'abc'],
    [{ authorization: 'Basic abc' }, null],
    [{ authorization: 'Bearer ' }, null],
    [{ 'x-api-key': '' }, null],
    [{ 'x-api-key': ['a', 'b'] }, null],
    [{}, null],
  ])('%j', (headers, token) => {
    expect(presentedToken(headers)).toBe(token);
  });
});

test('secrets of different lengths compare without an error', () => {
  expect(sameSecret('a', 'aa')).toBe(false);
  expect(sameSecret('', '')).toBe(true);
});

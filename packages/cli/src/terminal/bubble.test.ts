import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { bubble, wrap } from './bubble.ts';

describe('wrapping', () => {
  test('breaks at spaces, keeps every word', () => {
    const text = 'Reply OK 7K3F or NO 7K3F to the request of your agent';
    const lines = wrap(text, 20);
    expect(lines.every((line) => line.length <= 20)).toBe(true);
    expect(lines.join(' ')).toBe(text);
  });

  test('breaks words that are longer than a line, and keeps empty lines', () => {
    expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(wrap('a\n\nb', 5)).toEqual(['a', '', 'b']);
  });
});

test('a bubble says who speaks', () => {
  const plain = (direction: 'to_phone' | 'from_phone'): string =>
    bubble({ direction, body: 'OK 7K3F' }).map(stripVTControlCharacters).join('\n');
  expect(plain('to_phone')).toContain('text to your phone');
  expect(plain('from_phone')).toMatch(/│ OK 7K3F │\n.*you$/);
});

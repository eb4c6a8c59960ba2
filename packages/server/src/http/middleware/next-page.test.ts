import { expect, it } from 'vitest';
import { nextPage } from './next-page.ts';

const ASK = '/asks/11111111-2222-4333-8444-555555555555';

it.each(['/', '/asks', '/account', ASK])('%s is one of our pages', (page) => {
  expect(nextPage(page)).toBe(page);
});

it.each([
  undefined,
  7,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/asks/../../x',
  '/asks\n',
  `${ASK}/answer`,
  `/asks/${'a'.repeat(37)}`,
  '/sign-out',
  ['/account'],
])('%j is none', (page) => {
  expect(nextPage(page)).toBe('/asks');
});

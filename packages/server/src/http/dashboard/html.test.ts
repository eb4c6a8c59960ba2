import { expect, it } from 'vitest';
import { html } from './html.ts';

it('escapes every value that is not markup already', () => {
  const hostile = `<script>"'&\``;
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&#60;script&#62;&#34;&#39;&#38;&#96;">&#60;script&#62;&#34;&#39;&#38;&#96;</p>',
  );
  expect(html`<ul>${['<', html`<li>${'>'}</li>`]}</ul>`.text).toBe('<ul>&#60;<li>&#62;</li></ul>');
});

it('writes nothing for what is not there, and numbers as they are', () => {
  expect(html`a${false}${null}${undefined}${0}b`.text).toBe('a0b');
});

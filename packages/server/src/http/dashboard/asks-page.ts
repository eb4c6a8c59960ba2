/** What waits for this person. */
import type { Ask } from '@claude-companion/protocol';
import { html, type Markup } from './html.ts';
import type { Page } from './layout.ts';
import { moment } from './show.ts';
import { RISK_WORDS } from './words.ts';

export const asksVersion = (asks: readonly Ask[]): string => asks.map(({ id }) => id.slice(0, 8)).join('-');

export function asksPage(asks: readonly Ask[], time: { now: Date; timeZone: string }): Page {
  const row = (ask: Ask): Markup => html`<li><a href="/asks/${ask.id}">
<span class="title">${ask.title}</span>
<span class="soft">${ask.kind === 'permission' && html`Risk ${RISK_WORDS[ask.risk]}. `}Until ${moment(ask.deadline, time)}</span>
</a></li>`;
  return {
    title: asks.length === 0 ? 'Nothing needs you' : `${asks.length} waiting`,
    here: '/asks',
    signedIn: true,
    scripts: ['live.js'],
    reload: { seconds: 15 },
    main: html`<div data-live="/asks/state" data-version="${asksVersion(asks)}" data-page="/asks">
<h1>${asks.length === 0 ? 'Nothing needs you' : 'Waiting for you'}</h1>
${
  asks.length === 0
    ? html`<p class="soft">When an agent needs you, it stands here. This page keeps itself up to date.</p>`
    : html`<ul class="asks">${asks.map(row)}</ul>`
}
</div>`,
  };
}

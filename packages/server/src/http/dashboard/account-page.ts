/** Who is signed in, where, and with what. */
import type { Account } from '../../operations/screens/account.ts';
import type { Visit } from '../middleware/visit.ts';
import { html, type Markup } from './html.ts';
import type { Page } from './layout.ts';
import { moment } from './show.ts';

export interface AccountPage {
  account: Account;
  visit: Visit;
  now: Date;
  timeZone: string;
  told?: string;
}

export function accountPage(shown: AccountPage): Page {
  const { visit, told } = shown;
  const { session } = visit;
  return {
    title: 'Account',
    here: '/account',
    signedIn: true,
    scripts: ['passkey.js'],
    main: html`<h1>Account</h1>
${told !== undefined && html`<p class="notice" role="status" tabindex="-1" autofocus>${told}</p>`}
<p>You are ${session.role === 'owner' ? 'the owner of this server' : 'a person who paired a phone'}${session.phone !== null && html` (${session.phone})`}.
${
  session.strength === 'proven'
    ? 'This screen was opened with a sign-in link: it may allow everything.'
    : 'This screen was opened with a text message: it may allow what a text may. What is riskier needs a passkey.'
}</p>
${button(visit, { action: '/sign-out', label: 'Sign out' })}
${passkeys(shown)}
${screens(shown)}
${devices(shown)}`,
  };
}

interface Button {
  action: string;
  label: string;
  /** For readers who hear the button without what stands beside it. */
  of?: string;
  id?: string;
}

const button = ({ formToken }: Visit, { action, label, of, id }: Button): Markup =>
  html`<form method="post" action="${action}"><input type="hidden" name="form" value="${formToken}">${
    id !== undefined && html`<input type="hidden" name="id" value="${id}">`
  }<button>${label}${of !== undefined && html`<span class="unseen"> ${of}</span>`}</button></form>`;

function passkeys({ account, visit, ...time }: AccountPage): Markup {
  const proven = visit.session.strength === 'proven';
  return html`<section aria-labelledby="passkeys"><h2 id="passkeys">Passkeys</h2>
<p class="soft">A passkey confirms what a text may not allow, on a screen that was opened with a text message.</p>
<ul class="rows">${account.passkeys.map(
    ({ id, name, createdAt }) =>
      html`<li><span>${name}<br><span class="soft">Added ${moment(createdAt, time)}</span></span>${
        proven && button(visit, { action: '/account/passkeys/remove', label: 'Remove', of: name, id })
      }</li>`,
  )}</ul>
${account.passkeys.length === 0 && html`<p>There is none yet.</p>`}
${
  !proven
    ? html`<p class="notice">You are signed in by a text message, and whoever holds your SIM card could be, too: passkeys are added and
removed only on a screen that was opened with a sign-in link of the owner.</p>`
    : account.passkeysAt === null
      ? html`<p class="notice">
Passkeys need a host name with https. Set <code>PUBLIC_URL</code> to one, or open this page on the machine of the server.</p>`
      : html`
<form method="post" action="/account/passkeys" data-new-passkey="/account/passkeys/options">
<p class="notice warn" role="alert" data-problem hidden></p>
<input type="hidden" name="form" value="${visit.formToken}"><input type="hidden" name="credential" value="">
<label for="name">Name of a new passkey</label>
<input id="name" name="name" maxlength="60" autocomplete="off" placeholder="My phone">
<button>Add a passkey</button><noscript><p>Adding one needs JavaScript.</p></noscript></form>`
}
</section>`;
}

const screens = ({ account, visit, ...time }: AccountPage): Markup => html`<section aria-labelledby="screens">
<h2 id="screens">Signed-in screens</h2>
<ul class="rows">${account.screens.map(
  ({ id, label, strength, lastUsedAt }) =>
    html`<li><span>${label}${id === visit.session.id && ' (this one)'}<br>
<span class="soft">${strength === 'proven' ? 'By a sign-in link' : 'By text message'}. Last used ${moment(lastUsedAt, time)}</span></span>${
      id !== visit.session.id && button(visit, { action: '/account/screens/end', label: 'Sign out', of: label, id })
    }</li>`,
)}</ul></section>`;

const devices = ({ account, visit, ...time }: AccountPage): Markup => html`<section aria-labelledby="devices">
<h2 id="devices">Paired devices</h2>
${account.devices.length === 0 && html`<p>There is none.</p>`}
<ul class="rows">${account.devices.map(
  ({ id, name, lastUsedAt }) =>
    html`<li><span>${name}<br><span class="soft">Last used ${moment(lastUsedAt, time)}</span></span>${button(visit, {
      action: '/account/devices/end',
      label: 'Revoke',
      of: name,
      id,
    })}</li>`,
)}</ul></section>`;

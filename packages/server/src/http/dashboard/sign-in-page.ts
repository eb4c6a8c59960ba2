/** Where a sign-in link leads. The secret behind its `#` never reaches a server in an address; a script posts it, or a person. */
import { html } from './html.ts';
import type { Page } from './layout.ts';

export const signInPage = (problem?: string): Page => ({
  title: 'Sign in',
  signedIn: false,
  scripts: ['sign-in.js'],
  main: html`<h1>Sign in</h1>
${problem !== undefined && html`<p class="notice warn" role="alert">${problem}</p>`}
<form method="post" action="/sign-in" data-sign-in>
<label for="ticket">Sign-in code</label>
<p class="soft" id="how">The part of the link behind <code>#</code>. The server prints a link when it starts, and
<code>npm run companion -- link</code> prints a new one. Each opens one screen, once, within ten minutes.</p>
<input id="ticket" name="ticket" aria-describedby="how" autocomplete="off" autocapitalize="none" spellcheck="false" required>
<button class="primary">Sign in</button>
</form>
<p>Or <a href="/login">sign in with a code by text message</a>. Such a screen may do what a text may; what is riskier then needs
a passkey.</p>`,
});

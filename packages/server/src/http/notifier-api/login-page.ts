/** What people see while they sign in. Works without JavaScript; the one script fills in the code where a browser can read it. */
import { createHash } from 'node:crypto';

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const STYLE = `
  :root { color-scheme: light dark; --ink: #1d1b18; --paper: #fbfaf7; --soft: #6a645c; --line: #8c857b; --accent: #a3431f; --on-accent: #fff; --alert: #a11d1d; }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #ece7df; --paper: #191714; --soft: #a59d92; --line: #7d766c; --accent: #e98c66; --on-accent: #191714; --alert: #ff9d8f; }
  }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, sans-serif }
  main { max-width: 26rem; margin: 0 auto; padding: 2.5rem 1.25rem }
  h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem } p { margin: .25rem 0 1rem } .soft { color: var(--soft) }
  label { display: block; font-weight: 600; margin: 1.25rem 0 .35rem }
  input { width: 100%; font: inherit; font-size: 1.25rem; padding: .65rem .75rem; color: inherit; background: transparent; border: 1px solid var(--line); border-radius: .5rem }
  input[name=pairing_code] { letter-spacing: .3em; font-variant-numeric: tabular-nums }
  input[aria-invalid=true] { border-color: var(--alert) }
  button { width: 100%; min-height: 3rem; margin-top: 1rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent); border: 0; border-radius: .5rem; cursor: pointer }
  button.quiet { color: inherit; background: transparent; border: 1px solid var(--line) }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
  .alert { color: var(--alert); font-weight: 600 }
  .note { border-left: 3px solid var(--accent); padding: .25rem 0 .25rem .9rem; margin: 1.25rem 0 }
  dl { margin: .5rem 0 } dt { color: var(--soft) } dd { margin: 0 0 .5rem; overflow-wrap: anywhere; font-weight: 600 }`;

/** WebOTP: the phone's browser offers the code of the text to this page, because its last line names this host. */
const FILL_IN_CODE = `
  if ('OTPCredential' in window) {
    const input = document.querySelector('input[name=pairing_code]');
    const stop = new AbortController();
    input.form.addEventListener('submit', () => stop.abort());
    navigator.credentials.get({ otp: { transport: ['sms'] }, signal: stop.signal })
      .then((credential) => { input.value = credential.code; input.form.requestSubmit(); })
      .catch(() => {});
  }
`;
export const SCRIPT_HASH = `sha256-${createHash('sha256').update(FILL_IN_CODE).digest('base64')}`;

/** Fields that a form takes along, in its body and never in an address. */
export type Carried = Readonly<Record<string, string | undefined>>;

const hidden = (fields: Carried): string =>
  Object.entries(fields)
    .map(([name, value]) =>
      value === undefined ? '' : `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join('');

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>${escapeHtml(title)} · Claude Companion</title><style>${STYLE}</style></head>
<body><main>
<h1>${escapeHtml(title)}</h1>
${body}
</main></body></html>
`;
}

const alert = (text: string | undefined): string =>
  text === undefined ? '' : `<p class="alert" role="alert" id="problem">${escapeHtml(text)}</p>`;

/** A field that an alert is about says so to a screen reader. */
const described = (problem: string | undefined): string =>
  problem === undefined ? 'aria-describedby="hint"' : 'aria-invalid="true" aria-describedby="problem hint"';

export interface DeviceOnPage {
  name: string;
  userCode: string;
}

export function phonePage(form: {
  carried: Carried;
  phone?: string | undefined;
  problem?: string | undefined;
  device?: DeviceOnPage | undefined;
  simulated: boolean;
}): string {
  const { device, problem } = form;
  const about = device
    ? `<p>A device wants to sign in with your phone:</p>
       <dl><dt>It calls itself</dt><dd>${escapeHtml(device.name)}</dd><dt>It shows the code</dt><dd>${escapeHtml(device.userCode)}</dd></dl>
       <p class="note">Go on only if you started this yourself and the device in front of you shows this code.</p>`
    : '<p>You get a text with a 6-digit code.</p>';
  const refuse = device
    ? `<form method="post" action="/login/device/refuse">${hidden({ user_code: device.userCode })}
       <button class="quiet">I did not start this</button></form>`
    : '';
  return page(
    device ? 'Sign in a device' : 'Sign in with your phone',
    `${about}
<form method="post" action="/login">${hidden(form.carried)}
${alert(problem)}
<label for="phone">Phone number</label>
<input id="phone" name="phone" type="tel" autocomplete="tel" inputmode="tel" required maxlength="40" autofocus ${described(problem)} value="${escapeHtml(form.phone ?? '')}">
<p class="soft" id="hint">With country code, such as +1 415 555 1234.</p>
<button>Send me a code</button>
</form>
${refuse}
${simulatedNote(form.simulated)}`,
  );
}

export function codePage(form: { carried: Carried; problem?: string | undefined; simulated: boolean }): string {
  return page(
    'Check your phone for the 6-digit SMS code',
    `<form method="post" action="/login/code">${hidden(form.carried)}
${alert(form.problem)}
<label for="code">Code</label>
<input id="code" name="pairing_code" type="text" inputmode="numeric" autocomplete="one-time-code" pattern="[0-9 \\-]{6,8}" required maxlength="8" autofocus ${described(form.problem)}>
<p class="soft" id="hint">6 digits, good for 5 minutes. If no text comes, this number may not sign in here.</p>
<button>Sign in</button>
</form>
${simulatedNote(form.simulated)}
<script>${FILL_IN_CODE}</script>`,
  );
}

/** Where a device sends people who cannot follow its link. */
export const deviceCodePage = (): string =>
  page(
    'Sign in a device',
    `<form method="get" action="/login">
<label for="user_code">Code that the device shows</label>
<input id="user_code" name="user_code" type="text" autocapitalize="characters" autocomplete="off" spellcheck="false" required maxlength="12" autofocus aria-describedby="hint">
<p class="soft" id="hint">Eight letters, such as WDJB-MJHT.</p>
<button>Go on</button>
</form>`,
  );

const simulatedNote = (simulated: boolean): string =>
  simulated
    ? '<p class="note"><strong>The phone is simulated.</strong> Read its texts with <code>npm run companion -- phone</code>.</p>'
    : '';

/** A page that only says something. */
export const sayingPage = (title: string, sentences: readonly string[]): string =>
  page(title, sentences.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n'));

export const problemPage = (problem: string, sentences: readonly string[]): string =>
  page('This did not work', `${alert(problem)}\n${sentences.map((text) => `<p>${escapeHtml(text)}</p>`).join('\n')}`);

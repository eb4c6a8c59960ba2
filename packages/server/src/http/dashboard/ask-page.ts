/** One ask: the whole call, why it is risky, how long there is time, and the answer. */
import type { Answer, AnswerResult } from '@claude-companion/protocol';
import type { AllowBy, AskScreen } from '../../operations/screens/show-ask.ts';
import type { Visit } from '../middleware/visit.ts';
import { html, type Markup } from './html.ts';
import type { Page } from './layout.ts';
import { block, hasHidden, inline, moment } from './show.ts';
import { ASKS_TO, DECISION, RISK_WORDS } from './words.ts';

export interface AskPage {
  screen: AskScreen;
  visit: Visit;
  now: Date;
  timeZone: string;
  /** What became of the answer that this page is the answer to. */
  told?: AnswerResult;
}

/** Changes with everything that makes the page another one. */
export const askVersion = ({ ask, open }: AskScreen): string => `${ask.state}${open ? '' : '-closed'}`;

export function askPage(shown: AskPage): Page {
  const { screen, told } = shown;
  const { ask } = screen;
  const path = `/asks/${ask.id}`;
  return {
    title: ask.title,
    signedIn: true,
    scripts: ['live.js', 'passkey.js'],
    ...(ask.state === 'answered' && { reload: { seconds: 3, url: path } }),
    main: html`<div data-live="${path}/state" data-version="${askVersion(screen)}" data-page="${path}">
<p class="crumb"><a href="/asks">All asks</a></p>
<h1>${screen.project.length > 0 ? inline(screen.project) : 'An agent'} ${ASKS_TO[ask.kind](inline(screen.tool))}</h1>
${told && notice(told)}
${standing(shown)}
<p class="notice" data-changed role="status" hidden>This ask has changed meanwhile. <a href="${path}">Show it as it is now</a></p>
${ask.kind === 'permission' && risk(screen)}
${whatIsAsked(screen)}
${screen.open && (shown.visit.session.mayAnswer ? answerForms(shown) : WATCHER)}
</div>`,
  };
}

const WATCHER = html`<p class="notice">Your phone may watch and not decide: the owner of the server answers this.</p>`;

const TAKEN: ReadonlySet<AnswerResult['outcome']> = new Set(['answered', 'applied']);

const notice = ({ outcome, message }: AnswerResult): Markup =>
  html`<p class="notice${!TAKEN.has(outcome) && ' warn'}" role="status" tabindex="-1" autofocus>${message}</p>`;

function standing({ screen: { ask, open, ended }, now, timeZone, told }: AskPage): Markup {
  const at = (iso: string): Markup => moment(iso, { now, timeZone });
  if (open) {
    return html`<p class="state">Waiting for you. Without an answer it is denied at ${at(ask.deadline)}.</p>`;
  }
  const words = ended !== null && ended !== told?.message ? ended : '';
  return html`<p class="state">${words} Asked at ${at(ask.openedAt)}.</p>`;
}

const risk = ({ ask }: AskScreen): Markup => html`<section aria-labelledby="risk">
<h2 id="risk">Risk <span class="risk ${ask.risk}">${RISK_WORDS[ask.risk]}</span></h2>
<ul>${ask.riskReasons.map((reason) => html`<li>${reason}</li>`)}</ul>
</section>`;

function whatIsAsked(screen: AskScreen): Markup {
  const { ask, call, plan, message } = screen;
  const isQuestion = ask.kind === 'question';
  const fields = isQuestion ? [] : call;
  const hidden = hasHidden([...fields.map(({ lines }) => lines), plan, message, [screen.cwd, screen.tool]]);
  return html`<section aria-labelledby="call">
<h2 id="call">${ask.kind === 'permission' ? 'The whole call' : 'What it says'}</h2>
${hidden && html`<p class="soft">Characters in a <mark>box</mark> would not be seen, or would move others.</p>`}
<dl><dt>Directory</dt><dd>${inline(screen.cwd)}</dd></dl>
${message.length > 0 && block(message, 'Message')}
${plan.length > 0 && block(plan, 'Plan')}
${fields
  .filter(({ name }) => !(name === 'plan' && plan.length > 0))
  .map(({ name, lines }) => html`<h3>${name}</h3>${block(lines, name)}`)}
${!isQuestion && html`<details><summary>Fingerprint</summary><p class="soft"><code>${ask.hash}</code><br>Your answer is good for exactly this call.</p></details>`}
</section>`;
}

function answerForms(shown: AskPage): Markup {
  const { screen } = shown;
  const { ask, allow, allowSuggestions, suggestions } = screen;
  const decision = DECISION[ask.kind];
  const deny = decision?.deny ?? (ask.kind === 'question' ? 'Do not answer' : null);
  return html`<section aria-labelledby="answer">
<h2 id="answer">Your answer</h2>
<p class="notice warn" role="alert" data-problem hidden></p>
${ask.kind === 'question' && form(shown, 'reply', { inner: html`${screen.questions.map(question)}${SEND}` })}
${ask.kind === 'waiting' && form(shown, 'reply', { inner: html`${WORDS}${SEND}` })}
${decision && (allow === 'no_passkey' ? cannotAllow(shown.visit) : allowForm(shown, { by: allow, label: decision.allow }))}
${
  decision &&
  suggestions.length > 0 &&
  allowSuggestions !== 'no_passkey' &&
  html`<details><summary>Allow, and accept what the agent suggests for this session</summary>
${suggestions.map((lines, index) => block(lines, `Suggestion ${index + 1}`))}
${allowForm(shown, { by: allowSuggestions, label: 'Allow, and accept this', suggestions: true })}</details>`
}
${
  deny !== null &&
  form(shown, 'deny', {
    inner: html`<label for="reason">${decision ? 'What to do instead' : 'Why'} <span class="soft">(optional; the agent reads it)</span></label>
<textarea id="reason" name="message" rows="2" maxlength="10000"></textarea><button>${deny}</button>`,
  })
}
</section>`;
}

const SEND = html`<button class="primary">Send the answer</button>`;
const WORDS = html`<label for="words">Your words to the agent</label>
<textarea id="words" name="message" rows="4" maxlength="10000" required></textarea>`;

interface FormParts {
  inner: Markup;
  by?: AllowBy;
}

function form({ screen, visit }: AskPage, decision: Answer['decision'], { inner, by }: FormParts): Markup {
  const path = `/asks/${screen.ask.id}`;
  return html`<form method="post" action="${path}/answer"${by === 'passkey' && html` data-passkey="${path}/passkey"`}>
<input type="hidden" name="form" value="${visit.formToken}"><input type="hidden" name="decision" value="${decision}">
${inner}
</form>`;
}

/** It has no field in which Enter could be pressed: only its button allows. */
function allowForm(shown: AskPage, button: { by: AllowBy; label: string; suggestions?: boolean }): Markup {
  const { by, label, suggestions = false } = button;
  const passkey =
    by === 'passkey' &&
    html`<input type="hidden" name="assertion" value=""><p class="soft">Your passkey confirms it. <noscript>That needs JavaScript.</noscript></p>`;
  const inner = html`${suggestions && html`<input type="hidden" name="suggestions" value="yes">`}${passkey}<button class="${suggestions ? '' : 'primary'}">${label}${by === 'passkey' && ' with a passkey'}</button>`;
  return form(shown, 'allow', { inner, by });
}

const cannotAllow = ({
  session,
}: Visit): Markup => html`<p class="notice warn">You are signed in by a text message, and whoever
holds your SIM card could be, too: this may not be allowed from here without a passkey. ${
  session.role === 'owner'
    ? html`Open this page with a sign-in link (on the server: <code>npm run companion -- link</code>), which may allow it and add a passkey.`
    : html`Ask the owner of the server for a sign-in link; on the screen it opens you can allow this and add a passkey.`
} Denying works from here.</p>`;

function question({ text, multiSelect, options }: AskScreen['questions'][number], index: number): Markup {
  const type = multiSelect ? 'checkbox' : 'radio';
  const option = ({ label, description }: (typeof options)[number], at: number): Markup =>
    html`<li><label><input type="${type}" name="choice${index}" value="${at}"> <span>${inline(label)}${
      description.length > 0 && html`<br><span class="soft">${inline(description)}</span>`
    }</span></label></li>`;
  return html`<fieldset><legend>${inline(text)}</legend>
${options.length > 0 && html`<ul class="options">${options.map(option)}</ul>`}
<label for="words${index}">${options.length > 0 ? 'Or in your own words' : 'Your answer'}</label>
<textarea id="words${index}" name="words${index}" rows="2" maxlength="10000"></textarea></fieldset>`;
}

/** What screens say for each member of a closed set. */
import type { AskKind, Risk } from '@claude-companion/protocol';
import { html, type Markup } from './html.ts';

/** The heading of an ask; `tool` is agent-written and shown as such. */
export const ASKS_TO: Record<AskKind, (tool: Markup) => Markup> = {
  permission: (tool) => html`asks to use ${tool}`,
  question: () => html`asks a question`,
  plan: () => html`shows you a plan`,
  waiting: () => html`waits for your words`,
  limit: () => html`reached a limit`,
  done: () => html`is done`,
  error: () => html`stopped with an error`,
};

export const RISK_WORDS: Record<Risk, string> = {
  low: 'low: a text may allow it',
  elevated: 'elevated: it could not be judged fully',
  high: 'high: look closely',
};

/** What the two buttons of a decision do, and what silence does. */
export const DECISION: Record<AskKind, { allow: string; deny: string } | null> = {
  permission: { allow: 'Allow once', deny: 'Deny' },
  plan: { allow: 'Follow the plan', deny: 'Do not follow it' },
  limit: { allow: 'Go on', deny: 'Stop here' },
  question: null,
  waiting: null,
  done: null,
  error: null,
};

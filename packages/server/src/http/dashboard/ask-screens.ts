/** `/asks`: what waits, one ask in full, its answer. */
import { z } from 'zod';
import { getAsk } from '../../operations/look-up.ts';
import { beginStepUp } from '../../operations/passkeys/step-up.ts';
import { answerOnScreen, refuseWatcher } from '../../operations/screens/answer-on-screen.ts';
import { openAsksOf, showAsk } from '../../operations/screens/show-ask.ts';
import type { Route } from '../surface.ts';
import { AnswerForm, answerOf, assertionOf } from './answer-form.ts';
import { askPage, askVersion } from './ask-page.ts';
import { asksPage, asksVersion } from './asks-page.ts';
import { sendPage } from './layout.ts';
import { FormBody, screen, timeOf } from './screen.ts';

const AskParams = z.object({ askId: z.uuid({ error: 'Ask not found' }) });

export const ASK_SCREENS: readonly Route[] = [
  screen({
    method: 'GET',
    path: '/asks',
    summary: 'What waits for you',
    schema: {},
    show: async ({ doors, reply }, { actor }) =>
      sendPage(reply, asksPage(await openAsksOf(doors.context, actor), timeOf(doors))),
  }),
  screen({
    method: 'GET',
    path: '/asks/state',
    summary: 'Whether the page of asks is still as it was',
    schema: {},
    show: async ({ doors }, { actor }) => ({ version: asksVersion(await openAsksOf(doors.context, actor)) }),
  }),
  screen({
    method: 'GET',
    path: '/asks/:askId',
    summary: 'One ask, in full',
    schema: { params: AskParams },
    show: async ({ doors, params, reply }, visit) => {
      const shown = await showAsk(doors.context, visit.actor, params.askId);
      return sendPage(reply, askPage({ screen: shown, visit, ...timeOf(doors) }));
    },
  }),
  screen({
    method: 'GET',
    path: '/asks/:askId/state',
    summary: 'Whether the page of an ask is still as it was',
    schema: { params: AskParams },
    show: async ({ doors, params }, { actor }) => ({
      version: askVersion(await showAsk(doors.context, actor, params.askId)),
    }),
  }),
  screen({
    method: 'POST',
    path: '/asks/:askId/passkey',
    summary: 'What a passkey has to sign to allow this ask',
    schema: { params: AskParams, body: FormBody.extend({ suggestions: z.literal('yes').optional() }) },
    show: async ({ doors: { context }, params, body }, { session }) => {
      refuseWatcher(session);
      const ask = await getAsk(context, params.askId);
      return beginStepUp(context, session, { ask, applySuggestions: body.suggestions === 'yes' });
    },
  }),
  screen({
    method: 'POST',
    path: '/asks/:askId/answer',
    summary: 'Answer an ask; the page tells what became of it',
    schema: { params: AskParams, body: AnswerForm },
    show: async ({ doors, params: { askId }, body, reply }, visit) => {
      const { context } = doors;
      const answer = answerOf(body, await getAsk(context, askId));
      const told = await answerOnScreen(context, visit.session, { askId, answer, assertion: assertionOf(body) });
      const shown = await showAsk(context, visit.actor, askId);
      return sendPage(reply, askPage({ screen: shown, visit, told, ...timeOf(doors) }));
    },
  }),
];

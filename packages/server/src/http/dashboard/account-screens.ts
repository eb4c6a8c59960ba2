/** `/account`: passkeys, signed-in screens, paired devices, signing out. */
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { beginEnrolment, finishEnrolment } from '../../operations/passkeys/enrol.ts';
import { accountOf, removePasskey } from '../../operations/screens/account.ts';
import { endScreen } from '../../operations/screens/browser-session.ts';
import { signOut } from '../../operations/sign-in/revoke-device.ts';
import { clearSessionCookie } from '../middleware/cookies.ts';
import type { Visit } from '../middleware/visit.ts';
import type { Parsed, Route, RouteSchema } from '../surface.ts';
import { accountPage } from './account-page.ts';
import { credentialOf } from './answer-form.ts';
import { sendPage } from './layout.ts';
import { FormBody, IdForm, screen, timeOf } from './screen.ts';
import { signInPage } from './sign-in-page.ts';

async function show(
  { doors, reply }: Pick<Parsed<RouteSchema>, 'doors' | 'reply'>,
  visit: Visit,
  told?: string,
): Promise<string> {
  const account = await accountOf(doors.context, visit.session.personId);
  return sendPage(reply, accountPage({ account, visit, ...timeOf(doors), ...(told !== undefined && { told }) }));
}

export const ACCOUNT_SCREENS: readonly Route[] = [
  screen({
    method: 'GET',
    path: '/account',
    summary: 'Passkeys, screens and devices of yours',
    schema: {},
    show: (parsed, visit) => show(parsed, visit),
  }),
  screen({
    method: 'POST',
    path: '/account/passkeys/options',
    summary: 'What a new passkey has to be made for',
    schema: { body: FormBody },
    show: ({ doors: { context } }, { session }) => beginEnrolment(context, session),
  }),
  screen({
    method: 'POST',
    path: '/account/passkeys',
    summary: 'Add a passkey',
    schema: { body: FormBody.extend({ name: z.string().max(200).default(''), credential: z.string().max(20_000) }) },
    show: async (parsed, visit) => {
      const { doors, body } = parsed;
      const response = credentialOf<RegistrationResponseJSON>(body.credential);
      await finishEnrolment(doors.context, visit.session, { response, name: body.name });
      return show(parsed, visit, 'The passkey was added.');
    },
  }),
  screen({
    method: 'POST',
    path: '/account/passkeys/remove',
    summary: 'Remove a passkey',
    schema: { body: IdForm },
    show: async (parsed, visit) => {
      const removed = await removePasskey(parsed.doors.context, visit.session, parsed.body.id);
      return show(parsed, visit, removed ? 'The passkey was removed.' : 'There is no such passkey any more.');
    },
  }),
  screen({
    method: 'POST',
    path: '/account/screens/end',
    summary: 'Sign another screen of yours out',
    schema: { body: IdForm.extend({ id: z.uuid() }) },
    show: async (parsed, visit) => {
      const { personId } = visit.session;
      const ended = await endScreen(parsed.doors.context, { id: parsed.body.id, personId });
      return show(parsed, visit, ended ? 'The screen was signed out.' : 'That screen was signed out already.');
    },
  }),
  screen({
    method: 'POST',
    path: '/account/devices/end',
    summary: 'Revoke a paired device of yours',
    schema: { body: IdForm.extend({ id: z.uuid() }) },
    show: async (parsed, visit) => {
      const { personId } = visit.session;
      await signOut(parsed.doors.signIn, { id: parsed.body.id, personId, reason: 'revoked' });
      return show(parsed, visit, 'The device was revoked.');
    },
  }),
  screen({
    method: 'POST',
    path: '/sign-out',
    summary: 'Sign this screen out',
    schema: { body: FormBody },
    show: async ({ doors: { context }, request, reply }, { session }) => {
      await endScreen(context, session);
      clearSessionCookie({ request, reply }, context.policy.publicUrl);
      return sendPage(reply, signInPage('You are signed out.'));
    },
  }),
];

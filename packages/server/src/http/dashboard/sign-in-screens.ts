/** Ways to a signed-in screen: a link of the owner, or a token that somebody has already. */
import { z } from 'zod';
import { openBrowserSession, signInWithTicket } from '../../operations/screens/browser-session.ts';
import { makeSignInLink } from '../../operations/screens/sign-in-link.ts';
import { actorOf } from '../middleware/actor.ts';
import { setSessionCookie } from '../middleware/cookies.ts';
import { DEFAULT_PAGE } from '../middleware/next-page.ts';
import { refuseOtherPages } from '../middleware/visit.ts';
import { type Route, route } from '../surface.ts';
import { sendPage } from './layout.ts';
import { properAddress } from './screen.ts';
import { signInPage } from './sign-in-page.ts';

const Phone = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be an E.164 number such as +14155550123');

export const SIGN_IN_SCREENS: readonly Route[] = [
  route({
    method: 'GET',
    path: '/sign-in',
    auth: 'open',
    summary: 'Where a sign-in link leads',
    schema: {},
    handle: async ({ doors, request, reply }) => {
      const elsewhere = properAddress({ doors, request });
      return elsewhere === null ? sendPage(reply, signInPage()) : reply.redirect(elsewhere, 302);
    },
  }),
  route({
    method: 'POST',
    path: '/sign-in',
    auth: 'open',
    summary: 'Open a signed-in screen with the secret of a sign-in link',
    schema: { body: z.object({ ticket: z.string().trim().min(1).max(200) }) },
    handle: async ({ doors: { context }, body, request, reply }) => {
      // Otherwise another site could sign a browser in as somebody else.
      refuseOtherPages(request);
      // A whole link is taken too: that is what people paste.
      const ticket = body.ticket.slice(body.ticket.lastIndexOf('#') + 1);
      const opened = await signInWithTicket(context, { ticket, userAgent: request.headers['user-agent'] });
      setSessionCookie({ request, reply }, context.policy.publicUrl, opened);
      return reply.redirect(DEFAULT_PAGE, 303);
    },
  }),
  route({
    method: 'POST',
    path: '/screens/sign-in',
    auth: 'person',
    summary: 'Open a signed-in screen with a token; the answer sets its cookie',
    schema: {},
    handle: async ({ doors: { context }, request, reply }) => {
      const { personId, strength } = actorOf(request);
      const opened = await openBrowserSession(context, {
        personId,
        strength,
        deviceId: request.caller?.kind === 'user' ? request.caller.tokenId : null,
        userAgent: request.headers['user-agent'],
      });
      setSessionCookie({ request, reply }, context.policy.publicUrl, opened);
      return { expires_at: opened.expiresAt };
    },
  }),
  route({
    method: 'POST',
    path: '/screens/links',
    auth: 'owner',
    summary: 'Make a sign-in link: for the owner, or for the person of a paired phone',
    schema: { body: z.strictObject({ phone: Phone.optional() }).default({}) },
    handle: async ({ doors: { context }, body }) => {
      const { url, expiresAt } = await makeSignInLink(context, body);
      return { url, expires_at: expiresAt };
    },
  }),
];

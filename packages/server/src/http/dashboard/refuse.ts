/** A refusal as a person meets it: sent to sign in, or told on a page. Scripts of ours get it as JSON. */
import type { CompanionError } from '@claude-companion/protocol';
import { nextPage } from '../middleware/next-page.ts';
import type { Exchange } from '../surface.ts';
import { html } from './html.ts';
import { sendPage } from './layout.ts';
import { properAddress } from './screen.ts';
import { signInPage } from './sign-in-page.ts';

export function refuse(error: CompanionError, { doors, request, reply }: Exchange): unknown {
  const { code, message, suggestion } = error;
  if (!(request.headers.accept ?? '').includes('text/html')) return { error: message, code, suggestion };
  if (code === 'AUTH_REQUIRED' && request.method === 'GET') {
    const [path = ''] = request.url.split('?');
    const to = properAddress({ doors, request }) ?? `/login?next=${encodeURIComponent(nextPage(path))}`;
    reply.status(303).header('location', to);
  }
  if (request.routeOptions.url === '/sign-in') return sendPage(reply, signInPage(message));
  return sendPage(reply, {
    title: 'Not possible',
    signedIn: request.visit !== null,
    main: html`<h1>That did not work</h1><p>${message}</p><p class="soft">${suggestion}</p><p><a href="/asks">All asks</a></p>`,
  });
}

/** A signed-in browser's request: whose it is, and that its own page sent it. */
import { createHmac } from 'node:crypto';
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { sameSecret } from '../../auth/tokens.ts';
import type { Actor } from '../../operations/actor.ts';
import type { Context } from '../../operations/context.ts';
import { type BrowserSession, findBrowserSession } from '../../operations/screens/browser-session.ts';

export interface Visit {
  session: BrowserSession;
  actor: Actor;
  /** Stands in every form of the pages of this session. Pages of others cannot read it. */
  formToken: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on screens only. */
    visit: Visit | null;
  }
}

/** `secret`: of the cookie. Null when it opens nothing. */
export async function findVisit(context: Context, secret: string | null): Promise<Visit | null> {
  const session = secret === null ? null : await findBrowserSession(context, secret);
  if (secret === null || session === null) return null;
  const { personId, strength, role } = session;
  return {
    session,
    actor: { personId, strength, isOwner: role === 'owner' && strength === 'proven' },
    formToken: createHmac('sha256', secret).update('form').digest('base64url'),
  };
}

/** The rule `screen`. @throws CompanionError AUTH_REQUIRED; ORIGIN_NOT_ALLOWED for a change that no page of ours sent */
export async function requireVisit(
  request: Pick<FastifyRequest, 'method' | 'headers'>,
  context: Context,
  secret: string | null,
): Promise<Visit> {
  const visit = await findVisit(context, secret);
  if (!visit) throw new CompanionError('AUTH_REQUIRED', 'Sign in first.');
  if (request.method !== 'GET') refuseOtherPages(request);
  return visit;
}

/**
 * Every browser names the page that sends a form. A known host and, where there is an Origin, one of ours were checked before;
 * here the absence of any sign is refused too.
 */
export function refuseOtherPages({ headers }: Pick<FastifyRequest, 'headers'>): void {
  if (headers['sec-fetch-site'] === 'same-origin') return;
  if (headers['sec-fetch-site'] === undefined && headers.origin !== undefined) return;
  throw new CompanionError('ORIGIN_NOT_ALLOWED', 'Open the page from the server itself and try again.');
}

/** @throws CompanionError ORIGIN_NOT_ALLOWED for a form that was not on a page of this session */
export function checkFormToken({ formToken }: Visit, given: string | undefined): void {
  if (given !== undefined && sameSecret(given, formToken)) return;
  throw new CompanionError('ORIGIN_NOT_ALLOWED', 'This form is of an earlier sign-in. Open the page again.');
}

/** A link that signs one browser in, once. Whoever makes it vouches for who gets it: it must not travel by text message. */
import { CompanionError } from '@claude-companion/protocol';
import { insertTicket } from '../../store/browser-sessions.ts';
import { findPersonByPhone } from '../../store/people.ts';
import { type Context, nowOf } from '../context.ts';
import { screensOrigin } from '../passkeys/relying-party.ts';
import { hashOfSecret, newSecret } from './browser-session.ts';

const TICKET_LIFE_MS = 10 * 60_000;

export interface SignInLink {
  /** The secret stands behind the `#`, which browsers keep to themselves: no server or proxy sees it in an address. */
  url: string;
  expiresAt: string;
}

export async function makeSignInLink(
  context: Context,
  { phone }: { phone?: string | undefined } = {},
): Promise<SignInLink> {
  const { store, policy, owner, clock } = context;
  const person = phone === undefined ? owner : await findPersonByPhone(store.db, store.seal, phone);
  if (!person) {
    throw new CompanionError(
      'NOT_FOUND',
      'Nobody paired this phone. Let the person sign in with it once, then try again.',
    );
  }
  const ticket = newSecret(context);
  const expiresAt = new Date(clock.now().getTime() + TICKET_LIFE_MS).toISOString();
  await insertTicket(store.db, { hash: hashOfSecret(ticket), personId: person.id, expiresAt }, nowOf(context));
  return { url: `${screensOrigin(policy.publicUrl)}/sign-in#${ticket}`, expiresAt };
}

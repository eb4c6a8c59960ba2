/** The beginning of every way to sign in: a number is typed, a code is sent. */
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { allowedCallback, redirectTo } from '../../operations/sign-in/callback-address.ts';
import { readPhone } from '../../operations/sign-in/phone-number.ts';
import { requestCode } from '../../operations/sign-in/request-code.ts';
import type { Doors } from '../doors.ts';
import { clientNetwork } from './client-address.ts';

/** Nothing of these bodies is long; what is, is refused before it is read. */
export const MAX_BODY_BYTES = 16 * 1024;

const TEMP_TOKEN_BYTES = 32;

/** It names a login and opens nothing: an exchange needs the code too. */
export const newTempToken = ({ signIn }: Doors): string =>
  `cc_temp_${Buffer.from(signIn.ids.bytes(TEMP_TOKEN_BYTES)).toString('base64url')}`;

export const networkOf = (doors: Doors, request: FastifyRequest): string | null =>
  clientNetwork(request, { trustedProxies: doors.trustedProxies, publicUrl: doors.context.policy.publicUrl });

/** A form of a browser rather than a call of a program. */
export const wantsPage = ({ headers }: Pick<FastifyRequest, 'headers'>): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '') &&
  /\btext\/html\b/.test(headers.accept ?? '');

export interface AskForCode {
  phone: string;
  handle: string;
  codeChallenge?: string | undefined;
  deviceLoginId?: string | undefined;
}

/** @throws CompanionError INVALID_REQUEST that says what is wrong with the number; RATE_LIMIT */
export async function askForCode(doors: Doors, request: FastifyRequest, asked: AskForCode): Promise<void> {
  const reading = readPhone(asked.phone);
  if ('refusal' in reading) throw new CompanionError('INVALID_REQUEST', `phone: ${reading.refusal}`);
  const { handle, codeChallenge, deviceLoginId } = asked;
  await requestCode(doors.signIn, {
    phone: reading.phone,
    handle,
    address: networkOf(doors, request),
    codeChallenge,
    deviceLoginId,
  });
}

export interface BeginCallback {
  phone: string;
  callback_uri: string;
  state?: string | undefined;
  code_challenge?: string | undefined;
}

/** @throws CompanionError INVALID_REQUEST also for a callback that is not allowed, before anything is sent */
export function checkCallback(doors: Doors, text: string): URL {
  const { callbackOrigins } = doors.signIn.signIn.policy;
  const callback = allowedCallback(text, { publicUrl: doors.context.policy.publicUrl, callbackOrigins });
  if (callback) return callback;
  throw new CompanionError(
    'INVALID_REQUEST',
    'callback_uri: must be http on this machine (127.0.0.1, localhost), the server itself, or an origin in CALLBACK_ORIGINS',
  );
}

/** @returns where to go on */
export async function beginCallback(doors: Doors, request: FastifyRequest, body: BeginCallback): Promise<string> {
  const callback = checkCallback(doors, body.callback_uri);
  const tempToken = newTempToken(doors);
  await askForCode(doors, request, { phone: body.phone, handle: tempToken, codeChallenge: body.code_challenge });
  return redirectTo(callback, { tempToken, state: body.state ?? null });
}

/** Signing in by phone, for programs: both flows of the document, refresh, logout and the list of devices. */
import {
  AuthResponseSchema,
  CodeRequestedSchema,
  CompanionError,
  DevicesSchema,
  digitsOf,
  ExchangeSchema,
  LoggedOutSchema,
  LoginSubmitSchema,
  LoginSubmittedSchema,
  SetupExchangeSchema,
  SetupSubmitSchema,
} from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { presentedToken } from '../../auth/tokens.ts';
import { exchangeCode } from '../../operations/sign-in/exchange-code.ts';
import { CODE_TTL_MS } from '../../operations/sign-in/pairing-code.ts';
import { refreshAccess } from '../../operations/sign-in/refresh-access.ts';
import { listDevices, signOut } from '../../operations/sign-in/revoke-device.ts';
import { type Route, route } from '../surface.ts';
import { askForCode, beginCallback, MAX_BODY_BYTES, wantsPage } from './begin-login.ts';
import { deviceName } from './device-name.ts';

const agentOf = (request: FastifyRequest): string | undefined => request.headers['user-agent'];

export const signInRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/login/submit',
    auth: 'open',
    summary: 'Callback flow: send a code to a phone',
    description:
      'For people the page at `/login` asks for the number. The answer is the same for every number, known or not. At most 3 codes in 10 minutes and 8 a day for one phone.',
    schema: { body: LoginSubmitSchema, response: LoginSubmittedSchema },
    errors: ['RATE_LIMIT'],
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request, reply }) => {
      const redirectTo = await beginCallback(doors, request, body);
      return wantsPage(request) ? reply.redirect(redirectTo, 303) : { redirect_to: redirectTo };
    },
  }),
  route({
    method: 'POST',
    path: '/login/submit-with-setup',
    auth: 'open',
    summary: 'Polling flow: send a code to a phone',
    description: 'The code is good for 5 minutes and 5 tries. A new one takes the place of the one before.',
    schema: { body: SetupSubmitSchema, response: CodeRequestedSchema },
    errors: ['RATE_LIMIT'],
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request }) => {
      await askForCode(doors, request, {
        phone: body.phone,
        handle: body.setup_id,
        codeChallenge: body.code_challenge,
      });
      return { message: 'Check your phone for the 6-digit SMS code', expires_in: CODE_TTL_MS / 1000 };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/exchange',
    auth: 'open',
    summary: 'Callback flow: a temp_token and its code for an access token',
    schema: { body: ExchangeSchema, response: AuthResponseSchema },
    errors: ['AUTH_EXPIRED'],
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request }) =>
      exchangeCode(doors.signIn, {
        handle: body.temp_token,
        code: digitsOf(body.pairing_code),
        codeVerifier: body.code_verifier,
        deviceName: deviceName(body.device_name, agentOf(request)),
      }),
  }),
  route({
    method: 'POST',
    path: '/auth/exchange-by-setup',
    auth: 'open',
    summary: 'Polling flow: a setup_id and its code for an access token',
    schema: { body: SetupExchangeSchema, response: AuthResponseSchema },
    errors: ['AUTH_EXPIRED'],
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request }) =>
      exchangeCode(doors.signIn, {
        handle: body.setup_id,
        code: digitsOf(body.pairing_code),
        codeVerifier: body.code_verifier,
        deviceName: deviceName(body.device_name, agentOf(request)),
      }),
  }),
  route({
    method: 'POST',
    path: '/auth/refresh',
    // Looks at the token itself: a spent one, which opens nothing else, must still be recognised here.
    auth: 'open',
    summary: 'A new access token for one that is still good',
    description:
      'Send the token as `Authorization: Bearer`. It is spent then: what is under way with it may end within 30 seconds. If the answer was lost, sending it again gives the same new token; sending it after the new one was used signs the device out.',
    schema: { response: AuthResponseSchema },
    errors: ['AUTH_REQUIRED', 'AUTH_EXPIRED'],
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, request }) => {
      const token = presentedToken(request.headers);
      if (token === null) throw new CompanionError('AUTH_REQUIRED', 'This needs a token.');
      return refreshAccess(doors.signIn, token);
    },
  }),
  route({
    method: 'POST',
    path: '/auth/logout',
    auth: 'person',
    summary: 'Sign this device out: its tokens are refused from now on',
    schema: { response: LoggedOutSchema },
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, request: { caller } }) => {
      if (caller?.kind !== 'user') {
        throw new CompanionError(
          'INVALID_REQUEST',
          'AUTH_TOKEN is changed in the settings of the server; it cannot log out.',
        );
      }
      await signOut(doors.signIn, { id: caller.tokenId, personId: caller.personId, reason: 'signed_out' });
      return { revoked: true as const };
    },
  }),
  route({
    method: 'GET',
    path: '/auth/devices',
    auth: 'person',
    summary: 'Your devices that are signed in',
    schema: { response: DevicesSchema },
    handle: async ({ doors, request }) => {
      const devices = await listDevices(doors.signIn, personIdOf(request));
      const current = request.caller?.kind === 'user' ? request.caller.tokenId : null;
      return {
        devices: devices.map(({ id, name, createdAt, lastUsedAt }) => ({
          id,
          name,
          created_at: createdAt,
          last_used_at: lastUsedAt,
          current: id === current,
        })),
      };
    },
  }),
  route({
    method: 'DELETE',
    path: '/auth/devices/:device_id',
    auth: 'person',
    summary: 'Sign one of your devices out',
    schema: {
      params: z.object({ device_id: z.uuid({ error: 'There is no such device.' }) }),
      response: LoggedOutSchema,
    },
    handle: async ({ doors, params, request }) => {
      await signOut(doors.signIn, { id: params.device_id, personId: personIdOf(request), reason: 'revoked' });
      return { revoked: true as const };
    },
  }),
];

function personIdOf({ caller }: FastifyRequest): string {
  if (caller?.kind === 'user' || caller?.kind === 'owner') return caller.personId;
  throw new CompanionError('AUTH_INSUFFICIENT', 'This token may not do that.');
}

/** Signing in a machine without a browser: RFC 8628. Errors have the fields of OAuth beside the message of this surface. */
import {
  AuthResponseSchema,
  DEVICE_GRANT_TYPE,
  DeviceAuthorizationSchema,
  DeviceAuthorizationStartedSchema,
  DeviceTokenSchema,
} from '@claude-companion/protocol';
import type { FastifyReply } from 'fastify';
import {
  DEVICE_LOGIN_TTL_S,
  type PollRefusal,
  pollDeviceLogin,
  startDeviceLogin,
} from '../../operations/sign-in/device-login.ts';
import { type Route, route } from '../surface.ts';
import { MAX_BODY_BYTES, networkOf } from './begin-login.ts';
import { deviceName } from './device-name.ts';

type OAuthError = PollRefusal | 'unsupported_grant_type';

const SAID: Record<OAuthError, string> = {
  authorization_pending: 'Nobody has approved this device yet. Ask again after the interval.',
  slow_down: 'Ask less often: the interval is 5 seconds longer from now on.',
  access_denied: 'The sign-in of this device was refused.',
  expired_token: 'The code of this device is too old. Start again.',
  invalid_grant: 'This device_code is not known or already used. Start again.',
  unsupported_grant_type: `grant_type must be ${DEVICE_GRANT_TYPE}.`,
};

const refuse = (reply: FastifyReply, error: OAuthError): FastifyReply =>
  reply.status(400).send({ error, error_description: SAID[error], message: SAID[error] });

export const deviceFlowRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/auth/device',
    auth: 'open',
    summary: 'Device flow (RFC 8628): begin',
    schema: { body: DeviceAuthorizationSchema, response: DeviceAuthorizationStartedSchema },
    errors: ['RATE_LIMIT'],
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request }) => {
      const { deviceCode, userCode, intervalS } = await startDeviceLogin(doors.signIn, {
        deviceName: deviceName(body.device_name, request.headers['user-agent']),
        address: networkOf(doors, request),
      });
      const page = `${doors.context.policy.publicUrl.replace(/\/$/, '')}/login`;
      return {
        device_code: deviceCode,
        user_code: userCode,
        verification_uri: `${page}/device`,
        verification_uri_complete: `${page}?user_code=${userCode}`,
        expires_in: DEVICE_LOGIN_TTL_S,
        interval: intervalS,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/auth/token',
    auth: 'open',
    summary: 'Device flow (RFC 8628): poll for the token',
    description:
      'Refusals carry `error`: authorization_pending, slow_down, access_denied, expired_token, invalid_grant.',
    schema: { body: DeviceTokenSchema, response: AuthResponseSchema },
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, reply }) => {
      if (body.grant_type !== DEVICE_GRANT_TYPE) return refuse(reply, 'unsupported_grant_type');
      const outcome = await pollDeviceLogin(doors.signIn, body.device_code);
      return 'grant' in outcome ? outcome.grant : refuse(reply, outcome.refusal);
    },
  }),
];

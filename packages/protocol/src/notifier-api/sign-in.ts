/** Bodies of the notifier API (sms-server-api.md) about signing in by phone. */
import { z } from 'zod';
import { EXAMPLE_TIME } from '../agent-api/examples.ts';

const required = (what: string) => ({ error: `is required: ${what}` });

const PhoneSchema = z
  .string(required('a number in E.164 format, such as +14155551234'))
  .max(64)
  .describe('E.164: + and the digits of country and number.');
/** Chosen by the client; whoever knows it and the code gets the token. */
const SetupIdSchema = z
  .string(required('a text that only this client knows, such as setup_<ms>_<uuid>'))
  .min(1, 'is empty')
  .max(200);
/** Spaces and a hyphen are taken, as people type them. `digitsOf` leaves the digits. */
const PairingCodeSchema = z
  .string(required('the 6 digits of the text'))
  .regex(/^ *[0-9]{3}[ -]?[0-9]{3} *$/, 'must be the 6 digits of the text')
  .max(32)
  .describe('The 6 digits of the text.');

export const digitsOf = (typed: string): string => typed.replace(/[^0-9]/g, '');

/** RFC 7636; S256 is the only method. */
const CodeChallengeSchema = z
  .string()
  .length(43, 'must be a SHA-256 in base64url (S256)')
  .regex(/^[\w-]+$/, 'must be a SHA-256 in base64url (S256)');
const CodeVerifierSchema = z
  .string()
  .min(43, 'must be 43 to 128 characters (RFC 7636)')
  .max(128, 'must be 43 to 128 characters (RFC 7636)')
  .regex(/^[\w.~-]+$/, 'must be of the characters of RFC 7636');
const MethodSchema = z.literal('S256', 'must be S256');
const DeviceNameSchema = z
  .string()
  .max(100)
  .describe('How the list of devices calls this one. Default: what its requests say it is.');

const EXAMPLE_PHONE = '+14155551234';
const EXAMPLE_SETUP_ID = 'setup_1767268800000_9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d';
const EXAMPLE_TEMP_TOKEN = 'cc_temp_4vJ0c8kqkJc0tM0yCq8m2mZq0nJwM3lA9oXyqH5c2aE';

export const LoginSubmitSchema = z
  .object({
    phone: PhoneSchema,
    callback_uri: z
      .string(required('where to go with the temp_token'))
      .max(2000)
      .describe('On this machine (http://127.0.0.1:<port>/…), the server itself, or an origin the operator listed.'),
    state: z.string().max(1000).optional().describe('Comes back with the callback.'),
    code_challenge: CodeChallengeSchema.optional().describe('PKCE: the exchange then needs code_verifier.'),
    code_challenge_method: MethodSchema.optional(),
  })
  .meta({
    title: 'LoginSubmit',
    examples: [{ phone: EXAMPLE_PHONE, callback_uri: 'http://127.0.0.1:49152/callback', state: 'b9f5c1e0' }],
  });

export const LoginSubmittedSchema = z.object({
  redirect_to: z.string().describe('callback_uri with temp_token and state in its query.'),
});

export const SetupSubmitSchema = z
  .object({
    phone: PhoneSchema,
    setup_id: SetupIdSchema,
    code_challenge: CodeChallengeSchema.optional(),
    code_challenge_method: MethodSchema.optional(),
  })
  .meta({ title: 'SetupSubmit', examples: [{ phone: EXAMPLE_PHONE, setup_id: EXAMPLE_SETUP_ID }] });

export const CodeRequestedSchema = z.object({
  message: z.string(),
  expires_in: z.int().describe('Seconds that the code is good for.'),
});

const ExchangeRest = {
  pairing_code: PairingCodeSchema,
  code_verifier: CodeVerifierSchema.optional(),
  device_name: DeviceNameSchema.optional(),
};

export const ExchangeSchema = z
  .object({
    temp_token: z.string(required('from the query of redirect_to')).min(1, 'is empty').max(200),
    ...ExchangeRest,
  })
  .meta({ title: 'Exchange', examples: [{ temp_token: EXAMPLE_TEMP_TOKEN, pairing_code: '123456' }] });

export const SetupExchangeSchema = z
  .object({ setup_id: SetupIdSchema, ...ExchangeRest })
  .meta({ title: 'SetupExchange', examples: [{ setup_id: EXAMPLE_SETUP_ID, pairing_code: '123456' }] });

export const AuthResponseSchema = z
  .object({
    access_token: z.string(),
    user_id: z.uuid().describe('The same for the same phone, however often it pairs.'),
    expires_at: z.iso.datetime(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds; ACCESS_TOKEN_TTL.'),
  })
  .meta({
    title: 'AuthResponse',
    examples: [
      {
        access_token: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJqdGkiOiIuLi4ifQ.c2lnbmF0dXJl',
        user_id: '2f1c9b0e-6a53-4c7d-8e21-7f0b5d9c3a14',
        expires_at: EXAMPLE_TIME,
        token_type: 'Bearer',
        expires_in: 604_800,
      },
    ],
  });
export type AuthResponse = z.infer<typeof AuthResponseSchema>;

export const LoggedOutSchema = z.object({ revoked: z.literal(true) });

export const DevicesSchema = z.object({
  devices: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      created_at: z.iso.datetime(),
      last_used_at: z.iso.datetime().describe('Within a minute.'),
      current: z.boolean().describe('The one that asks.'),
    }),
  ),
});

/** RFC 8628. Unknown fields (client_id, scope) are taken and not looked at. */
export const DeviceAuthorizationSchema = z
  .object({ device_name: DeviceNameSchema.optional() })
  .meta({ title: 'DeviceAuthorization', examples: [{ device_name: 'build machine' }] });

export const DeviceAuthorizationStartedSchema = z
  .object({
    device_code: z.string(),
    user_code: z.string(),
    verification_uri: z.string(),
    verification_uri_complete: z.string(),
    expires_in: z.int(),
    interval: z.int(),
  })
  .meta({
    examples: [
      {
        device_code: 'o0V1y9oXKxJ0mXn2pQ3rS4tU5vW6xY7zA8bC9dE0fG1',
        user_code: 'WDJB-MJHT',
        verification_uri: 'https://companion.example.com/login/device',
        verification_uri_complete: 'https://companion.example.com/login?user_code=WDJB-MJHT',
        expires_in: 600,
        interval: 5,
      },
    ],
  });

export const DEVICE_GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

export const DeviceTokenSchema = z
  .object({
    grant_type: z.string(required(DEVICE_GRANT_TYPE)).max(200),
    device_code: z.string(required('from /auth/device')).max(200),
  })
  .meta({
    title: 'DeviceToken',
    examples: [{ grant_type: DEVICE_GRANT_TYPE, device_code: 'o0V1y9oXKxJ0mXn2pQ3rS4tU5vW6xY7zA8bC9dE0fG1' }],
  });

/** The pages at /login: a number, then its code. Where they lead depends on who sent the person here. */
import { type CompanionError, digitsOf } from '@claude-companion/protocol';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { openBrowserSession } from '../../operations/screens/browser-session.ts';
import { allowedCallback, withScheme } from '../../operations/sign-in/callback-address.ts';
import { findDeviceLogin, refuseDeviceLogin } from '../../operations/sign-in/device-login.ts';
import { approveDevice, redeemCode } from '../../operations/sign-in/exchange-code.ts';
import { normalisePhone } from '../../operations/sign-in/phone-number.ts';
import type { Doors } from '../doors.ts';
import { setSessionCookie } from '../middleware/cookies.ts';
import { nextPage } from '../middleware/next-page.ts';
import { type Exchange, type Route, route } from '../surface.ts';
import { askForCode, beginCallback, checkCallback, MAX_BODY_BYTES, networkOf, newTempToken } from './begin-login.ts';
import { deviceName } from './device-name.ts';
import {
  type Carried,
  codePage,
  type DeviceOnPage,
  deviceCodePage,
  phonePage,
  problemPage,
  SCRIPT_HASH,
  sayingPage,
} from './login-page.ts';

const Text = z.string().max(2000).optional();
/** Who sent the person here, and what for. All of it travels through the form. */
const Purpose = {
  callback_uri: Text,
  state: Text,
  setup_id: z.string().min(1).max(200).optional(),
  code_challenge: z
    .string()
    .regex(/^[\w-]{43}$/, 'must be a SHA-256 in base64url (S256)')
    .optional(),
  code_challenge_method: z.literal('S256', 'must be S256').optional(),
  user_code: z.string().max(40).optional(),
  next: Text,
};
/** The plugin's drawing writes `callback`. */
const LoginQuery = z.object({ ...Purpose, callback: Text });
const PhoneForm = z.object({ ...Purpose, phone: z.string().max(64) });
const CodeForm = z.object({
  temp_token: z.string().max(200),
  pairing_code: z.string().max(32),
  next: Text,
  device: Text,
});
const RefuseForm = z.object({ user_code: z.string().max(40) });

type PurposeFields = z.infer<z.ZodObject<typeof Purpose>>;

const carry = ({ callback_uri, state, setup_id, code_challenge, user_code, next }: PurposeFields): Carried => ({
  callback_uri,
  state,
  setup_id,
  code_challenge,
  user_code,
  next,
});

export const loginRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/login',
    auth: 'open',
    summary: 'The page to sign in with a phone',
    schema: { querystring: LoginQuery },
    handle: async ({ doors, query, request, reply }) => {
      const named = query.callback_uri ?? query.callback;
      const callback = named === undefined ? null : checkCallback(doors, withScheme(named));
      const purpose = { ...query, callback_uri: callback?.href };
      return send(reply, await showPhoneForm({ doors, request }, { purpose }), callback);
    },
  }),
  route({
    method: 'POST',
    path: '/login',
    auth: 'open',
    summary: 'The form with the number',
    schema: { body: PhoneForm },
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request, reply }) => {
      const phone = normalisePhone(body.phone);
      const { callback_uri, setup_id, user_code, code_challenge: codeChallenge } = body;
      if (callback_uri !== undefined) {
        return reply.redirect(await beginCallback(doors, request, { ...body, phone, callback_uri }), 303);
      }
      if (setup_id !== undefined) {
        await askForCode(doors, request, { phone, handle: setup_id, codeChallenge });
        return send(reply, sayingPage('Check your phone for the 6-digit SMS code', [BACK_TO_TERMINAL]));
      }
      const handle = newTempToken(doors);
      const device =
        user_code === undefined ? null : await findDeviceLogin(doors.signIn, at({ doors, request }, user_code));
      if (device === undefined) return send(reply.status(400), unknownDevice());
      await askForCode(doors, request, { phone, handle, deviceLoginId: device?.id });
      const carried = { temp_token: handle, next: body.next, device: device ? 'yes' : undefined };
      return send(reply, codePage({ carried, simulated: isSimulated(doors) }));
    },
  }),
  route({
    method: 'POST',
    path: '/login/code',
    auth: 'open',
    summary: 'The form with the code',
    schema: { body: CodeForm },
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request, reply }) => {
      const exchange = {
        handle: body.temp_token,
        code: digitsOf(body.pairing_code),
        deviceName: deviceName(undefined, request.headers['user-agent']),
      };
      if (body.device !== undefined) {
        await approveDevice(doors.signIn, exchange);
        return send(reply, sayingPage('The device is signed in', ['You can close this page and go on there.']));
      }
      const { personId, deviceId } = await redeemCode(doors.signIn, exchange);
      const userAgent = request.headers['user-agent'];
      const screen = await openBrowserSession(doors.context, { personId, strength: 'claimed', deviceId, userAgent });
      setSessionCookie({ request, reply }, doors.context.policy.publicUrl, screen);
      return reply.redirect(nextPage(body.next), 303);
    },
  }),
  route({
    method: 'GET',
    path: '/login/device',
    auth: 'open',
    summary: 'The page to type the code of a device',
    schema: {},
    handle: async ({ reply }) => send(reply, deviceCodePage()),
  }),
  route({
    method: 'POST',
    path: '/login/device/refuse',
    auth: 'open',
    summary: 'Refuse a device that somebody else wants to sign in',
    schema: { body: RefuseForm },
    maxBodyBytes: MAX_BODY_BYTES,
    handle: async ({ doors, body, request, reply }) => {
      const login = await findDeviceLogin(doors.signIn, at({ doors, request }, body.user_code));
      if (login) await refuseDeviceLogin(doors.signIn, login.id);
      return send(reply, sayingPage('The device was refused', ['It gets no access. You can close this page.']));
    },
  }),
];

const BACK_TO_TERMINAL = 'Go back to your terminal and type the code there. You can close this page.';

type Asked = Pick<Exchange, 'doors' | 'request'>;

const at = ({ doors, request }: Asked, userCode: string): { userCode: string; address: string | null } => ({
  userCode,
  address: networkOf(doors, request),
});

const isSimulated = (doors: Doors): boolean => doors.simulatedPhone !== null;

async function showPhoneForm(
  asked: Asked,
  form: { purpose: PurposeFields; phone?: string | undefined; problem?: string | undefined },
): Promise<string> {
  const { purpose, phone, problem } = form;
  const device = purpose.user_code === undefined ? undefined : await deviceOf(asked, purpose.user_code);
  if (device === null) return unknownDevice();
  return phonePage({ carried: carry(purpose), phone, problem, device, simulated: isSimulated(asked.doors) });
}

/** Null: there is none with that code. */
async function deviceOf(asked: Asked, userCode: string): Promise<DeviceOnPage | null> {
  const login = await findDeviceLogin(asked.doors.signIn, at(asked, userCode));
  return login ? { name: login.deviceName, userCode: userCode.toUpperCase() } : null;
}

const unknownDevice = (): string =>
  problemPage('No device is waiting with this code.', [
    'It may be too old: start again on the device and type the new code.',
  ]);

/** A form that could not be taken comes back with what was typed and what is wrong with it. */
export function refuseOnPage(error: CompanionError, { doors, request, reply }: Exchange): string {
  const problem = error.message.replace(/^phone: /, 'This number ');
  const typed = PhoneForm.partial().safeParse(request.body ?? {}).data;
  const codeForm = CodeForm.partial().safeParse(request.body ?? {}).data;
  if (error.code === 'INVALID_REQUEST' && codeForm?.temp_token !== undefined) {
    const { temp_token, next, device } = codeForm;
    return send(reply, codePage({ carried: { temp_token, next, device }, problem, simulated: isSimulated(doors) }));
  }
  if (request.method === 'POST' && typed?.phone !== undefined && !/^callback_uri/.test(problem)) {
    const purpose = { ...typed, user_code: undefined };
    const device = typed.user_code;
    // The device was looked up once for this request; a second look would count as another.
    const carried = { ...carry(purpose), user_code: device };
    const html = phonePage({ carried, phone: typed.phone, problem, simulated: isSimulated(doors) });
    return send(reply, html, callbackOf(doors, typed.callback_uri));
  }
  return send(reply, problemPage(problem, ['Go back to where you came from and start again.']));
}

const callbackOf = (doors: Doors, text: string | undefined): URL | null =>
  allowedCallback(text ?? '', {
    publicUrl: doors.context.policy.publicUrl,
    callbackOrigins: doors.signIn.signIn.policy.callbackOrigins,
  });

/** `callback`: where the form may lead in the end; browsers hold redirects to it too. */
function send(reply: FastifyReply, html: string, callback: URL | null = null): string {
  // A browser cannot be told of an IPv6 address here, so it is told nothing then.
  const formAction = callback?.hostname.startsWith('[') ? [] : [`form-action 'self' ${callback?.origin ?? ''}`.trim()];
  reply
    .type('text/html; charset=utf-8')
    .header('content-security-policy', [...POLICY, ...formAction].join('; '))
    // Not "no-referrer": browsers would then send forms with an Origin of "null".
    .header('referrer-policy', 'same-origin')
    .header('x-frame-options', 'DENY');
  return html;
}

const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  `script-src '${SCRIPT_HASH}'`,
  "frame-ancestors 'none'",
  "base-uri 'none'",
];

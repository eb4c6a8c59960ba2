/** The notifier API of sms-server-api.md and sms-notifier-plugin.md: signing in by phone, monitored sessions. */
import { z } from 'zod';
import type { Surface } from '../surface.ts';
import { wantsPage } from './begin-login.ts';
import { deviceFlowRoutes } from './device-flow.ts';
import { loginRoutes, refuseOnPage } from './login.ts';
import { sessionRoutes } from './sessions.ts';
import { signInRoutes } from './sign-in.ts';

const errorSchema = z.object({
  message: z.string(),
  error: z.string().optional().describe('Of OAuth, where the device flow names one.'),
  error_description: z.string().optional(),
});

export const notifierApi: Surface = {
  name: 'notifier-api',
  prefix: '/auth/',
  routes: [...signInRoutes, ...deviceFlowRoutes, ...sessionRoutes],
  errorSchema,
  errorBody: ({ message }) => ({ message }),
  // The documents know no 403: a token of another kind is a wrong token.
  statusOf: { AUTH_INSUFFICIENT: 401 },
  forms: true,
  refuse: (error, exchange) => (wantsPage(exchange.request) ? refuseOnPage(error, exchange) : undefined),
};

/** The pages of signing in, for people. */
export const loginPages: Surface = {
  name: 'login',
  prefix: '/login',
  routes: loginRoutes,
  errorSchema,
  errorBody: ({ message }) => ({ message }),
  forms: true,
  refuse: refuseOnPage,
};

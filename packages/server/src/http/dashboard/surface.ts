/** Pages for people: the open status page, and the screens of who is signed in. */
import { z } from 'zod';
import type { Surface } from '../surface.ts';
import { ACCOUNT_SCREENS } from './account-screens.ts';
import { ASK_SCREENS } from './ask-screens.ts';
import { ASSETS } from './assets.ts';
import { refuse } from './refuse.ts';
import { SIGN_IN_SCREENS } from './sign-in-screens.ts';
import { STATUS_PAGE } from './status-page.ts';

export const dashboard: Surface = {
  name: 'dashboard',
  forms: true,
  routes: [STATUS_PAGE, ...SIGN_IN_SCREENS, ...ASK_SCREENS, ...ACCOUNT_SCREENS, ...ASSETS],
  errorSchema: z.object({ error: z.string(), code: z.string(), suggestion: z.string() }),
  errorBody: ({ code, message, suggestion }) => ({ error: message, code, suggestion }),
  refuse,
};

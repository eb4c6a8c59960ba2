/** What every row of a signed-in screen has in common: the visit, the form token, one address for all screens. */
import { CompanionError } from '@claude-companion/protocol';
import { z } from 'zod';
import { screensOrigin } from '../../operations/passkeys/relying-party.ts';
import { checkFormToken, type Visit } from '../middleware/visit.ts';
import { type Parsed, type Route, type RouteSchema, route } from '../surface.ts';

export interface ScreenRow<S extends RouteSchema> {
  method: 'GET' | 'POST';
  path: string;
  summary: string;
  schema: S;
  show(parsed: Parsed<S>, visit: Visit): Promise<unknown>;
}

/** The least that a form of ours has. */
export const FormBody = z.object({ form: z.string().optional() });
/** A form about one of the things in a list. */
export const IdForm = FormBody.extend({ id: z.string().max(2_000) });

/** The rule `screen` lets in only who is signed in; a form must also stand on a page of that sign-in. */
export const screen = <S extends RouteSchema>({ show, ...row }: ScreenRow<S>): Route =>
  route<S>({
    ...row,
    auth: 'screen',
    handle: async (parsed) => {
      const { visit } = parsed.request;
      if (!visit) throw new CompanionError('AUTH_REQUIRED', 'Sign in first.');
      if (row.method === 'POST') checkFormToken(visit, (parsed.body as z.infer<typeof FormBody> | undefined)?.form);
      return show(parsed, visit);
    },
  });

/** What pages need to write moments. */
export const timeOf = ({
  context: { clock, policy },
}: Parsed<RouteSchema>['doors']): { now: Date; timeZone: string } => ({
  now: clock.now(),
  timeZone: policy.timeZone,
});

/**
 * The same page under the one address of screens, when it was opened at another one of this machine: browsers keep sign-ins
 * of `127.0.0.1` and `localhost` apart, and have passkeys for the name only. Null when it was opened there.
 */
export function properAddress({ doors, request }: Pick<Parsed<RouteSchema>, 'doors' | 'request'>): string | null {
  const { headers, url } = request;
  const here = new URL(`http://${headers.host}`);
  const there = new URL(screensOrigin(doors.context.policy.publicUrl));
  const moved = (here.hostname === '127.0.0.1' || here.hostname === '[::1]') && there.hostname === 'localhost';
  return moved && here.port === there.port ? `${there.origin}${url}` : null;
}

/** One entry point for every operation: finds the row that a path names and calls it, as if it had been called itself. */
import { CompanionError, InvocationSchema } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { mayCall } from '../../auth/callers.ts';
import { type Route, route, runRow, type Surface } from '../surface.ts';

type Invocation = z.infer<typeof InvocationSchema>;

/** `rows`: what can be named. Streams cannot: they have no body to answer with. */
export function invocations(rows: readonly Route[]): Surface['routes'][number] {
  const table = rows.filter(({ stream }) => stream !== 'always').map((row) => ({ row, pattern: patternOf(row.path) }));
  return route({
    method: 'POST',
    path: '/invocations',
    auth: 'person',
    summary: 'Run any operation of this API by its path',
    description:
      'Answers with the body and the status of the operation. `{names}` in the path are filled in from `path_params`; `query` ' +
      'holds the parameters that would stand behind a question mark. The model gateway (/v1) cannot be reached through it.',
    schema: { body: InvocationSchema },
    errors: ['NOT_FOUND', ...new Set(table.flatMap(({ row }) => row.errors ?? []))],
    maxBodyBytes: Math.max(0, ...rows.map(({ maxBodyBytes = 0 }) => maxBodyBytes)),
    handle: async ({ body, doors, request, reply }) => {
      const { method = 'POST' } = body;
      const { path, query } = filledIn(body);
      for (const { row, pattern } of table) {
        const found = row.method === method ? pattern.exec(path) : null;
        if (!found) continue;
        const params = Object.fromEntries(
          Object.entries(found.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
        );
        refuseByRule(row, request);
        return runRow(row, { params, query, body: body.payload }, { doors, request, reply });
      }
      throw new CompanionError('NOT_FOUND', `There is no operation ${method} ${path.slice(0, 200)}.`);
    },
  });
}

/** The rule of the row that is named holds as if it had been called itself. */
function refuseByRule({ auth }: Route, { caller }: FastifyRequest): void {
  if (auth === 'open' || (caller !== null && mayCall(auth, caller))) return;
  throw new CompanionError('AUTH_INSUFFICIENT', 'This token may not do that.');
}

/** `/sessions/:session_id/status` → one segment for each name, a literal path before one with names. */
function patternOf(path: string): RegExp {
  const segments = path.split('/').map((segment) => {
    const name = /^:(\w+)$/.exec(segment)?.[1];
    return name ? `(?<${name}>[^/]+)` : segment.replace(/[^\w-]/g, '\\$&');
  });
  return new RegExp(`^${segments.join('/')}$`);
}

function filledIn({ path: template, path_params: values = {}, query = {} }: Invocation): {
  path: string;
  query: Record<string, string>;
} {
  const [bare = '', search = ''] = template.split(/\?(.*)/s);
  const path = bare.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw new CompanionError('INVALID_REQUEST', `path_params.${name}: is missing.`);
    return encodeURIComponent(value);
  });
  return { path, query: { ...Object.fromEntries(new URLSearchParams(search)), ...query } };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new CompanionError('NOT_FOUND', 'The path cannot be read.');
  }
}

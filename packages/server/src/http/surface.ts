/**
 * A surface is one document's set of routes with its own spelling of errors. Routes are rows of a table; `auth` has no
 * default, so a route without a rule does not compile.
 */
import { CompanionError, type ErrorCode } from '@claude-companion/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

export interface RouteSchema {
  params?: z.ZodType;
  querystring?: z.ZodType;
  body?: z.ZodType;
  response?: z.ZodType;
}

/** The parsed parts of a request, typed by the route's schema. */
export interface Parsed<S extends RouteSchema> {
  params: S['params'] extends z.ZodType ? z.infer<S['params']> : undefined;
  query: S['querystring'] extends z.ZodType ? z.infer<S['querystring']> : undefined;
  body: S['body'] extends z.ZodType ? z.infer<S['body']> : undefined;
  request: FastifyRequest;
  reply: FastifyReply;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** `owner`: needs the owner's token. `open`: anybody who reaches the port. */
  auth: 'owner' | 'open';
  summary: string;
  schema: RouteSchema;
  /** Answers with what it returns; returns `undefined` when it wrote to `reply.raw` itself. */
  handle(parsed: Parsed<RouteSchema>): Promise<unknown>;
}

/** Ties a route's handler to its schema: inside `handle`, everything has the parsed type. */
export function route<S extends RouteSchema>(
  row: Omit<Route, 'handle' | 'schema'> & { schema: S; handle(parsed: Parsed<S>): Promise<unknown> },
): Route {
  return row as unknown as Route;
}

export interface ErrorBody {
  code: ErrorCode;
  message: string;
  suggestion: string;
}

export interface Surface {
  name: string;
  routes: readonly Route[];
  /** The documented shape of an error on this surface. */
  errorBody(error: ErrorBody): unknown;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    auth?: Route['auth'];
  }
}

function parsePart(part: keyof RouteSchema, schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.length ? issue.path.join('.') : part;
  throw new CompanionError('INVALID_REQUEST', `${where}: ${issue?.message ?? 'not valid'}`);
}

export function registerSurface(app: FastifyInstance, surface: Surface): void {
  app.register(async (scope) => {
    scope.setErrorHandler(async (error, request, reply) => {
      const known = toCompanionError(error);
      if (known.status >= 500) request.log.error({ err: error, surface: surface.name }, 'a request failed');
      return reply.status(known.status).send(surface.errorBody(known));
    });
    for (const row of surface.routes) {
      scope.route({
        method: row.method,
        url: row.path,
        config: { auth: row.auth },
        handler: async (request, reply) => {
          const result = await row.handle({
            params: parsePart('params', row.schema.params, request.params),
            query: parsePart('querystring', row.schema.querystring, request.query),
            body: parsePart('body', row.schema.body, request.body),
            request,
            reply,
          } as Parsed<RouteSchema>);
          return reply.raw.headersSent ? reply.hijack() : result;
        },
      });
    }
  });
}

/** The only place that guesses: what Fastify or a library threw becomes one of our codes. */
export function toCompanionError(error: unknown): CompanionError {
  if (error instanceof CompanionError) return error;
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413) return new CompanionError('REQUEST_TOO_LARGE', 'The request is too large.', { cause: error });
  if (status === 415) return new CompanionError('UNSUPPORTED_MEDIA_TYPE', 'Send application/json.', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new CompanionError('INVALID_REQUEST', 'The request cannot be read as JSON.', { cause: error });
  }
  return new CompanionError('SERVER_ERROR', 'The server could not do that.', { cause: error });
}

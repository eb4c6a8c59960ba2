/**
 * A surface is one document's set of routes with its own spelling of errors. Routes are rows of a table: the server, the
 * OpenAPI document and /invocations read the same rows. `auth` has no default, so a route without a rule does not compile.
 */
import { CompanionError, type ErrorCode } from '@claude-companion/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Caller, Rule } from '../auth/callers.ts';
import { refuseForeign } from '../operations/refuse-foreign.ts';
import type { Doors } from './doors.ts';
import { actorOf } from './middleware/actor.ts';
import { refuseUnstorable, replaceUnstorable } from './middleware/storable-text.ts';

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
  doors: Doors;
  request: FastifyRequest;
  reply: FastifyReply;
}

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  auth: Rule;
  summary: string;
  /** More for readers of the documentation. */
  description?: string;
  schema: RouteSchema;
  /** Refusals of its own, besides those that every route of its kind can give. */
  errors?: readonly ErrorCode[];
  /** `always`: the answer is an event stream. `accepted`: only for callers who accept `text/event-stream`. */
  stream?: 'always' | 'accepted';
  /**
   * What becomes of text that the database cannot hold (NUL, half of a surrogate pair, as `substring` leaves it): the request is
   * refused, or the character is replaced, where it is better kept than exact.
   * @defaultValue 'refused'
   */
  unstorableText?: 'refused' | 'replaced';
  /** @defaultValue the limit of the server, 1 MiB */
  maxBodyBytes?: number;
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
  /** Paths that begin so are this surface's, also those that no row has. */
  prefix?: string;
  routes: readonly Route[];
  /** The documented shape of an error on this surface. */
  errorSchema: z.ZodType;
  errorBody(error: ErrorBody): unknown;
  /** Codes whose documented status here is another than in the table of the protocol. */
  statusOf?: Partial<Record<ErrorCode, number>>;
  /** Answers refusals itself, as pages for people are; in place of `errorBody`. */
  refuse?(error: CompanionError, exchange: Exchange): unknown;
  /** Takes the bodies that forms of pages send. @defaultValue JSON only */
  forms?: boolean;
}

export interface Exchange {
  doors: Doors;
  request: FastifyRequest;
  reply: FastifyReply;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    auth?: Route['auth'];
  }
  interface FastifyRequest {
    /** Who presented a known token, on open routes too. */
    caller: Caller | null;
  }
}

/** What a caller sent for a route, not yet looked at. */
export interface RawParts {
  params: unknown;
  query: unknown;
  body: unknown;
}

/** @throws CompanionError INVALID_REQUEST that names the field; NOT_FOUND for a path that cannot name anything */
export function parseParts(row: Route, raw: RawParts): Pick<Parsed<RouteSchema>, 'params' | 'query' | 'body'> {
  const { params, querystring, body } = row.schema;
  if (row.unstorableText === 'replaced') replaceUnstorable(raw.body);
  return {
    params: parsePart('path', params, raw.params),
    query: parsePart('query', querystring, raw.query),
    body: parsePart('body', body, raw.body),
  } as Pick<Parsed<RouteSchema>, 'params' | 'query' | 'body'>;
}

function parsePart(part: 'path' | 'query' | 'body', schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  if (part !== 'path') refuseUnstorable(value, part);
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // It may repeat the names of unknown fields, which a caller can make as long as the body.
  const message = (issue?.message ?? 'not valid').slice(0, 300);
  if (part === 'path') throw new CompanionError('NOT_FOUND', message);
  const where = issue?.path.length ? issue.path.join('.') : part;
  throw new CompanionError(isTooLong(issue) ? 'REQUEST_TOO_LARGE' : 'INVALID_REQUEST', `${where}: ${message}`);
}

/** A text longer than any body without pictures may be is told as what it is: too large. */
const TOO_LONG = 1_000_000;
const isTooLong = (issue: z.core.$ZodIssue | undefined): boolean =>
  issue?.code === 'too_big' && issue.origin === 'string' && Number(issue.maximum) >= TOO_LONG;

/** Rules that let people in, each to what is their own. */
const OWN_THINGS_ONLY: Record<Rule, boolean> = {
  open: false,
  owner: false,
  person: true,
  answer: true,
  host: true,
  session: false,
  screen: true,
};

/** Runs a row for somebody its rule let in: what the path names must be theirs. Every way to a handler leads through here. */
export async function runRow(row: Route, raw: RawParts, exchange: Exchange): Promise<unknown> {
  if (OWN_THINGS_ONLY[row.auth]) {
    // First of all: how a body is refused must not tell whether there is such a thing.
    const named = parsePart('path', row.schema.params, raw.params) as Record<string, unknown> | undefined;
    await refuseForeign(exchange.doors.context, actorOf(exchange.request), named ?? {});
  }
  return row.handle({ ...parseParts(row, raw), ...exchange });
}

export function registerSurface(app: FastifyInstance, surface: Surface, doors: Doors): void {
  app.register(async (scope) => {
    if (surface.forms) acceptForms(scope);
    scope.setErrorHandler(async (error, request, reply) => {
      const known = toCompanionError(error);
      const { status, headers } = errorStatus(surface, known);
      if (status >= 500) doors.context.logger.error({ err: error, surface: surface.name }, 'a request failed');
      // What was already streamed cannot be taken back.
      if (reply.raw.headersSent) return reply.hijack();
      reply.headers(headers).status(status);
      return reply.send(surface.refuse?.(known, { doors, request, reply }) ?? surface.errorBody(known));
    });
    for (const row of surface.routes) {
      scope.route({
        method: row.method,
        url: row.path,
        config: { auth: row.auth },
        ...(row.maxBodyBytes !== undefined && { bodyLimit: row.maxBodyBytes }),
        handler: async (request, reply) => {
          const { params, query, body } = request;
          const result = await runRow(row, { params, query, body }, { doors, request, reply });
          return reply.raw.headersSent ? reply.hijack() : result;
        },
      });
    }
  });
}

/** A name that comes several times (boxes of one question) is a list. */
function acceptForms(scope: FastifyInstance): void {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    const fields: Record<string, string | string[]> = {};
    const form = new URLSearchParams(body.toString());
    for (const name of new Set(form.keys())) {
      const values = form.getAll(name);
      Object.defineProperty(fields, name, {
        value: values.length === 1 ? values[0] : values,
        enumerable: true,
      });
    }
    done(null, fields);
  });
}

export function errorStatus(
  surface: Pick<Surface, 'statusOf'>,
  error: Pick<CompanionError, 'code' | 'status'> & { retryAfterS?: number | undefined },
): { status: number; headers: Record<string, string> } {
  const status = surface.statusOf?.[error.code] ?? error.status;
  const wait = { 'retry-after': String(error.retryAfterS ?? 1) };
  return { status, headers: status === 429 || status === 503 ? wait : {} };
}

const CODE_OF_STATUS: Record<number, [code: ErrorCode, message: string]> = {
  413: ['REQUEST_TOO_LARGE', 'The request is too large.'],
  // A path with a longer id than any there is.
  414: ['NOT_FOUND', 'There is nothing at this path.'],
  415: ['UNSUPPORTED_MEDIA_TYPE', 'Send application/json.'],
};

/** The only place that guesses: what Fastify or a library threw becomes one of our codes. */
export function toCompanionError(error: unknown): CompanionError {
  if (error instanceof CompanionError) {
    // Its own words name the database's address, which is for the operator's log only.
    if (error.code !== 'STORE_UNAVAILABLE') return error;
    return new CompanionError(error.code, 'The database cannot be used right now.', { cause: error });
  }
  const { statusCode: status, code: cause } = error as { statusCode?: unknown; code?: unknown };
  const [code, message] = (typeof status === 'number' && CODE_OF_STATUS[status]) || [];
  if (code && message) return new CompanionError(code, message, { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    const what = cause === 'FST_ERR_BAD_URL' ? 'The path cannot be read.' : 'The request cannot be read as JSON.';
    return new CompanionError('INVALID_REQUEST', what, { cause: error });
  }
  return new CompanionError('SERVER_ERROR', 'The server could not do that.', { cause: error });
}

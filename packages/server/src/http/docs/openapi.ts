/** The OpenAPI document, made from the rows of the surfaces and nothing else: what is not in a row is not promised. */
import { ERROR_CODES, type ErrorCode, EXAMPLE_REQUEST_ID, EXAMPLE_SESSION_ID } from '@claude-companion/protocol';
import { z } from 'zod';
import { errorStatus, type Route, type Surface } from '../surface.ts';

type Json = Record<string, unknown>;

const DESCRIPTION = [
  'Runs Claude Code agents, reaches their owner when one needs a person, and carries the answer back.',
  '',
  'Every call but `/health` and those for signing in needs a token: `Authorization: Bearer <token>`. The owner’s opens everything; the',
  'server says at its start where it keeps it. That of a paired phone opens what belongs to its person: the rest is not found.',
  'A request that changes something may carry an `Idempotency-Key`: sent again with the same key, it answers as the first time.',
].join('\n');

const TAGS: Readonly<Record<string, string>> = {
  'agent-api': 'Sessions of agents, messages to them, permission requests.',
  'companion-api': 'Asks, the live stream of a session, the simulated phone.',
  'notifier-api': 'Signing in by phone, paired devices, sessions that are monitored in a terminal.',
};

/** Any row can be refused for these. */
const EVERYWHERE: readonly ErrorCode[] = [
  'HOST_NOT_ALLOWED',
  'ORIGIN_NOT_ALLOWED',
  'SERVER_ERROR',
  'STORE_UNAVAILABLE',
];
const WITH_TOKEN: readonly ErrorCode[] = ['AUTH_REQUIRED', 'AUTH_INVALID', 'AUTH_INSUFFICIENT'];
const WITH_BODY: readonly ErrorCode[] = ['INVALID_REQUEST', 'REQUEST_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];

export function openApiDocument(surfaces: readonly Surface[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const surface of surfaces) {
    for (const row of surface.routes) {
      const path = row.path.replace(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [row.method.toLowerCase()]: operation(surface, row) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Claude Companion', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/', description: 'this server' }],
    security: [{ token: [] }],
    tags: surfaces.map(({ name }) => ({ name, description: TAGS[name] ?? name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        surfaces.map(({ name, errorSchema }) => [errorName(name), jsonSchema(errorSchema, 'output')]),
      ),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(surface: Surface, row: Route): Json {
  const { params, querystring, body } = row.schema;
  const parameters = [...parametersOf('path', params), ...parametersOf('query', querystring)];
  return {
    operationId: operationId(row),
    tags: [surface.name],
    summary: row.summary,
    ...(row.description !== undefined && { description: row.description }),
    ...(row.auth === 'open' && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: { 'application/json': mediaType(jsonSchema(body, 'input')) },
      },
    }),
    responses: { 200: success(row), ...refusals(surface, row) },
  };
}

const errorName = (surface: string): string => `error-of-${surface}`;

/** `POST /sessions/:session_id/messages` → `postSessionsMessages`. */
function operationId({ method, path }: Route): string {
  const words = path
    .split(/[/_-]/)
    .filter((word) => word !== '' && !word.startsWith(':') && word !== 'id')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const one = /:\w+$/.test(path) ? 'One' : '';
  return `${method.toLowerCase()}${words.join('')}${one}`;
}

const EXAMPLES: Readonly<Record<string, string>> = {
  session_id: EXAMPLE_SESSION_ID,
  sessionId: EXAMPLE_SESSION_ID,
  askId: EXAMPLE_REQUEST_ID,
};

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: Json; required?: string[] };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: property,
    ...(place === 'path' && EXAMPLES[name] !== undefined && { example: EXAMPLES[name] }),
  }));
}

function success(row: Route): Json {
  const body = row.schema.response ? mediaType(jsonSchema(row.schema.response, 'output')) : { schema: {} };
  const events = { 'text/event-stream': { schema: { type: 'string', description: 'Server-sent events.' } } };
  const content = {
    ...(row.stream !== 'always' && { 'application/json': body }),
    ...(row.stream !== undefined && events),
  };
  return { description: row.summary, content };
}

/** One entry for each status, with every code that has it. */
function refusals(surface: Surface, row: Route): Json {
  const codes = new Set<ErrorCode>([
    ...EVERYWHERE,
    ...(row.auth === 'open' ? [] : WITH_TOKEN),
    ...(row.method === 'GET' ? [] : WITH_BODY),
    ...(row.schema.querystring ? (['INVALID_REQUEST'] as const) : []),
    ...(row.schema.params ? (['NOT_FOUND'] as const) : []),
    ...(row.errors ?? []),
  ]);
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorStatus(surface, { code, status: ERROR_CODES[code].status });
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = { $ref: `#/components/schemas/${errorName(surface.name)}` };
  const entries = [...byStatus].sort(([a], [b]) => a - b);
  return Object.fromEntries(
    entries.map(([status, list]) => [
      status,
      {
        description: [...new Set(list.map((code) => ERROR_CODES[code].suggestion))].join(' Or: '),
        content: { 'application/json': { schema } },
      },
    ]),
  );
}

/** The examples of a schema stand beside it, where both pages show them and a test finds them. */
function mediaType({ examples, ...schema }: Json): Json {
  if (!Array.isArray(examples)) return { schema };
  return { schema, examples: Object.fromEntries(examples.map((value, index) => [`example ${index + 1}`, { value }])) };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // The pattern says what the format says, for nobody who reads it.
    override: ({ jsonSchema: made }) => {
      if (made.format === 'uuid' || made.format === 'date-time') delete made.pattern;
      if (made.contentEncoding !== undefined) delete made.format;
    },
  });
  return rest;
}

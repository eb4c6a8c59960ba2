/** The committed OpenAPI document, as a caller reads it, and a judge for answers. */
import { readFileSync } from 'node:fs';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';

export type JsonSchema = Record<string, unknown>;

interface MediaType {
  schema: JsonSchema;
  examples?: Record<string, { value: unknown }>;
}

export interface Operation {
  operationId: string;
  parameters?: { name: string; in: 'path' | 'query'; required: boolean; schema: JsonSchema }[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, { content?: Record<string, MediaType> }>;
  security?: unknown[];
}

export interface Call {
  path: string;
  method: 'GET' | 'POST' | 'DELETE';
  operation: Operation;
}

export const DOCUMENT = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
};

export const CALLS: readonly Call[] = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method: method.toUpperCase() as Call['method'],
    operation,
  })),
);

export const bodyOf = ({ operation }: Call): MediaType | undefined =>
  operation.requestBody?.content['application/json'];

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajvFormats.default(ajv);
ajv.addSchema(DOCUMENT, 'document');
const validators = new Map<string, ValidateFunction>();

const pointer = (...steps: string[]): string =>
  steps.map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('');

function judge(where: string, value: unknown): string[] {
  const validate = validators.get(where) ?? ajv.compile({ $ref: `document#${where}` });
  validators.set(where, validate);
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** What is wrong with an answer: an undocumented status, or a body that is not what the document says. */
export function faultsOfAnswer({ path, method, operation }: Call, status: number, body: unknown): string[] {
  const documented = operation.responses[status]?.content?.['application/json'];
  if (!documented) return [`${method} ${path} is not said to answer ${status}: ${JSON.stringify(body)}`];
  const where = pointer(
    'paths',
    path,
    method.toLowerCase(),
    'responses',
    String(status),
    'content',
    'application/json',
    'schema',
  );
  return judge(where, body).map((fault) => `${method} ${path} ${status}: ${fault}`);
}

export function faultsOfRequest({ path, method }: Call, body: unknown): string[] {
  return judge(
    pointer('paths', path, method.toLowerCase(), 'requestBody', 'content', 'application/json', 'schema'),
    body,
  );
}

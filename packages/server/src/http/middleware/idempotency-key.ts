import { createHash } from 'node:crypto';
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';
import type { Idempotency } from '../../operations/change-session.ts';

const MAX_KEY_LENGTH = 200;

/**
 * The request's `Idempotency-Key`, bound to its path and body: the same key for something else is refused. Each person has keys
 * of their own: the first result of another's is none of theirs.
 */
export function idempotencyOf(request: FastifyRequest): Idempotency | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || key === '' || key.length > MAX_KEY_LENGTH) {
    throw new CompanionError('INVALID_REQUEST', `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters.`);
  }
  const what = JSON.stringify([request.method, request.url, request.body]);
  const { caller } = request;
  const whose = caller?.kind === 'user' ? `${caller.personId}:` : '';
  return { key: `http:${whose}${key}`, fingerprint: createHash('sha256').update(what).digest('hex') };
}

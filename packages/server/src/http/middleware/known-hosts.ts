/**
 * Refuses requests that were not meant for this server: a Host the server does not know (DNS rebinding) or an Origin that
 * is not one of its own. Lists are exact; forwarded headers are never looked at.
 */
import { CompanionError } from '@claude-companion/protocol';
import type { FastifyRequest } from 'fastify';

export interface KnownHosts {
  port: number;
  host: string;
  publicUrl: string | undefined;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export function hostNames({ port, host, publicUrl }: KnownHosts): Set<string> {
  const names = [...LOOPBACK, host.includes(':') ? `[${host}]` : host].map((name) => `${name}:${port}`);
  if (port === 80) names.push(...LOOPBACK);
  if (publicUrl) names.push(new URL(publicUrl).host);
  return new Set(names);
}

export function checkHost(request: FastifyRequest, known: KnownHosts): void {
  const names = hostNames(known);
  if (!names.has(request.headers.host ?? '')) {
    throw new CompanionError('HOST_NOT_ALLOWED', 'This server does not answer to that host name.');
  }
  const { origin } = request.headers;
  if (origin === undefined) return;
  const own = new Set([...names].map((name) => `http://${name}`));
  if (known.publicUrl) own.add(new URL(known.publicUrl).origin);
  if (!own.has(origin))
    throw new CompanionError('ORIGIN_NOT_ALLOWED', 'Pages of other sites may not call this server.');
}

/** The one cookie of a signed-in browser. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Over https the name begins with `__Host-`, so that no other host or path can set it. Over http, which is only meant for the
 * machine of the server itself, it carries the port: cookies do not tell the servers of one machine apart.
 */
function cookieName({ host = '', secure }: { host: string | undefined; secure: boolean }): string {
  return secure ? '__Host-companion' : `companion-${/:(\d+)$/.exec(host)?.[1] ?? '80'}`;
}

/** Whether the browser came by https. Told by the configured address alone, never by forwarded headers. */
const isSecure = (request: FastifyRequest, publicUrl: string): boolean => {
  const url = new URL(publicUrl);
  return url.protocol === 'https:' && url.host === request.headers.host;
};

const nameFor = (request: FastifyRequest, publicUrl: string): string =>
  cookieName({ host: request.headers.host, secure: isSecure(request, publicUrl) });

/** The secret of the browser's session; null without one. Of two cookies of one name, which some page may have set, none counts. */
export function sessionCookie(request: FastifyRequest, publicUrl: string): string | null {
  const name = nameFor(request, publicUrl);
  const values = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [value] = values;
  return values.length === 1 && value !== undefined && /^[\w-]{20,200}$/.test(value) ? value : null;
}

interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

export function setSessionCookie(
  { request, reply }: Exchange,
  publicUrl: string,
  { secret, expiresAt }: { secret: string; expiresAt: string },
): void {
  const expires = new Date(expiresAt).toUTCString();
  reply.header('set-cookie', cookieText(request, publicUrl, `${secret}; Expires=${expires}`));
}

export function clearSessionCookie({ request, reply }: Exchange, publicUrl: string): void {
  reply.header('set-cookie', cookieText(request, publicUrl, '; Max-Age=0'));
}

function cookieText(request: FastifyRequest, publicUrl: string, value: string): string {
  const secure = isSecure(request, publicUrl) ? '; Secure' : '';
  return `${nameFor(request, publicUrl)}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}

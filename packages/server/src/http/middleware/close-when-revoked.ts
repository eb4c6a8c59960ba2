/** A connection lives no longer than the token that opened it. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Time for an answer that is being written; the request that revokes its own token is one. */
const LAST_WORDS_MS = 300;

/** `onRevoked` calls back once and returns what stops it. */
export function closeWhenRevoked(
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  onRevoked: (tokenId: string, callback: () => void) => () => void,
): void {
  const { caller } = request;
  if (caller?.kind !== 'user') return;
  const { raw } = reply;
  const stop = onRevoked(caller.tokenId, () => {
    if (raw.headersSent) raw.destroy();
    else setTimeout(() => raw.destroy(), LAST_WORDS_MS).unref();
  });
  raw.once('close', stop);
}

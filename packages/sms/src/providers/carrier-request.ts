/**
 * One request to a carrier, with what must hold for all of them: an attempt to connect is repeated, because nothing was
 * sent; a request that may have arrived is never repeated here, because carriers have no idempotency key for texts.
 */
import type { Sleep } from '../clock.ts';
import { messageOf } from '../logger.ts';
import { type SendFailure, sendFailure } from '../send-result.ts';
import { type HttpClient, HttpFailure, type HttpRequest, type HttpResponse } from './http-client.ts';

export interface CarrierRequestOptions {
  carrier: string;
  http: HttpClient;
  sleep: Sleep;
  /** How often an attempt to connect is repeated, after 1 s, 2 s, 4 s …. */
  connectRetries: number;
}

export type CarrierAnswer = { answered: true; response: HttpResponse } | { answered: false; failure: SendFailure };

export async function requestCarrier(options: CarrierRequestOptions, request: HttpRequest): Promise<CarrierAnswer> {
  const { carrier, http, sleep, connectRetries } = options;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await http(request);
      if (response.status >= 300 && response.status < 400) return { answered: false, failure: redirected(carrier) };
      return { answered: true, response };
    } catch (error) {
      const repeat = kindOf(error) === 'unreachable' && attempt < connectRetries;
      if (!repeat) return { answered: false, failure: unanswered(carrier, error) };
      await sleep(1_000 * 2 ** attempt);
    }
  }
}

function kindOf(error: unknown): HttpFailure['kind'] {
  if (error instanceof HttpFailure) return error.kind;
  const name = error instanceof Error ? error.name : '';
  return name === 'TimeoutError' || name === 'AbortError' ? 'timeout' : 'broken';
}

function unanswered(carrier: string, error: unknown): SendFailure {
  const reason = messageOf(error);
  const failures: Record<HttpFailure['kind'], () => SendFailure> = {
    unreachable: () =>
      sendFailure('CONNECTION_ERROR', `${carrier} cannot be reached (${reason}). Check the network and the base URL.`),
    timeout: () =>
      sendFailure('TIMEOUT', `${carrier} did not answer in time (${reason}). The text may have been taken.`, {
        ambiguous: true,
      }),
    broken: () =>
      sendFailure('CONNECTION_ERROR', `The connection to ${carrier} broke (${reason}). The text may have been taken.`, {
        ambiguous: true,
      }),
  };
  return failures[kindOf(error)]();
}

/** Credentials go to the configured host only. */
function redirected(carrier: string): SendFailure {
  return sendFailure(
    'CONFIGURATION',
    `${carrier} answered with a redirect, which is not followed: the credentials would go to another address. Check the base URL.`,
  );
}

/** Why credentials must not go to `baseUrl`, or undefined. Plain HTTP is taken for the loopback, where an emulator stands. */
export function baseUrlFault(baseUrl: string): string | undefined {
  if (!URL.canParse(baseUrl)) return `The base URL ${JSON.stringify(baseUrl)} is no URL.`;
  const { protocol, hostname } = new URL(baseUrl);
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
  if (protocol === 'https:' || (protocol === 'http:' && loopback)) return undefined;
  return 'The base URL must begin with https://: the credentials would be readable on the way.';
}

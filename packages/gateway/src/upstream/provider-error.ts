/** What a provider refused, in Anthropic's shape: its type by status, its words without secrets, its headers that help. */
import { ApiError, type ErrorType, errorTypeOf } from '../anthropic/errors.ts';
import { isObject, type Json, parseJson, textOr } from '../json.ts';
import { contextError, type RequestSize } from './context-errors.ts';
import type { UpstreamHead } from './http-client.ts';
import { redact } from './redact.ts';

/** A provider as messages need to know it. */
export interface ErrorSource {
  provider: string;
  keySource: string;
  secrets: readonly string[];
}

export interface ProviderRefusal {
  status: number;
  headers: UpstreamHead['headers'];
  body: string;
}

/** Kept on the way back, because clients act on them. */
const KEPT_HEADER = /^(retry-after|retry-after-ms|x-should-retry|anthropic-ratelimit-.+|x-ratelimit-.+)$/;

export function keptHeaders(headers: UpstreamHead['headers']): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && KEPT_HEADER.test(name)) kept[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return kept;
}

function errorIn(body: unknown): Json {
  const value = Array.isArray(body) ? body[0] : body;
  if (!isObject(value)) return {};
  if (isObject(value.error)) return value.error;
  return value;
}

/** The sentence in an error body, in whichever of the usual places it stands; the empty string when there is none. */
function errorText(body: unknown): string {
  if (typeof body === 'string') return body;
  const error = errorIn(body);
  const outer = isObject(body) ? body : {};
  const nested = isObject(error.metadata) ? textOr(error.metadata.raw, '') : '';
  for (const candidate of [error.message, error.detail, outer.error, outer.message, outer.detail, error.msg]) {
    if (typeof candidate === 'string' && candidate !== '') return nested === '' ? candidate : `${candidate}: ${nested}`;
  }
  return nested;
}

function errorCode(body: unknown): string {
  const { code, type, status } = errorIn(body);
  return [code, type, status].filter((part) => typeof part === 'string').join(' ');
}

const NOT_JSON = 'answered with something that is not JSON; is its base URL right?';

function wordsOf(refusal: ProviderRefusal, source: ErrorSource): string {
  const body = parseJson(refusal.body);
  if (body === undefined) {
    const html = /^\s*<(!doctype|html)/i.test(refusal.body);
    const plain = refusal.body.trim();
    return html || plain === '' || plain.length > 300 ? NOT_JSON : redact(plain, source.secrets);
  }
  return redact(errorText(body), source.secrets) || 'gave no reason';
}

const QUOTA = /insufficient_quota|insufficient[ _](?:balance|credits?)|exceeded your current quota|billing_hard_limit/i;

/** Statuses whose meaning for the caller of the gateway is another than their own. */
function typeFor(status: number, text: string): ErrorType {
  if (QUOTA.test(text)) return 'billing_error';
  if (status === 408 || status === 504 || status === 524) return 'timeout_error';
  // Clients try again after 529, and wait as they do for Anthropic.
  if (status === 503 || status === 529) return 'overloaded_error';
  return errorTypeOf(status);
}

function sentence(type: ErrorType, words: string, source: ErrorSource): string {
  if (type === 'authentication_error' || type === 'permission_error') {
    return `${source.provider} refused the key in ${source.keySource}. Check that it is valid and may use this model.`;
  }
  return `${source.provider}: ${words}`;
}

export function providerError(refusal: ProviderRefusal, source: ErrorSource, size: RequestSize): ApiError {
  const body = parseJson(refusal.body);
  const text = `${errorCode(body)} ${body === undefined ? refusal.body.slice(0, 4000) : errorText(body)}`;
  const { status } = refusal;
  const overflow =
    status === 400 || status === 413 || status === 422 || status === 500 ? contextError(text, size) : null;
  if (overflow) return overflow;
  const headers = keptHeaders(refusal.headers);
  if (status >= 300 && status < 400) {
    const message = `${source.provider} answered with a redirect, which is not followed. Set its base URL to the final address.`;
    return new ApiError('api_error', message, { status: 502 });
  }
  const type = status < 400 ? 'api_error' : typeFor(status, text);
  const finer = type === 'api_error' ? { status: status < 500 ? 502 : status } : {};
  return new ApiError(type, sentence(type, wordsOf(refusal, source), source), { headers, ...finer });
}

const STREAM_ERROR_STATUS: readonly (readonly [pattern: RegExp, status: number])[] = [
  [/rate.?limit|too_many_requests|RESOURCE_EXHAUSTED|throttl/i, 429],
  [/overloaded|unavailable|capacity/i, 529],
  [/context_length|invalid_request|INVALID_ARGUMENT|validation/i, 400],
  [/auth|permission|PERMISSION_DENIED|UNAUTHENTICATED/i, 401],
  [/timeout|deadline/i, 504],
];

/** An error that came inside an answer whose status was 200; the body then has to tell what kind it is. */
export function streamedError(body: unknown, source: ErrorSource, size: RequestSize): ApiError {
  const { code } = errorIn(body);
  const named = `${errorCode(body)} ${errorText(body)}`;
  const status =
    typeof code === 'number' && code >= 400 && code < 600
      ? code
      : (STREAM_ERROR_STATUS.find(([pattern]) => pattern.test(named))?.[1] ?? 502);
  return providerError({ status, headers: {}, body: JSON.stringify(body) ?? '' }, source, size);
}

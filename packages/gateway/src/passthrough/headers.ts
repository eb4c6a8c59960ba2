/** Which headers go to Anthropic, and which come back. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Upstream } from '../routing/upstream.ts';
import type { UpstreamHead } from '../upstream/http-client.ts';
import { keptHeaders } from '../upstream/provider-error.ts';

/**
 * About the caller and his request. Everything else stays here: what belongs to the connection, his token for this gateway,
 * cookies, addresses of proxies.
 */
const TO_PROVIDER = /^(anthropic-.+|user-agent|x-app|x-claude-code-.+|x-stainless-.+)$/;
/** `anthropic-dangerous-direct-browser-access` goes with a browser's origin, which we are not. */
const NOT_TO_PROVIDER = new Set(['anthropic-dangerous-direct-browser-access']);
const DEFAULT_VERSION = '2023-06-01';

function authorization({ auth, key }: Upstream): Record<string, string> {
  if (key === null) return {};
  return auth === 'bearer' ? { authorization: `Bearer ${key}` } : { 'x-api-key': key };
}

export function requestHeaders(headers: IncomingHttpHeaders, upstream: Upstream): Record<string, string> {
  const forwarded: Record<string, string> = {
    'content-type': 'application/json',
    'anthropic-version': DEFAULT_VERSION,
  };
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !TO_PROVIDER.test(name) || NOT_TO_PROVIDER.has(name)) continue;
    if (name === 'anthropic-beta' && !upstream.quirks.betas) continue;
    forwarded[name] = Array.isArray(value) ? value.join(',') : value;
  }
  // No accept-encoding: the answer is watched for its usage, so it has to come as it is.
  return { ...forwarded, ...authorization(upstream), ...upstream.headers };
}

export function responseHeaders({ headers }: UpstreamHead): Record<string, string> {
  const kept = keptHeaders(headers);
  for (const name of ['content-type', 'content-encoding', 'request-id', 'anthropic-organization-id']) {
    const value = headers[name];
    if (typeof value === 'string') kept[name] = value;
  }
  return kept;
}

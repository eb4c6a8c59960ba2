import type { Upstream } from '../routing/upstream.ts';

/** `2024-10-21`, `2025-04-01-preview`: the deployment stands in the path. `v1`, `preview`: it is the model in the body. */
const DATED_VERSION = /^\d{4}-\d{2}-\d{2}/;

function azureUrl({ baseUrl, extra }: Upstream, deployment: string): URL {
  const version = extra.apiVersion ?? 'v1';
  const resource = baseUrl.replace(/\/openai(\/v1)?$/, '');
  const path = DATED_VERSION.test(version)
    ? `/openai/deployments/${encodeURIComponent(deployment)}/chat/completions`
    : '/openai/v1/chat/completions';
  const url = new URL(resource + path);
  url.searchParams.set('api-version', version);
  return url;
}

function authorization({ auth, key }: Upstream): Record<string, string> {
  if (key === null || auth === 'none') return {};
  return auth === 'bearer' ? { authorization: `Bearer ${key}` } : { [auth]: key };
}

/** Where a chat completion is asked for, and with which headers. The host comes from the configuration only. */
export function chatEndpoint(upstream: Upstream, model: string): { url: URL; headers: Record<string, string> } {
  const url =
    upstream.provider === 'azure' ? azureUrl(upstream, model) : new URL(`${upstream.baseUrl}/chat/completions`);
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'user-agent': 'claude-companion-gateway',
    ...authorization(upstream),
    ...upstream.headers,
  };
  return { url, headers };
}

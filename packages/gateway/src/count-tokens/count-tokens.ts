/** `POST /v1/messages/count_tokens`: Anthropic's own count where it serves the model, else an estimate that errs upwards. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseCountTokensRequest } from '../anthropic/messages-request.ts';
import { estimateInputTokens } from '../anthropic/token-estimate.ts';
import { countOf, objectOf, parseJson } from '../json.ts';
import { requestHeaders } from '../passthrough/headers.ts';
import { forwardedCountBytes } from '../passthrough/request-bytes.ts';
import type { ReceivedBody } from '../request-body.ts';
import type { Target } from '../routing/router.ts';
import type { UpstreamClient } from '../upstream/http-client.ts';

export interface TokenCount {
  inputTokens: number;
  /** Nobody counted; the number is somewhat too large. */
  estimated: boolean;
}

export interface CountRequest {
  received: ReceivedBody;
  target: Target;
  headers: IncomingHttpHeaders;
  signal: AbortSignal;
}

const MAX_ANSWER_BYTES = 64 * 1024;

/** Null when the provider does not count, or not now. */
async function countAtProvider(request: CountRequest, client: UpstreamClient): Promise<number | null> {
  const { received, target, headers, signal } = request;
  if (target.kind === 'demo' || target.upstream.wire !== 'anthropic') return null;
  const { upstream, model } = target;
  const chunks: Buffer[] = [];
  let status = 0;
  let size = 0;
  const url = new URL(`${upstream.baseUrl.replace(/\/v1$/, '')}/v1/messages/count_tokens`);
  const body = forwardedCountBytes({ received, model, betas: upstream.quirks.betas });
  const { mayBePrivate } = upstream;
  try {
    await client.send(
      { url, headers: requestHeaders(headers, upstream), body, signal, mayBePrivate },
      {
        onHead: (head) => {
          status = head.status;
          return (chunk) => {
            size += chunk.length;
            if (size <= MAX_ANSWER_BYTES) chunks.push(chunk);
            return undefined;
          };
        },
      },
    );
  } catch {
    return null;
  }
  const answer = objectOf(parseJson(Buffer.concat(chunks).toString('utf8')));
  return status === 200 ? (countOf(answer.input_tokens) ?? null) : null;
}

/** @throws ApiError when the body is no request. */
export async function countTokens(request: CountRequest, client: UpstreamClient): Promise<TokenCount> {
  parseCountTokensRequest(request.received.body);
  const counted = await countAtProvider(request, client);
  if (counted !== null) return { inputTokens: counted, estimated: false };
  return { inputTokens: estimateInputTokens(request.received.body), estimated: true };
}

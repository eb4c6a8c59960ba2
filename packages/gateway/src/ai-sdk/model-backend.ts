import { APICallError, type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { ApiError } from '../anthropic/errors.ts';
import type { EventBackend, Exchange } from '../backend.ts';
import { readConversation } from '../conversation/read-conversation.ts';
import { ToolNames } from '../conversation/tool-names.ts';
import { isObject, objectOf, parseJson, textOr } from '../json.ts';
import { clampMaxTokens, limitsOf } from '../models/model-limits.ts';
import type { Upstream } from '../routing/upstream.ts';
import type { RequestSize } from '../upstream/context-errors.ts';
import { outputCap } from '../upstream/context-errors.ts';
import { toTransportError, type UpstreamClient } from '../upstream/http-client.ts';
import { providerError, streamedError } from '../upstream/provider-error.ts';
import { languageModel, type TranslatedWire } from './language-models.ts';
import { ModelStream } from './model-stream.ts';
import { callOptions, type ModelCall } from './prompt.ts';

export interface ModelBackendOptions {
  client: UpstreamClient;
  ids: () => string;
}

/** The status, headers and body of a refusal; the body is missing when the provider package has parsed it already. */
function refusalOf(error: APICallError) {
  const status = error.statusCode ?? 0;
  const body = error.responseBody ?? JSON.stringify({ error: { message: error.message } });
  return { status, headers: error.responseHeaders ?? {}, body };
}

/** Failures of the way are wrapped by the packages, sometimes twice. */
function rootCause(error: unknown): unknown {
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error && cause.cause instanceof Error; depth += 1)
    cause = cause.cause;
  return cause;
}

function isRefusal(error: unknown): error is APICallError {
  return APICallError.isInstance(error) && (error.statusCode ?? 0) >= 300;
}

/** Whatever a provider package throws or streams as an error. */
function toError(error: unknown, upstream: Upstream, size: RequestSize): ApiError {
  if (error instanceof ApiError) return error;
  if (isRefusal(error)) return providerError(refusalOf(error), upstream, size);
  const root = rootCause(error);
  if (root instanceof Error && 'code' in root && /^(UND_ERR|E[A-Z]+)/.test(String(root.code)))
    return toTransportError(root);
  if (APICallError.isInstance(error) && error.statusCode === 200) {
    return providerError({ status: 200, headers: {}, body: error.responseBody ?? '' }, upstream, size);
  }
  if (APICallError.isInstance(error)) return toTransportError(root);
  if (isObject(error) && !(error instanceof Error)) return streamedError(error, upstream, size);
  const { statusCode, data } = objectOf(error) as { statusCode?: unknown; data?: unknown };
  if (typeof statusCode === 'number') {
    const body = JSON.stringify({ error: { message: error instanceof Error ? error.message : '' } });
    return providerError({ status: statusCode, headers: {}, body }, upstream, size);
  }
  if (isObject(data)) return streamedError(data, upstream, size);
  const name = error instanceof Error ? error.name : '';
  if (/^AI_(Unsupported|InvalidPrompt|InvalidArgument)/.test(name)) {
    const message = `${upstream.provider} cannot take this request: ${textOr(objectOf(error).message, 'it has a part of an unknown kind')}`;
    return new ApiError('invalid_request_error', message.slice(0, 500), { cause: error });
  }
  const message = `${upstream.provider} gave an answer that cannot be read. Try again.`;
  return new ApiError('api_error', message, { status: 502, cause: error });
}

/** The cap on `max_tokens` that a refusal names, if it is one. */
function capOf(error: unknown): number | null {
  if (!isRefusal(error) || (error.statusCode ?? 500) >= 500) return null;
  const text = error.responseBody ?? error.message;
  const parsed = parseJson(text);
  return outputCap(isObject(parsed) ? JSON.stringify(parsed) : text);
}

async function pump(parts: ReadableStream<LanguageModelV4StreamPart>, reader: ModelStream, exchange: Exchange) {
  const source = parts.getReader();
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) return;
      if (value.type === 'error') throw value.error;
      reader.accept(value);
      if (reader.stopped) return;
      const drained = exchange.drained();
      if (drained) await drained;
    }
  } finally {
    // Closes the connection when the rest is not wanted.
    source.cancel().catch(() => undefined);
  }
}

/** Translates through the provider packages of the AI SDK, for the formats that are not OpenAI's chat. */
export function createModelBackend({ client, ids }: ModelBackendOptions): EventBackend {
  return {
    async answer(exchange, upstream) {
      const { body, model, stream, signal, estimateInput } = exchange;
      const { provider, quirks, mayBePrivate } = upstream;
      const wire = upstream.wire as TranslatedWire;
      const names = new ToolNames();
      const conversation = readConversation(body, { provider, quirks, names });
      const language = await languageModel(upstream, model, client.dispatcher(mayBePrivate));
      const wanted = clampMaxTokens(model, conversation.maxTokens);
      const size = { estimateInput, maxTokens: wanted, contextWindow: limitsOf(model).contextWindow };
      const ask = async (maxTokens: number) => {
        const call: ModelCall = { wire, model, maxTokens, conversation, quirks };
        return language.doStream({ ...callOptions(call), abortSignal: signal });
      };
      try {
        const answer = await ask(wanted).catch((error: unknown) => {
          const cap = capOf(error);
          if (cap === null || cap >= wanted) throw error;
          return ask(cap);
        });
        const { stopSequences } = conversation;
        const reader = new ModelStream({ stream, provider, names, ids, stopSequences });
        await pump(answer.stream, reader, exchange);
        if (!reader.complete) {
          throw new ApiError('api_error', `${provider} ended its answer before it was complete. Try again.`, {
            status: 502,
          });
        }
        reader.end();
      } catch (error) {
        if (signal.aborted) throw error;
        throw toError(error, upstream, size);
      }
    },
  };
}

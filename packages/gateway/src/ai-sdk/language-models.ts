/**
 * The model of a provider whose format we do not write ourselves. Each package is loaded when it is first needed: together they
 * would cost a server that uses none of them some ten megabytes. Nothing is read from the process environment.
 */
import type { LanguageModelV4 } from '@ai-sdk/provider';
import { type Dispatcher, fetch as undiciFetch } from 'undici';
import type { Wire } from '../routing/provider.ts';
import type { Upstream } from '../routing/upstream.ts';

export type TranslatedWire = Exclude<Wire, 'anthropic' | 'openai-chat'>;

type Fetch = typeof globalThis.fetch;

/** Redirects come back as they are, which reads as a refusal. */
function fetchThrough(dispatcher: Dispatcher): Fetch {
  const request = (input: unknown, init: object = {}) =>
    undiciFetch(input as string, { ...init, redirect: 'manual', dispatcher });
  return request as unknown as Fetch;
}

type Create = (upstream: Upstream, model: string, fetch: Fetch) => Promise<LanguageModelV4>;

const CREATE: Record<TranslatedWire, Create> = {
  async google({ baseUrl: baseURL, key, headers }, model, fetch) {
    const { createGoogle } = await import('@ai-sdk/google');
    return createGoogle({ baseURL, apiKey: key ?? '', headers, fetch })(model);
  },
  async cohere({ baseUrl: baseURL, key, headers }, model, fetch) {
    const { createCohere } = await import('@ai-sdk/cohere');
    return createCohere({ baseURL, apiKey: key ?? '', headers, fetch })(model);
  },
  async 'openai-responses'({ baseUrl: baseURL, key, headers }, model, fetch) {
    const { createOpenAI } = await import('@ai-sdk/openai');
    return createOpenAI({ baseURL, apiKey: key ?? '', headers, fetch }).responses(model);
  },
  async bedrock({ baseUrl: baseURL, key, extra, headers }, model, fetch) {
    const { createAmazonBedrock } = await import('@ai-sdk/amazon-bedrock');
    const { region = '', accessKeyId, secretAccessKey = '', sessionToken } = extra;
    // An empty key, not a missing one: a missing one would be looked for in the environment of the process.
    const bearer = extra.bearer ?? (accessKeyId === undefined ? (key ?? '') : '');
    const credentials = { accessKeyId: accessKeyId ?? '', secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    return createAmazonBedrock({ region, baseURL, apiKey: bearer, headers, fetch, ...credentials })(model);
  },
};

export function languageModel(upstream: Upstream, model: string, dispatcher: Dispatcher): Promise<LanguageModelV4> {
  return CREATE[upstream.wire as TranslatedWire](upstream, model, fetchThrough(dispatcher));
}

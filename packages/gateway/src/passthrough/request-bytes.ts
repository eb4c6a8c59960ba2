/** What Anthropic is sent: the bytes as they came, unless something in them must not go there. */
import { isOwnSignature, OWN_SIGNATURE_PREFIX } from '../anthropic/own-signature.ts';
import { isObject, type Json, listOf } from '../json.ts';
import { clampMaxTokens } from '../models/model-limits.ts';
import type { ReceivedBody } from '../request-body.ts';

export interface ForwardedRequest {
  received: ReceivedBody;
  /** By the provider's name. */
  model: string;
  /** The provider knows Anthropic's beta fields. */
  betas: boolean;
}

/** As bytes: a text is three times slower to find. */
const OWN_SIGNATURE = Buffer.from(OWN_SIGNATURE_PREFIX);

/** Fields that only come with a beta header; others than Anthropic refuse them as "Extra inputs". */
const BETA_FIELDS = ['context_management', 'output_config', 'mcp_servers', 'container', 'betas', 'service_tier'];

function withoutOwnThinking(message: unknown): unknown[] {
  if (!isObject(message) || !Array.isArray(message.content)) return [message];
  const content = message.content.filter(
    (block) => !(isObject(block) && block.type === 'thinking' && isOwnSignature(block.signature)),
  );
  if (content.length === message.content.length) return [message];
  return content.length === 0 ? [] : [{ ...message, content }];
}

function blocksOf(content: unknown): unknown[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : [...listOf(content)];
}

/**
 * System messages within the conversation are a beta, too. They become the last words of the user's turn, where they part no call
 * from its outcome.
 */
function withoutSystemMessages(messages: readonly unknown[]): unknown[] {
  const folded: Json[] = [];
  let waiting: unknown[] = [];
  for (const { output_config: _, ...message } of messages.filter(isObject)) {
    const last = folded.at(-1);
    if (message.role === 'system') {
      if (last?.role === 'user') last.content = [...blocksOf(last.content), ...blocksOf(message.content)];
      else waiting.push(...blocksOf(message.content));
    } else if (message.role === 'user' && waiting.length > 0) {
      folded.push({ ...message, content: [...blocksOf(message.content), ...waiting] });
      waiting = [];
    } else folded.push(message);
  }
  return waiting.length > 0 ? [...folded, { role: 'user', content: waiting }] : folded;
}

function plainBody(body: Json): Json {
  const entries = Object.entries(body).filter(([name]) => !BETA_FIELDS.includes(name));
  const rest = Object.fromEntries(entries);
  const tools = Array.isArray(rest.tools)
    ? rest.tools.filter((tool) => !(isObject(tool) && tool.defer_loading === true))
    : undefined;
  const thinking = isObject(rest.thinking) && rest.thinking.type === 'adaptive' ? undefined : rest.thinking;
  return { ...rest, ...(tools ? { tools } : {}), thinking, messages: withoutSystemMessages(listOf(rest.messages)) };
}

function changesTo({ received, model }: ForwardedRequest): Json {
  const changes: Json = {};
  if (received.scalar('model') !== model) changes.model = model;
  if (received.bytes.includes(OWN_SIGNATURE)) {
    changes.messages = listOf(received.body.messages).flatMap(withoutOwnThinking);
  }
  return changes;
}

function withChanges({ received, betas }: ForwardedRequest, changes: Json): Buffer {
  if (betas && Object.keys(changes).length === 0) return received.bytes;
  const full = { ...received.body, ...changes };
  return Buffer.from(JSON.stringify(betas ? full : plainBody(full)));
}

/** The same buffer when nothing has to change, which is the usual case. */
export function forwardedBytes(request: ForwardedRequest): Buffer {
  const changes = changesTo(request);
  if (request.received.scalar('max_tokens') === undefined)
    changes.max_tokens = clampMaxTokens(request.model, undefined);
  return withChanges(request, changes);
}

/** The count of tokens takes no `max_tokens`. */
export function forwardedCountBytes(request: ForwardedRequest): Buffer {
  return withChanges(request, changesTo(request));
}

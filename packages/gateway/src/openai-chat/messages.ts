/** The turns of a conversation as chat messages. */
import { createHash } from 'node:crypto';
import type { AssistantPart, Conversation, MediaSource, Turn, UserPart } from '../conversation/conversation.ts';
import type { Json } from '../json.ts';
import type { Quirks } from '../routing/provider.ts';

/** OpenAI takes up to 40 characters. */
const ACCEPTED_ID = /^[\w-]{1,40}$/;
const NINE_ID = /^[A-Za-z0-9]{9}$/;

/** The same id always becomes the same, so that calls and outcomes stay together. */
function callId(id: string, style: Quirks['callIds']): string {
  if (style === 'nine') {
    if (NINE_ID.test(id)) return id;
    return createHash('sha256').update(id).digest('hex').slice(0, 9);
  }
  return ACCEPTED_ID.test(id) ? id : `call_${createHash('sha256').update(id).digest('hex').slice(0, 24)}`;
}

function urlOf(source: MediaSource, mediaType: string): string {
  return source.kind === 'url' ? source.url : `data:${mediaType};base64,${source.data}`;
}

function userPart(part: UserPart): Json {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const url = urlOf(part.source, part.mediaType);
  if (part.type === 'image') return { type: 'image_url', image_url: { url } };
  return { type: 'file', file: { filename: part.title, file_data: url } };
}

/** Text alone goes as a string, which every server takes; a list of parts only where media need it. */
function userContent(parts: readonly UserPart[]): string | Json[] {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  return texts.length === parts.length ? texts.join('\n\n') : parts.map(userPart);
}

function toolCall(part: Extract<AssistantPart, { type: 'call' }>, quirks: Quirks): Json {
  return {
    id: callId(part.id, quirks.callIds),
    type: 'function',
    function: { name: part.name, arguments: JSON.stringify(part.input) },
    ...(part.note ? { extra_content: part.note } : {}),
  };
}

function assistantMessage(parts: readonly AssistantPart[], quirks: Quirks): Json {
  const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n\n');
  const thinking = parts.flatMap((part) => (part.type === 'thinking' ? [part.text] : [])).join('\n\n');
  const calls = parts.flatMap((part) => (part.type === 'call' ? [toolCall(part, quirks)] : []));
  const details = parts.flatMap((part) => (part.type === 'thinking' && part.note ? (part.note.details ?? []) : []));
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    ...(quirks.thinkingBack === 'reasoning_content' && thinking !== '' ? { reasoning_content: thinking } : {}),
    ...(details.length > 0 ? { reasoning_details: details } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

function failed(text: string): string {
  return /^error/i.test(text) ? text : `Error: ${text}`;
}

type Renderers = { [Role in Turn['role']]: (turn: Extract<Turn, { role: Role }>, quirks: Quirks) => Json[] };

const RENDERERS: Renderers = {
  user: ({ parts }) => [{ role: 'user', content: userContent(parts) }],
  assistant: ({ parts }, quirks) => {
    const message = assistantMessage(parts, quirks);
    return message.content === '' && !message.reasoning_content ? [] : [message];
  },
  tool: ({ outcomes }, quirks) =>
    outcomes.map(({ callId: id, text, isError }) => ({
      role: 'tool',
      tool_call_id: callId(id, quirks.callIds),
      content: isError ? failed(text) : text,
    })),
  system: ({ text }) => [{ role: 'system', content: text }],
};

export function chatMessages(conversation: Conversation, quirks: Quirks): Json[] {
  const first = conversation.system === '' ? [] : [{ role: 'system', content: conversation.system }];
  const turns = conversation.turns.flatMap((turn) => {
    const render = RENDERERS[turn.role] as (turn: Turn, quirks: Quirks) => Json[];
    return render(turn, quirks);
  });
  return [...first, ...turns];
}

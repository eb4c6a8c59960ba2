/** Reads content blocks of a user's message or of a tool result. Media keep their place, everything unknown becomes words. */
import { isObject, type Json, listOf, objectOf, textOr } from '../json.ts';
import type { MediaSource, UserPart } from './conversation.ts';

/** What the provider can take besides text. */
export interface MediaSupport {
  images: boolean;
  documents: boolean;
}

function text(value: string): UserPart[] {
  return value.trim() === '' ? [] : [{ type: 'text', text: value }];
}

function mediaSource(source: Json): MediaSource | null {
  if (source.type === 'base64' && typeof source.data === 'string') return { kind: 'base64', data: source.data };
  if (source.type === 'url' && typeof source.url === 'string') return { kind: 'url', url: source.url };
  return null;
}

function image(block: Json, support: MediaSupport): UserPart[] {
  const source = objectOf(block.source);
  const found = mediaSource(source);
  if (!support.images || !found) return text('[An image stood here. This model cannot see it.]');
  return [{ type: 'image', mediaType: textOr(source.media_type, 'image/png'), source: found }];
}

function document(block: Json, support: MediaSupport): UserPart[] {
  const source = objectOf(block.source);
  const title = textOr(block.title, 'document.pdf');
  if (source.type === 'text') return text(textOr(source.data, ''));
  if (source.type === 'content') return readUserContent(source.content, support);
  const found = mediaSource(source);
  if (!support.documents || !found) {
    return text(
      `[The document "${title}" stood here. This model cannot read documents of this kind; ask for its text.]`,
    );
  }
  return [{ type: 'document', mediaType: textOr(source.media_type, 'application/pdf'), title, source: found }];
}

function searchResult(block: Json, support: MediaSupport): UserPart[] {
  const head = [textOr(block.title, ''), textOr(block.source, '')].filter((part) => part !== '').join(' ');
  return [...text(head), ...readUserContent(block.content, support)];
}

type Reader = (block: Json, support: MediaSupport) => UserPart[];

const READERS: Readonly<Record<string, Reader>> = {
  text: (block) => text(textOr(block.text, '')),
  image,
  document,
  search_result: searchResult,
  tool_reference: (block) => text(`The tool ${textOr(block.tool_name, '')} is available now.`),
  // A thought of another model in a user's message has no meaning.
  thinking: () => [],
  redacted_thinking: () => [],
};

function readBlock(value: unknown, support: MediaSupport): UserPart[] {
  if (!isObject(value)) return [];
  const reader = Object.hasOwn(READERS, textOr(value.type, '')) ? READERS[String(value.type)] : undefined;
  if (reader) return reader(value, support);
  const { cache_control: _, ...rest } = value;
  return text(JSON.stringify(rest));
}

export function readUserContent(content: unknown, support: MediaSupport): UserPart[] {
  if (typeof content === 'string') return text(content);
  return listOf(content).flatMap((block) => readBlock(block, support));
}

/** A tool result as words, and the media in it: no other format takes media there, so they follow in the user's turn. */
export function readToolResult(content: unknown, support: MediaSupport): { text: string; media: UserPart[] } {
  const parts = readUserContent(content, support);
  const media = parts.filter((part) => part.type !== 'text');
  const words = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (media.length > 0) words.push('[What the tool returned besides text follows in the next message.]');
  return { text: words.join('\n'), media };
}

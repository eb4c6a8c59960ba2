/**
 * Estimates, not counts: nobody outside Anthropic has its tokenizer. They err upwards, because a client that is told too
 * little never compacts its conversation and then meets the real limit. English prose is about 4 characters a token and
 * JSON about 3; other scripts need up to one token a character.
 */
const CHARACTERS_PER_TOKEN = 3.5;
/** Anthropic's ceiling for one image. */
const IMAGE_TOKENS = 1600;
/** A PDF page is about 1,500 to 3,000 tokens and rarely less than 30 KB of base64. */
const DOCUMENT_CHARACTERS_PER_TOKEN = 10;

/** Never below a quarter of the characters; 0 only for the empty text. */
export function estimateTokens(text: string): number {
  let beyondAscii = 0;
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) beyondAscii += 1;
  return Math.ceil((text.length - beyondAscii) / CHARACTERS_PER_TOKEN + beyondAscii);
}

function isBase64Source(value: object): value is { type: 'base64'; media_type?: unknown; data: string } {
  return 'type' in value && value.type === 'base64' && 'data' in value && typeof value.data === 'string';
}

function estimate(value: unknown): number {
  if (typeof value === 'string') return estimateTokens(value) + 1;
  if (typeof value !== 'object' || value === null) return 1;
  if (isBase64Source(value)) {
    const isImage = String(value.media_type).startsWith('image/');
    return isImage
      ? IMAGE_TOKENS
      : Math.max(IMAGE_TOKENS, Math.ceil(value.data.length / DOCUMENT_CHARACTERS_PER_TOKEN));
  }
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + estimate(item), 1);
  return Object.entries(value).reduce((sum, [key, item]) => sum + estimateTokens(key) + estimate(item), 1);
}

/** Input tokens of a whole request body: its system text, messages and tools. */
export function estimateInputTokens(body: { system?: unknown; messages?: unknown; tools?: unknown }): number {
  return estimate([body.system ?? '', body.messages ?? '', body.tools ?? '']);
}

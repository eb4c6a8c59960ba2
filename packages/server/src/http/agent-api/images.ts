/**
 * Pictures of a message. A picture that is not what it says would fail not only this turn: it stays in the conversation, and
 * the provider would refuse every later one too. So its first bytes are looked at before it goes in.
 */
import {
  CompanionError,
  type ImageMediaType,
  type PromptImage,
  type SendMessageSchema,
} from '@claude-companion/protocol';
import type { z } from 'zod';

const SIGNATURES: Record<ImageMediaType, (head: Buffer) => boolean> = {
  'image/png': (head) => head.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
  'image/jpeg': (head) => head.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  'image/gif': (head) => /^GIF8[79]a/.test(head.toString('latin1')),
  'image/webp': (head) => /^RIFF[\s\S]{4}WEBP/.test(head.toString('latin1')),
};
const HEAD_CHARACTERS = 64;

export function checkedImages(attachments: z.infer<typeof SendMessageSchema>['attachments']): PromptImage[] {
  return (attachments ?? []).map(({ media_type: mediaType, data }, index) => {
    if (!SIGNATURES[mediaType](Buffer.from(data.slice(0, HEAD_CHARACTERS), 'base64'))) {
      throw new CompanionError('INVALID_REQUEST', `attachments.${index}.data: is no ${mediaType}.`);
    }
    return { mediaType, data };
  });
}

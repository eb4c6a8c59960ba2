import type { ImageMediaType } from '@claude-companion/protocol';
import { describe, expect, test } from 'vitest';
import { checkedImages } from './images.ts';

const HEADS: Record<ImageMediaType, Buffer> = {
  'image/png': Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'),
  'image/jpeg': Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
  'image/gif': Buffer.from('GIF89a\x01\0\x01\0', 'latin1'),
  'image/webp': Buffer.from('RIFF\x24\0\0\0WEBPVP8 ', 'latin1'),
};
const TYPES = Object.keys(HEADS) as ImageMediaType[];
const attachment = (media_type: ImageMediaType, bytes: Buffer) => [
  { type: 'image' as const, media_type, data: bytes.toString('base64') },
];

describe('a picture', () => {
  test.each(TYPES)('%s is taken for what it is and for nothing else', (type) => {
    const data = HEADS[type].toString('base64');
    expect(checkedImages(attachment(type, HEADS[type]))).toEqual([{ mediaType: type, data }]);
    for (const other of TYPES.filter((each) => each !== type)) {
      expect(() => checkedImages(attachment(other, HEADS[type]))).toThrow(`attachments.0.data: is no ${other}`);
    }
  });

  test('that is cut, or text, is none', () => {
    for (const type of TYPES) {
      expect(() => checkedImages(attachment(type, HEADS[type].subarray(0, 2)))).toThrow('is no');
      expect(() => checkedImages(attachment(type, Buffer.from('<svg></svg>')))).toThrow('is no');
    }
    expect(checkedImages(undefined)).toEqual([]);
  });
});

/**
 * Sealing of phone numbers and short texts at rest. AES-256-CBC and then HMAC-SHA-256 over all of it, with two keys derived
 * from one that is kept outside the database. CBC rather than GCM because `pgcrypto` can read it: an operator who has the
 * key can look numbers up in SQL.
 *
 * A sealed text is `v1.<iv>.<ciphertext>.<mac>`, each part in base64.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

export interface Seal {
  /** Another text each time. */
  seal(plain: string): string;
  /** @throws when the text was not sealed with this key, or was changed */
  open(sealed: string): string;
  /** The same for the same text, and nobody without the key can tell which: for look-ups and unique columns. */
  index(plain: string): string;
  /** The key of the cipher alone, in hex: what SQL needs to read a sealed number. */
  readonly cipherKey: string;
}

/** Bytes of the key that everything is derived from. */
export const SEAL_KEY_BYTES = 32;

export function createSeal(key: Uint8Array): Seal {
  if (key.length < SEAL_KEY_BYTES) throw new Error(`The key must have at least ${SEAL_KEY_BYTES} bytes.`);
  const derived = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', key, '', `claude-companion ${purpose}`, SEAL_KEY_BYTES));
  const [cipherKey, macKey, indexKey] = [derived('seal'), derived('seal mac'), derived('index')];
  const mac = (text: string): Buffer => createHmac('sha256', macKey).update(text).digest();

  return {
    cipherKey: cipherKey.toString('hex'),
    seal(plain) {
      const iv = randomBytes(16);
      const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      const sealed = `v1.${iv.toString('base64')}.${body.toString('base64')}`;
      return `${sealed}.${mac(sealed).toString('base64')}`;
    },
    open(sealed) {
      const [version, iv, body, tag] = sealed.split('.');
      if (version !== 'v1' || iv === undefined || body === undefined || tag === undefined) throw notOurs();
      const [given, expected] = [Buffer.from(tag, 'base64'), mac(`${version}.${iv}.${body}`)];
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw notOurs();
      const decipher = createDecipheriv('aes-256-cbc', cipherKey, Buffer.from(iv, 'base64'));
      return Buffer.concat([decipher.update(Buffer.from(body, 'base64')), decipher.final()]).toString('utf8');
    },
    index: (plain) => createHmac('sha256', indexKey).update(plain).digest('base64url'),
  };
}

const notOurs = (): Error =>
  new Error('This was not sealed with the key of this server. Is DATA_KEY the one it was made with?');

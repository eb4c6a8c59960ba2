import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { type Clock, systemClock } from '../clock.ts';

/** A request as Telnyx signed it. */
export interface TelnyxSignedRequest {
  /** The body, byte for byte as it came. */
  body: string;
  /** The header `telnyx-signature-ed25519`, in base64. */
  signature: string;
  /** The header `telnyx-timestamp`, in Unix seconds. */
  timestamp: string;
  /** The account's public key, in base64. */
  publicKey: string;
  /** How far the timestamp may be from now, in seconds: an older request is a replay. Default 300. */
  toleranceSeconds?: number;
  clock?: Clock;
}

/** The DER frame that makes 32 raw bytes an Ed25519 public key. */
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether Telnyx signed this request: Ed25519 over `<timestamp>|<body>`. Anything malformed is false. */
export function verifyTelnyxSignature(request: TelnyxSignedRequest): boolean {
  const { body, signature, timestamp, publicKey, toleranceSeconds = 300, clock = systemClock } = request;
  const key = ed25519Key(publicKey);
  if (!key || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(clock.now() / 1_000 - Number(timestamp)) > toleranceSeconds) return false;
  const bytes = Buffer.from(signature, 'base64');
  return bytes.length === 64 && verify(null, Buffer.from(`${timestamp}|${body}`), key, bytes);
}

/** The key of 32 raw bytes in base64, or undefined when it is none. */
export function ed25519Key(publicKey: string): KeyObject | undefined {
  const raw = Buffer.from(publicKey, 'base64');
  if (raw.length !== 32) return undefined;
  return createPublicKey({ key: Buffer.concat([ED25519_SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
}

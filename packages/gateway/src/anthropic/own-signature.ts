/**
 * The signature of thinking that did not come from Anthropic. It must be non-empty, recognisable as ours, and never be sent to
 * Anthropic, which would refuse the conversation. Callers send it back unchanged, so it also carries what a provider wants
 * to see again: the thought signatures of Gemini, the encrypted reasoning of OpenAI. Nothing has to be kept on this side,
 * and a conversation survives a restart.
 */
import { isObject, type Json, objectOf, parseJson } from '../json.ts';

/** Base64 of "claude-companion-". */
export const OWN_SIGNATURE_PREFIX = 'Y2xhdWRlLWNvbXBhbmlvbi1';

export interface SealedNote {
  /** Provider id; a note is only for the provider that wrote it. */
  provider: string;
  /** About the thinking block itself. */
  thinking?: Json;
  /** By the id of the tool call that follows. */
  calls?: Record<string, Json>;
}

export function isOwnSignature(signature: unknown): signature is string {
  return typeof signature === 'string' && signature.startsWith(OWN_SIGNATURE_PREFIX);
}

export function sealNote(note: SealedNote): string {
  return OWN_SIGNATURE_PREFIX + Buffer.from(JSON.stringify(note)).toString('base64url');
}

/** Null for signatures of others and for ours that carry nothing for `provider`. */
export function openNote(signature: unknown, provider: string): SealedNote | null {
  if (!isOwnSignature(signature)) return null;
  const text = Buffer.from(signature.slice(OWN_SIGNATURE_PREFIX.length), 'base64url').toString('utf8');
  const note = parseJson(text);
  if (!isObject(note) || note.provider !== provider) return null;
  const calls = Object.entries(objectOf(note.calls)).filter((entry): entry is [string, Json] => isObject(entry[1]));
  return {
    provider,
    ...(isObject(note.thinking) ? { thinking: note.thinking } : {}),
    ...(calls.length > 0 ? { calls: Object.fromEntries(calls) } : {}),
  };
}

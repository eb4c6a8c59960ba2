/** Texts of providers are shown to callers, so they lose every secret and every address first. */

const MAX_CHARACTERS = 1000;
/** Providers echo keys in part: `Incorrect API key provided: sk-proj-ab********wxyz`. */
const KEY_LIKE = /\b((sk|gsk|xai|pk|rk|key|hf|nvapi|r8|pplx|csk|fw)[-_]|AIza|AKIA|ASIA)[\w*.-]{8,}/g;
const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi;
const ADDRESS = /\bhttps?:\/\/[^\s"'<>)]+/gi;
/** A piece of a secret this long is a secret. */
const PIECE = 8;

function withoutSecret(text: string, secret: string): string {
  let clean = text.replaceAll(secret, '[redacted]');
  for (const piece of [secret.slice(0, PIECE), secret.slice(-PIECE)]) {
    if (piece.length === PIECE && secret.length > PIECE) clean = clean.replaceAll(piece, '[redacted]');
  }
  return clean;
}

export function redact(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce(withoutSecret, text);
  return clean
    .replace(BEARER, '$1 [redacted]')
    .replace(KEY_LIKE, '[redacted]')
    .replace(ADDRESS, '[address]')
    .slice(0, MAX_CHARACTERS);
}

/** Where a login may go back to with its temp_token: this machine, the server itself, or an origin that the operator listed. Pure. */

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export interface CallbackRules {
  publicUrl: string;
  callbackOrigins: ReadonlySet<string>;
}

/** @returns the address as it will be used, or null when it is not allowed */
export function allowedCallback(text: string, { publicUrl, callbackOrigins }: CallbackRules): URL | null {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return null;
  const loopback = url.protocol === 'http:' && LOOPBACK.has(url.hostname);
  const listed = callbackOrigins.has(url.origin) || url.origin === URL.parse(publicUrl)?.origin;
  // An origin of "null" belongs to every odd scheme at once.
  const web = url.protocol === 'http:' || url.protocol === 'https:';
  return web && (loopback || listed) ? url : null;
}

/** The callback with what the client needs to go on. What is built here is what was checked. */
export function redirectTo(callback: URL, { tempToken, state }: { tempToken: string; state: string | null }): string {
  const url = new URL(callback);
  url.searchParams.set('temp_token', tempToken);
  if (state !== null) url.searchParams.set('state', state);
  return url.href;
}

/** The plugin's drawing writes `callback=localhost:1234`, without a scheme. */
export const withScheme = (text: string): string =>
  /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(\/|\?|$)/.test(text) ? `http://${text}` : text;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' };

/**
 * The ways in which Twilio may write the URL it signs: as configured, and with the port left out or the standard one
 * written out. Nothing else of the URL may differ.
 */
export function signedUrls(url: string): readonly string[] {
  const match = /^(https?:)\/\/([^/?#:[\]]+|\[[^\]]*\])(:\d+)?(.*)$/is.exec(url);
  if (!match) return [url];
  const [, scheme = '', host = '', port, rest = ''] = match;
  const other = port === undefined ? `:${DEFAULT_PORTS[scheme.toLowerCase()]}` : '';
  return [url, `${scheme}//${host}${other}${rest}`];
}

/** @throws RangeError when it is no absolute http(s) URL without query and fragment. */
export function checkPublicUrl(publicUrl: string): string {
  const parsed = URL.canParse(publicUrl) ? new URL(publicUrl) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol) || parsed.search || parsed.hash) {
    throw new RangeError('publicUrl must be the address the carrier calls, such as https://sms.example.com.');
  }
  return publicUrl.replace(/\/+$/, '');
}

/** What can be said and derived of DATABASE_URL without connecting. */
import { storeUnavailable } from './store-unavailable.ts';

/** @throws CompanionError STORE_UNAVAILABLE; the text of the URL, which holds a password, appears nowhere. */
export function parseDatabaseUrl(databaseUrl: string): URL {
  const url = URL.canParse(databaseUrl) ? new URL(databaseUrl) : undefined;
  if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
    throw storeUnavailable(
      'DATABASE_URL is not a PostgreSQL address; it should read postgresql://user:password@host/database.',
    );
  }
  return url;
}

/** For people: `host:port/database as user`. */
export function describeAddress(url: URL): string {
  const host = url.searchParams.get('host') ?? (url.hostname === '' ? 'localhost' : url.hostname);
  const user = url.username === '' ? '' : ` as ${decodeURIComponent(url.username)}`;
  return `${host}:${url.port === '' ? '5432' : url.port}${decodeURIComponent(url.pathname)}${user}`;
}

/**
 * The address for LISTEN, which needs a session of its own. Neon's pooled host hands connections around between
 * transactions; its direct host has the same name without `-pooler`.
 */
export function sessionUrl(url: URL): URL {
  const direct = new URL(url);
  direct.hostname = url.hostname.replace(/^(ep-[a-z0-9-]+)-pooler(\..*\.neon\.tech)$/, '$1$2');
  return direct;
}

import { COMPANION_API_HTTP } from './companion-api-http.ts';
import { COMPANION_API_LIMITS } from './companion-api-limits.ts';
import { COMPANION_API_SOCKET } from './companion-api-socket.ts';

/** Requirements of the companion API, in three tables. */
export const COMPANION_API = [...COMPANION_API_HTTP, ...COMPANION_API_SOCKET, ...COMPANION_API_LIMITS];

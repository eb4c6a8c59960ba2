/** Tells a lost or refused database apart from a statement that is wrong. */
import { CompanionError } from '@claude-companion/protocol';

/** SQLSTATEs after which the same statement may succeed on another connection or later. */
const CONNECTION_STATES = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '53300', // too_many_connections
]);
const CONNECTION_CLASSES = new Set(['08', '28', '3D']);
const SQLSTATE = /^[0-9A-Z]{5}$/;

/** True when `error` says that the database could not be reached or went away, not that a statement was wrong. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if ('severity' in error && SQLSTATE.test(code)) {
    return CONNECTION_STATES.has(code) || CONNECTION_CLASSES.has(code.slice(0, 2));
  }
  // Errors of sockets carry a `syscall` or an E… code; the messages are those of `pg` and `pg-pool`, which give no codes.
  return (
    'syscall' in error || /^E[A-Z]+$/.test(code) || error instanceof AggregateError || PG_MESSAGES.test(error.message)
  );
}

const PG_MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout expired|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after calling end)/;

export function storeUnavailable(message: string, cause?: unknown): CompanionError {
  return new CompanionError('STORE_UNAVAILABLE', message, { cause });
}

/** The reason in a few words, without addresses or credentials beyond what the system error says. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return 'unknown reason';
  if (error.message !== '') return error.message;
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

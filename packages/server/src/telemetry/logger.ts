/**
 * Structured logs. What must never be in a log is removed here once more, whatever was logged: bearer tokens, API keys,
 * phone numbers and the query of every URL.
 */
import { pino } from 'pino';

/** The part of pino that the rest of the server may use. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const SECRETS: readonly [RegExp, string][] = [
  [/Bearer\s+[\w.~+/=-]+/gi, 'Bearer [removed]'],
  [/\bsk-ant-[\w-]+/g, '[removed key]'],
  [/([?&](?:token|ticket|temp_token|code|state)=)[^&\s"]+/gi, '$1[removed]'],
  [/(postgres(?:ql)?:\/\/[^:@/\s]+:)[^@\s]+@/gi, '$1[removed]@'],
  [/\+\d{2}(\d{2,8})(\d{4})\b/g, '+•••$2'],
];

/** One line of log with everything that looks like a secret removed. */
export function scrub(line: string): string {
  return SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

/** What an error may say in a log. The database adds the row it refused (`detail`, `where`), which is somebody's words. */
const TOLD_OF_ERRORS = ['type', 'message', 'stack', 'code', 'severity', 'table', 'constraint', 'syscall', 'signal'];

function errorFields(error: Error): object {
  const all: Record<string, unknown> = { ...pino.stdSerializers.err(error) };
  return Object.fromEntries(TOLD_OF_ERRORS.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]));
}

export function createLogger(options: { level: string; write(line: string): void }): Logger {
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => (error instanceof Error ? errorFields(error) : error) },
    },
    {
      write: (line: string) => options.write(scrub(line)),
    },
  );
}

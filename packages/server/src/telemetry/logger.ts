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

export function createLogger(options: { level: string; write(line: string): void }): Logger {
  return pino(
    { level: options.level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    {
      write: (line: string) => options.write(scrub(line)),
    },
  );
}

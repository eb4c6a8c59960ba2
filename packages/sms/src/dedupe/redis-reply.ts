/** One answer of Redis (RESP 2) and the bytes it takes. */
export interface Reply {
  value: string | number | null | Error;
  length: number;
}

const LINE_END = Buffer.from('\r\n');

/** Reads the first answer in `bytes`; undefined when it is not all there yet. Lists are not asked for and not read. */
export function parseReply(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf(LINE_END);
  if (end === -1) return undefined;
  const line = bytes.toString('utf8', 1, end);
  const length = end + LINE_END.length;
  switch (bytes.toString('latin1', 0, 1)) {
    case '+':
      return { value: line, length };
    case ':':
      return { value: Number(line), length };
    case '$':
      return parseBulk(bytes, Number(line), length);
    default:
      return { value: new Error(`Redis: ${line}`), length };
  }
}

function parseBulk(bytes: Buffer, size: number, start: number): Reply | undefined {
  if (size < 0) return { value: null, length: start };
  const length = start + size + LINE_END.length;
  return bytes.length < length ? undefined : { value: bytes.toString('utf8', start, start + size), length };
}

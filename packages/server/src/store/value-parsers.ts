/**
 * How a column's text becomes a JavaScript value. Both engines speak through the same `pg` client with this table, so a row
 * looks the same whichever is behind it:
 *
 *   bigint → number (refused beyond 2^53), timestamptz → ISO 8601 UTC string as `toISOString` writes it, json and jsonb →
 *   parsed, uuid, text, numeric, date and timestamp → string, arrays of these → arrays of these.
 *
 * Parameters: a JavaScript array is a PostgreSQL array, an object is JSON. A JSON value that is itself an array or a string
 * must be passed as JSON text.
 */
import pg from 'pg';

type Parse = (text: string) => unknown;

const { builtins } = pg.types;

/** Array types have no names in `pg.types.builtins`. */
const ARRAY_OF = {
  text: 1009,
  int8: 1016,
  timestamp: 1115,
  date: 1182,
  timestamptz: 1185,
  numeric: 1231,
} as const;

const parseTextArray = pg.types.getTypeParser(ARRAY_OF.text as typeof builtins.TEXT, 'text') as (
  text: string,
) => (string | null)[];
const parseInstant = pg.types.getTypeParser(builtins.TIMESTAMPTZ, 'text') as (text: string) => Date | number | null;

const PARSERS: ReadonlyMap<number, Parse> = new Map<number, Parse>([
  [builtins.INT8, bigint],
  [builtins.TIMESTAMPTZ, instant],
  [builtins.TIMESTAMP, (text) => text],
  [builtins.DATE, (text) => text],
  [ARRAY_OF.int8, arrayOf(bigint)],
  [ARRAY_OF.timestamptz, arrayOf(instant)],
  [ARRAY_OF.timestamp, arrayOf((text) => text)],
  [ARRAY_OF.date, arrayOf((text) => text)],
  [ARRAY_OF.numeric, arrayOf((text) => text)],
]);

export const valueParsers: pg.CustomTypesConfig = {
  getTypeParser(oid, format) {
    return (format === 'binary' ? undefined : PARSERS.get(oid)) ?? pg.types.getTypeParser(oid, format);
  },
};

function bigint(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`The bigint ${text} does not fit a JavaScript number.`);
  return value;
}

/** As `2026-01-31 12:00:00.5+00`, which is what a session in UTC sends; anything else takes the slow way. */
const UTC_INSTANT = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/;

function instant(text: string): string {
  const utc = UTC_INSTANT.exec(text);
  if (utc) return `${utc[1]}T${utc[2]}.${(utc[3] ?? '').slice(0, 3).padEnd(3, '0')}Z`;
  const value = parseInstant(text);
  return value instanceof Date ? value.toISOString() : text;
}

function arrayOf(parse: Parse): Parse {
  return (text) => parseTextArray(text).map((element) => (element === null ? null : parse(element)));
}

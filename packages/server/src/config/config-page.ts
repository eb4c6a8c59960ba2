/** Renders the schema as docs/config.md. `npm run check` fails when the committed page differs. */
import { z } from 'zod';
import { ConfigSchema } from './config.ts';

export function configPage(): string {
  const schema = z.toJSONSchema(ConfigSchema, { io: 'input', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const value = typeof property === 'object' ? property : {};
    const fallback = required.has(name)
      ? 'set by the start command'
      : value.default === undefined
        ? ''
        : `\`${value.default}\``;
    return [`\`${name}\``, fallback, value.description ?? ''];
  });
  return [
    '# Settings',
    '',
    'Each can be given in the environment, in a file `.env` in the current directory, or as a flag: `PORT=3002`, `--port 3002`.',
    '',
    ...table([['setting', 'default', 'meaning'], ...rows]),
    '',
  ].join('\n');
}

/** Columns of equal width, as the formatter of the repository leaves them. */
function table(rows: readonly string[][]): string[] {
  const [head = []] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const padded = rows.map((row) => line(row.map((cell, column) => cell.padEnd(widths[column] ?? 0))));
  return [...padded.slice(0, 1), line(widths.map((width) => '-'.repeat(width))), ...padded.slice(1)];
}

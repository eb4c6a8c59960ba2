/**
 * Reads the tables in this folder, written so that hundreds of requirements stay readable:
 *
 * - `## Heading` names the heading of the document that the rows below it come from; `## Parent > Heading` where a heading
 *   occurs twice. Headings are the document's, word for word.
 * - `name | behavior` starts a requirement; its id is `<document>/<name>`.
 * - a line that starts with two spaces continues the behavior above it.
 *
 * Any other line is an error: a typing slip must not make a requirement disappear.
 */

export type DocumentName = 'agent-api' | 'companion-api' | 'sms-channel' | 'sms-plugin' | 'sms-server';

/** The file each document is kept in, below the folder of the five documents. */
export const DOCUMENT_FILES: Record<DocumentName, string> = {
  'agent-api': 'agent-api-server.md',
  'companion-api': 'companion-server-api.md',
  'sms-channel': 'sms-channel-guide.md',
  'sms-plugin': 'sms-notifier-plugin.md',
  'sms-server': 'sms-server-api.md',
};

export const DOCUMENT_NAMES = Object.keys(DOCUMENT_FILES) as DocumentName[];

export type RequirementId = `${DocumentName}/${string}`;

export interface Requirement {
  readonly id: RequirementId;
  readonly document: DocumentName;
  /** As the row's table names it: `Create Session`, or `Parent > Heading` where a heading occurs twice. */
  readonly heading: string;
  /** File and heading, for people: `agent-api-server.md "Create Session"`. */
  readonly source: string;
  /** What must be true, in words a test can check. */
  readonly behavior: string;
}

const ROW = /^([a-z0-9]+(?:-[a-z0-9]+)*) \| (\S.*)$/;

/**
 * Tag for a table of one document. Backslashes are kept as written, so that `\n` in a text stays visible.
 *
 * @throws when a line is none of the three kinds, or a row stands before the first heading.
 */
export function requirementsOf(document: DocumentName): (table: TemplateStringsArray) => Requirement[] {
  return (table) => parseTable(document, table.raw.join(''));
}

export function parseTable(document: DocumentName, table: string): Requirement[] {
  const rows: { name: string; heading: string; behavior: string }[] = [];
  let heading: string | undefined;
  for (const line of table.split('\n')) {
    const fault = (reason: string): Error => new Error(`${document}: ${reason}: ${JSON.stringify(line)}`);
    const row = ROW.exec(line);
    const last = rows.at(-1);
    if (line.trim() === '') continue;
    if (line.startsWith('## ')) {
      heading = line.slice(3).trim();
    } else if (line.startsWith('  ')) {
      if (last === undefined || last.heading !== heading) throw fault('a continuation without a row');
      last.behavior += ` ${line.trim()}`;
    } else if (row?.[1] !== undefined && row[2] !== undefined) {
      if (heading === undefined) throw fault('a row before the first heading');
      rows.push({ name: row[1], heading, behavior: row[2].trim() });
    } else {
      throw fault('neither a heading, a row nor a continuation');
    }
  }
  return rows.map(({ name, heading: place, behavior }) => ({
    id: `${document}/${name}`,
    document,
    heading: place,
    source: `${DOCUMENT_FILES[document]} "${place}"`,
    behavior,
  }));
}

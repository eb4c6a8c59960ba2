/**
 * Every requirement of the five documents the product must satisfy. Tests cite them by id (`verifies.ts`); the coverage test
 * prints how many are still open.
 *
 *     node test/requirements.ts --open [document]    lists the requirements no test verifies yet
 */
import { fileURLToPath } from 'node:url';
import { AGENT_API } from './requirements/agent-api.ts';
import { COMPANION_API } from './requirements/companion-api.ts';
import { SMS_CHANNEL } from './requirements/sms-channel.ts';
import { SMS_PLUGIN } from './requirements/sms-plugin.ts';
import { SMS_SERVER } from './requirements/sms-server.ts';
import { DOCUMENT_NAMES, type DocumentName, type Requirement } from './requirements/table.ts';

export type { RequirementId } from './requirements/table.ts';
export { DOCUMENT_FILES, DOCUMENT_NAMES } from './requirements/table.ts';

const BY_DOCUMENT: Record<DocumentName, readonly Requirement[]> = {
  'agent-api': AGENT_API,
  'companion-api': COMPANION_API,
  'sms-channel': SMS_CHANNEL,
  'sms-plugin': SMS_PLUGIN,
  'sms-server': SMS_SERVER,
};

export const REQUIREMENTS: readonly Requirement[] = DOCUMENT_NAMES.flatMap((document) => BY_DOCUMENT[document]);

const BY_ID: ReadonlyMap<string, Requirement> = new Map(REQUIREMENTS.map((entry) => [entry.id, entry]));

export function findRequirement(id: string): Requirement | undefined {
  return BY_ID.get(id);
}

interface Coverage {
  readonly document: DocumentName;
  readonly total: number;
  readonly open: readonly Requirement[];
}

/** What is verified and what is open, per document, given the ids that tests cite. */
export function coverageOf(cited: ReadonlySet<string>): Coverage[] {
  return DOCUMENT_NAMES.map((document) => ({
    document,
    total: BY_DOCUMENT[document].length,
    open: BY_DOCUMENT[document].filter((entry) => !cited.has(entry.id)),
  }));
}

/** `agent-api: 12 of 143 verified, 131 open` */
export function coverageLine({ document, total, open }: Coverage): string {
  return `${document}: ${total - open.length} of ${total} verified, ${open.length} open`;
}

async function printOpen(args: readonly string[]): Promise<number> {
  const [flag, name] = args;
  const document = DOCUMENT_NAMES.find((known) => known === name);
  if (flag !== '--open' || args.length > 2 || (name !== undefined && document === undefined)) {
    console.error(`Usage: node test/requirements.ts --open [${DOCUMENT_NAMES.join(' | ')}]`);
    return 2;
  }
  const { scanRepository } = await import('./requirements/scan.ts');
  const { citations, faults } = scanRepository((id) => BY_ID.has(id));
  for (const row of coverageOf(new Set(citations.map((citation) => citation.id)))) {
    if (document !== undefined && row.document !== document) continue;
    console.log(`\n${coverageLine(row)}`);
    for (const { id, source, behavior } of row.open) console.log(`\n${id}\n  ${behavior}\n  (${source})`);
  }
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await printOpen(process.argv.slice(2));

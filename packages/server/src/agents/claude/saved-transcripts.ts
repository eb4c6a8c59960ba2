/**
 * Finds the CLI's transcripts on disk: `<configDir>/projects/<directory>/<id>.jsonl`. Only their beginnings are read: a
 * transcript may have hundreds of megabytes, and a config directory thousands of them.
 */
import { open, readdir, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { SavedConversation, SavedConversations } from '../../operations/saved-conversations.ts';

const FILE = /^([0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})\.jsonl$/;
/** Directory, first words and the mark of a conversation stand in the first lines. */
const HEAD_BYTES = 128 * 1024;
/** The newest are listed; nobody reads further. */
const MAX_READ = 1_000;
const AT_ONCE = 16;
const PREVIEW_CHARACTERS = 1_000;

interface Found {
  sessionId: string;
  file: string;
  modifiedMs: number;
}

export function savedTranscripts(configDir: string): SavedConversations {
  const projects = join(configDir, 'projects');
  return {
    async list() {
      const found = (await findAll(projects)).files;
      const newest = found.sort((a, b) => b.modifiedMs - a.modifiedMs).slice(0, MAX_READ);
      return (await inBatches(newest, read)).filter((each) => each !== null);
    },
    async find(sessionId) {
      const { files, sessionOf } = await findAll(projects);
      const id = sessionOf.get(sessionId) ?? sessionId;
      const file = files.find((each) => each.sessionId === id);
      return file ? read(file) : null;
    },
  };
}

/**
 * A process from a warm spare writes under an id of its own, and a link with the session's id leads there (`transcripts.ts`):
 * that conversation is listed once, by the session's id. `sessionOf`: own id → session's id.
 */
async function findAll(projects: string): Promise<{ files: Found[]; sessionOf: Map<string, string> }> {
  const files: Found[] = [];
  const sessionOf = new Map<string, string>();
  for (const directory of await readdir(projects).catch(() => [])) {
    const entries = await readdir(join(projects, directory), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const sessionId = FILE.exec(entry.name)?.[1];
      if (sessionId === undefined) continue;
      const file = join(projects, directory, entry.name);
      if (entry.isSymbolicLink()) {
        const target = await readlink(file).catch(() => '');
        sessionOf.set(basename(target, '.jsonl'), sessionId);
      }
      const found = await stat(file).catch(() => null);
      if (found?.isFile()) files.push({ sessionId, file, modifiedMs: found.mtimeMs });
    }
  }
  return { files: files.filter(({ sessionId }) => !sessionOf.has(sessionId)), sessionOf };
}

async function read({ sessionId, file, modifiedMs }: Found): Promise<SavedConversation | null> {
  const head = await headOf(file);
  const lines = head.split('\n').flatMap(parsed);
  const cwd = lines.map((line) => line.cwd).find((each) => typeof each === 'string');
  // Without a message of a person the CLI cannot go on with it.
  if (cwd === undefined || !head.includes('"type":"user"')) return null;
  const preview = lines.map(wordsOf).find((words) => words !== null) ?? '';
  return {
    sessionId,
    cwd,
    modified: new Date(modifiedMs).toISOString(),
    preview: preview.slice(0, PREVIEW_CHARACTERS).toWellFormed(),
  };
}

interface Line {
  type?: unknown;
  cwd?: unknown;
  isMeta?: unknown;
  message?: { content?: unknown };
}

/** The last line of a head is usually cut. */
function parsed(line: string): Line[] {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return [];
  }
}

function wordsOf(line: Line): string | null {
  if (line.type !== 'user' || line.isMeta === true) return null;
  const content = line.message?.content;
  const blocks: unknown[] = Array.isArray(content) ? content : [{ type: 'text', text: content }];
  for (const block of blocks) {
    const text = typeof block === 'object' && block !== null && 'text' in block ? block.text : undefined;
    // What the CLI wraps around commands and reminders stands in tags.
    if (typeof text === 'string' && text.trim() !== '' && !/^\s*<(command|local-command|system-reminder)/.test(text)) {
      return text;
    }
  }
  return null;
}

async function headOf(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(start, start + AT_ONCE).map(work))));
  }
  return results;
}

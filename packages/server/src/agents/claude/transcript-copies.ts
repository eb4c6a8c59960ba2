/**
 * Brings the transcript files of this node and their copies in the database in step, before a process goes on from them.
 *
 * A file is written first and copied about 0.1 s later, so a process or a server that was killed may leave files that know
 * more than the copies: what they lack is then added to them. Where the session was served by another node since, the copies know
 * what the files do not: the files are then replaced, and what only this node knew of a turn it lost is dropped, because the
 * session has gone on without it.
 */
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Fence } from '../../store/event-batch.ts';
import type { Conversation, StoredTranscripts, TranscriptEntry } from '../../store/transcripts.ts';
import type { Place, Transcripts } from './transcripts.ts';

export interface TranscriptCopiesParts {
  /** `<configDir>/projects` */
  projects: string;
  files: Transcripts;
  stored: StoredTranscripts;
}

/** What the CLI writes about its requests; it neither copies it nor needs it to go on. */
const ONLY_IN_FILES = /^api-request/;
/** An entry that is kept in a file of its own beside the sub-agent's transcript. */
const META = 'agent_metadata';

export class TranscriptCopies {
  readonly #parts: TranscriptCopiesParts;

  constructor(parts: TranscriptCopiesParts) {
    this.#parts = parts;
  }

  /** @throws FencedError when the lease was lost */
  async reconcile(place: Place, fence: Fence): Promise<void> {
    const { files, stored } = this.#parts;
    const conversation = await stored.conversation(place.sessionId);
    const file = await files.fileOf(place);
    if (!conversation) {
      if (file !== null) await this.#copy(await this.#localOf(place, file), fence);
      return;
    }
    const local = file === null ? null : await this.#localOf(place, file);
    const newest = (await stored.uuids({ ...conversation, subpath: '' })).at(-1);
    const knowsAll =
      local?.transcriptId === conversation.transcriptId && local.main.some(({ uuid }) => uuid === newest);
    if (local && knowsAll) return this.#copy(local, fence);
    if (file !== null) await files.discard(place);
    await this.#restore(conversation);
  }

  async #localOf({ sessionId }: Place, file: string): Promise<Local> {
    return {
      sessionId,
      transcriptId: basename(file, '.jsonl'),
      projectKey: relative(this.#parts.projects, dirname(file)),
      directory: file.slice(0, -'.jsonl'.length),
      main: await entriesOf(file),
    };
  }

  /** Adds what the copies lack. Entries without a uuid cannot be told apart: they are added only to an empty copy. */
  async #copy(local: Local, fence: Fence): Promise<void> {
    const { stored } = this.#parts;
    const { sessionId, projectKey, transcriptId, directory } = local;
    const names = await readdir(directory, { recursive: true }).catch((): string[] => []);
    const parts = [{ subpath: '', entries: async () => local.main }].concat(
      names
        .filter((name) => name.endsWith('.jsonl'))
        .map((name) => ({
          subpath: name.slice(0, -'.jsonl'.length).replaceAll('\\', '/'),
          entries: () => entriesOf(join(directory, name)),
        })),
    );
    for (const { subpath, entries } of parts) {
      const part = { sessionId, projectKey, transcriptId, subpath };
      const known = new Set(await stored.uuids(part));
      const lacking = (await entries()).filter(
        ({ type, uuid }) => !ONLY_IN_FILES.test(type) && (uuid === undefined ? known.size === 0 : !known.has(uuid)),
      );
      await stored.append(part, lacking, fence);
    }
  }

  async #restore(conversation: Conversation): Promise<void> {
    const { stored, projects } = this.#parts;
    const { projectKey, transcriptId, sessionId } = conversation;
    if (!isPlain(projectKey)) throw new Error(`not a name of a transcript directory: ${projectKey}`);
    const directory = join(projects, projectKey);
    for (const subpath of await stored.parts(conversation)) {
      if (subpath !== '' && !subpath.split('/').every(isPlain)) continue;
      const entries = await stored.load({ ...conversation, subpath });
      const stem = join(directory, transcriptId, subpath);
      const meta = entries.findLast(({ type }) => type === META);
      const lines = entries.filter(({ type }) => type !== META).map((entry) => `${JSON.stringify(entry)}\n`);
      if (subpath === '' || lines.length > 0) await write(`${stem}.jsonl`, lines.join(''));
      if (meta) {
        const { type: _type, ...rest } = meta;
        await write(`${stem}.meta.json`, JSON.stringify(rest));
      }
    }
    if (transcriptId === sessionId) return;
    const link = join(directory, `${sessionId}.jsonl`);
    await rm(link, { force: true });
    await symlink(`${transcriptId}.jsonl`, link);
  }
}

interface Local extends Conversation {
  /** Where transcripts of sub-agents are. */
  directory: string;
  main: TranscriptEntry[];
}

/** A line that a kill cut short is no entry. */
async function entriesOf(file: string): Promise<TranscriptEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line): TranscriptEntry[] => {
    try {
      const entry: unknown = JSON.parse(line);
      return isEntry(entry) ? [entry] : [];
    } catch {
      return [];
    }
  });
}

function isEntry(value: unknown): value is TranscriptEntry {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** One part of a path that leads nowhere else. */
function isPlain(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name);
}

/** Complete or not at all: a crash in the middle must not leave half a conversation. */
async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

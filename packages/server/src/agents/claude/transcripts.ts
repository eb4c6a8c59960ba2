/**
 * The CLI's transcripts: `<configDir>/projects/<directory, every other character as "-">/<session id>.jsonl`.
 *
 * A process taken from a warm spare writes under the id it was started with, before its session was known. A symbolic link
 * with the session's id beside its transcript leads to it, and is all that has to be remembered.
 */
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readlink, realpath, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

export interface Place {
  sessionId: string;
  cwd: string;
}

/** What shows that a message is in a transcript, as a prompt of its own or folded into a running turn. */
export const messageNeedles = (uuid: string): string[] => [`"uuid":"${uuid}"`, `"source_uuid":"${uuid}"`];

/** Longer directory names are shortened by the CLI in a way of its own. */
const MAX_DIRECTORY_NAME = 200;

export class Transcripts {
  readonly #projects: string;

  constructor(configDir: string) {
    this.#projects = join(configDir, 'projects');
  }

  /**
   * The id under which the CLI can continue the session; null when there is no conversation yet. A process that ended before
   * its first prompt was taken leaves a file the CLI can neither resume nor start anew: see `discard`.
   */
  async resumableId(place: Place): Promise<string | null> {
    const file = await this.fileOf(place);
    return file && basename(file, '.jsonl');
  }

  /** The file of that conversation itself, not the link to it. */
  async fileOf(place: Place): Promise<string | null> {
    const file = await this.#find(place);
    if (file === null || !(await holds(file, ['"type":"user"']))) return null;
    const target = await readlink(file).catch(() => null);
    return target === null ? file : join(dirname(file), basename(target));
  }

  /** True when one of these texts, as JSON writes it, is in the transcript. */
  async holds(place: Place, needles: readonly string[]): Promise<boolean> {
    const file = await this.#find(place);
    return file !== null && holds(file, needles);
  }

  /** Removes what is left of a session without a conversation. */
  async discard(place: Place): Promise<void> {
    const file = await this.#find(place);
    if (file === null) return;
    const target = await readlink(file).catch(() => null);
    for (const each of target === null ? [file] : [join(dirname(file), basename(target)), file]) {
      await rm(each, { force: true });
      await rm(each.slice(0, -'.jsonl'.length), { recursive: true, force: true });
    }
  }

  /** Makes the transcript that a process will write under `ownId` the session's. False when that cannot be remembered. */
  async link(place: Place, ownId: string): Promise<boolean> {
    const name = directoryName(await realpath(place.cwd));
    if (name.length > MAX_DIRECTORY_NAME) return false;
    const directory = join(this.#projects, name);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await symlink(`${ownId}.jsonl`, join(directory, `${place.sessionId}.jsonl`));
      return true;
    } catch {
      // Systems that do not let everybody make links start without a spare.
      return false;
    }
  }

  /** Of a link too whose target is not written yet. A session may have been started in another directory. */
  async #find({ sessionId, cwd }: Place): Promise<string | null> {
    const file = `${sessionId}.jsonl`;
    const directories = await namesIn(this.#projects);
    const own = directoryName(await realpath(cwd).catch(() => cwd));
    for (const directory of [own, ...directories.filter((name) => name !== own)]) {
      const files = await namesIn(join(this.#projects, directory));
      if (files.includes(file)) return join(this.#projects, directory, file);
    }
    return null;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}

function directoryName(cwd: string): string {
  return cwd.replace(/[^a-zA-Z0-9]/g, '-');
}

/** Quotes within a JSON string are escaped, so a needle with bare quotes is never found in what somebody wrote. */
async function holds(file: string, needles: readonly string[]): Promise<boolean> {
  const longest = Math.max(...needles.map((needle) => needle.length));
  let tail = '';
  try {
    for await (const chunk of createReadStream(file, 'utf8')) {
      const text = tail + String(chunk);
      if (needles.some((needle) => text.includes(needle))) return true;
      tail = text.slice(-longest);
    }
  } catch {
    // A link whose target does not exist yet.
  }
  return false;
}

/** Settings of a start from flags, the environment and defaults; flags win. */
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';
import { type Config, parseConfig } from '@claude-companion/server';
import { defaultDataDir, type Surroundings } from '../surroundings.ts';

export interface ServeFlags {
  port?: string;
  host?: string;
  dataDir?: string;
  projectsDir?: string;
}

export interface ServeSettings {
  config: Config;
  /** Name of a project made for somebody who has none yet. */
  sampleProject: string | null;
}

const SAMPLE_README = `# my-app

A small project to try Claude Companion with. Delete it when you have your own projects in PROJECTS_DIR.
`;

/** What a start would be given. `own`: there is no PROJECTS_DIR, and the start makes one below DATA_DIR. */
export function givenSettings(surroundings: Surroundings, flags: ServeFlags): { config: Config; own: boolean } {
  const { env, home } = surroundings;
  const given = {
    ...env,
    PORT: flags.port ?? env.PORT,
    HOST: flags.host ?? env.HOST,
    DATA_DIR: flags.dataDir ?? env.DATA_DIR ?? defaultDataDir(surroundings),
    PROJECTS_DIR: flags.projectsDir ?? env.PROJECTS_DIR,
    // A person at the terminal sees the phone there; lines of log would only stand in between.
    LOG_LEVEL: env.LOG_LEVEL ?? (surroundings.interactive ? 'warn' : undefined),
  };
  const usual = join(home, 'projects');
  const own = given.PROJECTS_DIR === undefined && !existsSync(usual);
  const fallback = own ? join(given.DATA_DIR, 'projects') : usual;
  return { config: parseConfig({ ...given, PROJECTS_DIR: given.PROJECTS_DIR ?? fallback }), own };
}

export async function readSettings(surroundings: Surroundings, flags: ServeFlags): Promise<ServeSettings> {
  const { config, own } = givenSettings(surroundings, flags);
  if (own) return { config, sampleProject: await makeSampleProject(config) };
  if (!existsSync(config.PROJECTS_DIR)) {
    throw new CompanionError(
      'WORKING_DIRECTORY_MISSING',
      `PROJECTS_DIR ${config.PROJECTS_DIR} does not exist. Create it, or set PROJECTS_DIR to the directory that holds your projects.`,
    );
  }
  return { config, sampleProject: null };
}

async function makeSampleProject({ PROJECTS_DIR, DATA_DIR }: Config): Promise<string> {
  const directory = join(PROJECTS_DIR, 'my-app');
  try {
    await mkdir(directory, { recursive: true });
    if ((await readdir(directory)).length === 0) await writeFile(join(directory, 'README.md'), SAMPLE_README);
  } catch (error) {
    throw new CompanionError(
      'SERVER_ERROR',
      `DATA_DIR ${DATA_DIR} cannot be written. Make it writable for this user, or set DATA_DIR to another directory.`,
      { cause: error },
    );
  }
  return 'my-app';
}

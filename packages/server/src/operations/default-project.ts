/** Where a session works that names no project. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';
import type { Policy } from './context.ts';

/** DEFAULT_PROJECT, else the only directory of PROJECTS_DIR. With none or several of them somebody has to say. */
export async function defaultProject(policy: Pick<Policy, 'projectsDir' | 'defaultProject'>): Promise<string> {
  if (policy.defaultProject !== null) return policy.defaultProject;
  const names = await projectNames(policy.projectsDir);
  const [only] = names;
  if (only !== undefined && names.length === 1) return only;
  throw new CompanionError(
    'INVALID_PARAMETERS',
    names.length === 0
      ? 'There is no project yet: make a directory in PROJECTS_DIR of the server and send its name as "project".'
      : 'Say where to work: "project" (the name of a directory of PROJECTS_DIR) or "cwd" (its path). DEFAULT_PROJECT on the server settles it for everybody.',
  );
}

/** The directories of PROJECTS_DIR. */
export async function projectNames(projectsDir: string): Promise<string[]> {
  const entries = await readdir(projectsDir, { withFileTypes: true }).catch(() => []);
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.'))
      .map(async (entry) => {
        // Followed, because a project may be a link.
        const target = entry.isSymbolicLink() ? await stat(join(projectsDir, entry.name)).catch(() => null) : entry;
        return target?.isDirectory() ? [entry.name] : [];
      }),
  );
  return found.flat();
}

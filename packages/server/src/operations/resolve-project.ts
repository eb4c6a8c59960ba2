/** Where an agent may work: a directory below PROJECTS_DIR, by its real path. */
import { realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';

export interface ResolvedProject {
  project: string;
  cwd: string;
}

async function realDirectory(path: string): Promise<string | null> {
  try {
    const real = await realpath(path);
    return (await stat(real)).isDirectory() ? real : null;
  } catch {
    return null;
  }
}

/**
 * `project` is a name below PROJECTS_DIR; `cwd` an absolute path that must lie below it too. Symbolic links are followed
 * first, so that none leads out. Without either, there is nothing to work in.
 */
export async function resolveProject(
  projectsDir: string,
  wanted: { project?: string | undefined; cwd?: string | undefined },
): Promise<ResolvedProject> {
  const root = await realDirectory(projectsDir);
  if (!root) throw new CompanionError('WORKING_DIRECTORY_MISSING', 'PROJECTS_DIR does not exist on the server.');
  const name = wanted.project ?? wanted.cwd;
  if (name === undefined) {
    throw new CompanionError(
      'INVALID_PARAMETERS',
      'Say where to work: "project" (a directory of PROJECTS_DIR) or "cwd".',
    );
  }
  if (name.includes('\0')) throw new CompanionError('PROJECT_NOT_FOUND', 'Project not found');
  const path = isAbsolute(name) ? name : join(root, name);
  const outside = (target: string): boolean => {
    const way = relative(root, target);
    return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
  };
  // Told apart before touching the disk: what exists outside is nobody's business.
  if (outside(isAbsolute(name) && name.startsWith(projectsDir) ? join(root, relative(projectsDir, name)) : path)) {
    throw new CompanionError('PROJECT_OUTSIDE', 'That directory is not below PROJECTS_DIR.');
  }
  const cwd = await realDirectory(path);
  if (!cwd) throw new CompanionError('PROJECT_NOT_FOUND', 'Project not found');
  if (outside(cwd)) throw new CompanionError('PROJECT_OUTSIDE', 'That directory leads out of PROJECTS_DIR.');
  return { project: cwd === root ? basename(root) : relative(root, cwd), cwd };
}

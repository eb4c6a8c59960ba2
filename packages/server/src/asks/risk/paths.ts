/**
 * Where a path leads, by its letters alone: nothing here looks at a disk, so a symbolic link is not seen. The operating
 * system's sandbox and Claude Code's own directory check stay the second wall.
 */
import { elevated, type Finding, high, low } from './finding.ts';
import { isSecretComponent, whyProtected } from './protected-paths.ts';

export interface Place {
  /** The project: nothing outside it is low risk. */
  root: string;
  /** Every directory a relative path may start from. More than one after `cd`, which may have failed. */
  from: readonly string[];
}

export type Access = 'read' | 'write';

/** Characters that make two different paths look alike, or that some file systems drop. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/u;
const WINDOWS_ROOT = /^[A-Za-z]:[\\/]/;
/** Outside every project, and harmless. */
const STREAMS: ReadonlySet<string> = new Set(['/dev/null', '/dev/stdout', '/dev/stderr', '/dev/stdin']);

export function placeOf(cwd: string): Place {
  return { root: cwd, from: [cwd] };
}

export function judgePath(path: string, access: Access, place: Place): Finding[] {
  if (path === '') return [elevated('names no file')];
  if (INVISIBLE.test(path)) return [high('the path holds invisible characters')];
  if (STREAMS.has(path)) return [];
  const findings: Finding[] = [];
  const windows = WINDOWS_ROOT.test(place.root);
  if (componentsOf(path, windows).some(isSecretComponent)) findings.push(high('touches a file that may hold secrets'));
  const inside = place.from.map((from) => relativeInside(path, from, place.root));
  if (inside.some((relative) => relative === null)) {
    findings.push(high(`${access === 'write' ? 'writes' : 'reads'} outside the project`));
  }
  if (access === 'write') {
    for (const relative of [path.replaceAll('\\', '/'), ...inside]) {
      const reason = relative === null ? null : whyProtected(relative);
      if (reason !== null) findings.push(high(reason));
    }
  }
  if (!windows && path.includes('\\')) findings.push(elevated('the path holds a backslash'));
  return findings.length > 0 ? findings : [low('stays inside the project')];
}

/** The path below the root, or null when it leads out of it (`~` and drive letters always do). */
export function relativeInside(path: string, from: string, root: string): string | null {
  if (path.startsWith('~')) return null;
  const windows = WINDOWS_ROOT.test(root);
  if (windows !== WINDOWS_ROOT.test(path) && WINDOWS_ROOT.test(path)) return null;
  const rooted = path.startsWith('/') || (windows && (WINDOWS_ROOT.test(path) || path.startsWith('\\')));
  const target = resolved(
    rooted ? componentsOf(path, windows) : [...componentsOf(from, windows), ...componentsOf(path, windows)],
  );
  const base = resolved(componentsOf(root, windows));
  if (target === null || base === null || base.length === 0) return null;
  const same = (a: string | undefined, b: string) => (windows ? a?.toLowerCase() === b.toLowerCase() : a === b);
  return base.every((component, index) => same(target[index], component)) ? target.slice(base.length).join('/') : null;
}

/** A path as an absolute one, for the directory a `cd` leads to. */
export function joinPath(from: string, path: string): string {
  return path.startsWith('/') ? path : `${from}/${path}`;
}

function componentsOf(path: string, windows: boolean): string[] {
  return path.split(windows ? /[\\/]+/ : /\/+/).filter((component) => component !== '' && component !== '.');
}

/** Null when `..` climbs above the top. */
function resolved(components: readonly string[]): string[] | null {
  const result: string[] = [];
  for (const component of components) {
    if (component !== '..') result.push(component);
    else if (result.pop() === undefined) return null;
  }
  return result;
}

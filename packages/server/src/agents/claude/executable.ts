/** Finds the Claude Code program that comes with the agent SDK, for this system. */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { CompanionError } from '@claude-companion/protocol';

export interface Platform {
  platform: string;
  arch: string;
  /** musl instead of glibc (Alpine). */
  musl: boolean;
}

/**
 * Path of the Claude Code executable. Check it once when the server starts: the SDK's own message comes late and blames libc.
 *
 * @param configured an executable to use instead of the SDK's own
 * @throws CompanionError AICLI_UNAVAILABLE, saying what to install
 */
export async function findExecutable(configured?: string, on?: Platform): Promise<string> {
  const path = configured ?? bundledPath(on ?? thisPlatform());
  await requireRunnable(path);
  return path;
}

async function requireRunnable(path: string): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch (cause) {
    throw new CompanionError(
      'AICLI_UNAVAILABLE',
      `There is no program that can be run at ${path}. Install Claude Code there, or take that setting away to use the one that comes with the server.`,
      { cause },
    );
  }
}

/** @throws CompanionError when no package for this system is installed */
function bundledPath(platform: Platform): string {
  // The platform packages are dependencies of the SDK, which may hold them in its own node_modules.
  const sdk = createRequire(createRequire(import.meta.url).resolve('@anthropic-ai/claude-agent-sdk'));
  const program = platform.platform === 'win32' ? 'claude.exe' : 'claude';
  for (const name of packageNames(platform)) {
    try {
      return sdk.resolve(`${name}/${program}`);
    } catch {
      // not installed: the next one may be
    }
  }
  throw new CompanionError(
    'AICLI_UNAVAILABLE',
    `Claude Code is not installed for ${platform.platform}-${platform.arch}: its package ${packageNames(platform)[0]} is missing. ` +
      'Install again without leaving out optional packages: npm install --include=optional',
  );
}

function packageNames({ platform, arch, musl }: Platform): string[] {
  const name = `@anthropic-ai/claude-agent-sdk-${platform}-${arch}`;
  if (platform !== 'linux') return [name];
  return musl ? [`${name}-musl`, name] : [name, `${name}-musl`];
}

function thisPlatform(): Platform {
  const report: unknown = process.platform === 'linux' ? process.report.getReport() : null;
  return { platform: process.platform, arch: process.arch, musl: report !== null && !namesGlibc(report) };
}

function namesGlibc(report: unknown): boolean {
  if (typeof report !== 'object' || report === null || !('header' in report)) return true;
  const { header } = report;
  return typeof header === 'object' && header !== null && 'glibcVersionRuntime' in header;
}

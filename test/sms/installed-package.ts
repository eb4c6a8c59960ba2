/** The package as somebody has it who installed it: what `npm pack` makes of it, below the node_modules of another program. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

export interface InstalledPackage extends Disposable {
  /** The directory of a program that has the package. */
  program: string;
  readme: string;
}

/** @param others packages of the repository that the program has besides */
export async function installPackage(others: readonly string[]): Promise<InstalledPackage> {
  const directory = mkdtempSync(join(tmpdir(), 'sms-package-'));
  // Packed from a copy: while it is packed its package.json is another one, and the repository's own must not be.
  const repository = join(directory, 'repository');
  const source = join(repository, 'packages', 'sms');
  cpSync(join(root, 'packages', 'sms'), source, { recursive: true, filter: (path) => !path.endsWith('/dist') });
  cpSync(join(root, 'tsconfig.json'), join(repository, 'tsconfig.json'));
  symlinkSync(join(root, 'node_modules'), join(repository, 'node_modules'));
  await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: source });

  const program = join(directory, 'program');
  const installed = join(program, 'node_modules', '@claude-companion', 'sms');
  mkdirSync(installed, { recursive: true });
  const { name, version, dependencies } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    dependencies: Record<string, string>;
  };
  const archive = join(directory, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  await run('tar', ['-xzf', archive, '-C', installed, '--strip-components=1']);
  for (const each of [...Object.keys(dependencies), ...others]) {
    const link = join(program, 'node_modules', each);
    mkdirSync(join(link, '..'), { recursive: true });
    symlinkSync(join(root, 'node_modules', each), link);
  }
  return {
    program,
    readme: readFileSync(join(installed, 'README.md'), 'utf8'),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}

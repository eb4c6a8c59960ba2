/** Holds the code to the tables of ARCHITECTURE.md: who may import whom, how large files are, what is never written. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');

/** Rows of the table under `<!-- imports:NAME -->`: name → allowed. */
function allowed(name: string): Map<string, Set<string>> {
  const section = page.split(`<!-- imports:${name} -->`)[1] ?? '';
  const rows = section.trimStart().split('\n\n', 1)[0]?.split('\n').slice(2) ?? [];
  return new Map(
    rows.map((row) => {
      const [from = '', to = ''] = row
        .split('|')
        .slice(1)
        .map((cell) => cell.trim());
      return [
        from,
        new Set(
          to
            .split(',')
            .map((each) => each.trim())
            .filter((each) => each !== ''),
        ),
      ];
    }),
  );
}

const sources = globSync('packages/*/src/**/*.{ts,tsx}', { cwd: root }).filter(
  (file) => !file.endsWith('.test.ts') && !file.includes('/testing/'),
);

interface Import {
  file: string;
  specifier: string;
}

const imports: Import[] = sources.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => ({ file, specifier }));
});

/** The path below the repository that a relative import points to. */
const target = ({ file, specifier }: Import): string => relative(root, resolve(root, dirname(file), specifier));

describe('ARCHITECTURE.md', () => {
  test('packages import only what its table allows', () => {
    const table = allowed('packages');
    expect(table.size).toBeGreaterThan(3);
    const wrong = imports.flatMap((each) => {
      const from = each.file.split('/')[1] ?? '';
      const to = /^@claude-companion\/([\w-]+)/.exec(each.specifier)?.[1];
      const leaves = each.specifier.startsWith('.') && !target(each).startsWith(`packages/${from}/`);
      if (leaves) return [`${each.file} imports ${each.specifier}`];
      if (!to || to === from || table.get(from)?.has(to)) return [];
      return [`${each.file} imports ${to}`];
    });
    expect(wrong).toEqual([]);
    expect([...table.keys()].sort()).toEqual([...new Set(sources.map((file) => file.split('/')[1]))].sort());
  });

  test('folders of the server import only what its table allows', () => {
    const table = allowed('server');
    const base = 'packages/server/src/';
    const folderOf = (path: string): string => path.slice(base.length).split('/')[0] ?? '';
    const inFolders = imports.filter(({ file }) => file.startsWith(base) && file.slice(base.length).includes('/'));
    const wrong = inFolders.flatMap((each) => {
      if (!each.specifier.startsWith('.')) return [];
      const from = folderOf(each.file);
      const path = target(each);
      const to = folderOf(path);
      // Files beside the folders (the clock, the public face) are leaves or entries.
      const leaf = to === 'clock.ts';
      return leaf || to === from || table.get(from)?.has(to) ? [] : [`${each.file} imports ${to}`];
    });
    expect(wrong).toEqual([]);
    const folders = new Set(inFolders.map(({ file }) => folderOf(file)));
    expect([...table.keys()].sort()).toEqual([...folders].sort());
  });

  test('siblings do not know each other', () => {
    const groups = ['packages/server/src/http/', 'packages/server/src/notify/channels/'];
    const shared = new Set(['middleware']);
    const wrong = imports.flatMap((each) => {
      const group = groups.find((prefix) => each.file.startsWith(prefix));
      if (!group || !each.specifier.startsWith('.')) return [];
      const path = target(each);
      const [from, to] = [each.file, path].map((file) => file.slice(group.length).split('/')) as [string[], string[]];
      const bothInFolders = path.startsWith(group) && from.length > 1 && to.length > 1;
      return bothInFolders && from[0] !== to[0] && !shared.has(to[0] ?? '') ? [`${each.file} imports ${path}`] : [];
    });
    expect(wrong).toEqual([]);
  });

  test('only operations append to the log', () => {
    const appenders = sources.filter((file) => {
      if (!file.startsWith('packages/server/src/') || file.startsWith('packages/server/src/store/')) return false;
      return /\blog\.append(In)?\(/.test(readFileSync(join(root, file), 'utf8'));
    });
    expect(appenders.filter((file) => !file.startsWith('packages/server/src/operations/'))).toEqual([]);
    expect(appenders.length).toBeGreaterThan(0);
  });
});

describe('house rules', () => {
  const everything = globSync('{packages,test,bench,scripts}/**/*.{ts,tsx,mjs}', { cwd: root }).filter(
    (file) => !file.includes('node_modules'),
  );

  test('no file is longer than 400 lines', () => {
    const long = everything.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 401);
    expect(long).toEqual([]);
  });

  test('no file has a name that says nothing', () => {
    expect(everything.filter((file) => /(^|\/)(utils?|helpers?|misc|common|manager|types)\.\w+$/.test(file))).toEqual(
      [],
    );
  });

  test('only entries and the composition of agents read the environment of the process', () => {
    const readers = sources.filter(
      (file) => file.startsWith('packages/server/src/') && /process\.env/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(readers).toEqual([]);
  });
});

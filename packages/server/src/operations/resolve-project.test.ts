import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveProject } from './resolve-project.ts';

let root: string;
let projects: string;

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'companion-projects-')));
  projects = join(root, 'projects');
  mkdirSync(join(projects, 'app', 'nested'), { recursive: true });
  mkdirSync(join(root, 'secret'));
  mkdirSync(join(root, 'projects-evil'));
  writeFileSync(join(projects, 'file.txt'), '');
  symlinkSync(join(root, 'secret'), join(projects, 'way-out'));
  symlinkSync(join(projects, 'app'), join(projects, 'alias'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a project', () => {
  test.each([
    [{ project: 'app' }, 'app'],
    [{ project: 'app/nested' }, 'app/nested'],
    [{ project: './app' }, 'app'],
    [{ project: 'alias' }, 'app'],
  ])('%j is found by its real path', async (wanted, name) => {
    expect(await resolveProject(projects, wanted)).toEqual({ project: name, cwd: join(projects, name) });
  });

  test('is found by its absolute path', async () => {
    const cwd = join(projects, 'app');
    expect(await resolveProject(projects, { cwd })).toEqual({ project: 'app', cwd });
  });

  test.each([
    ['..', 'PROJECT_OUTSIDE'],
    ['../secret', 'PROJECT_OUTSIDE'],
    ['../projects-evil', 'PROJECT_OUTSIDE'],
    ['app/../../secret', 'PROJECT_OUTSIDE'],
    ['/etc', 'PROJECT_OUTSIDE'],
    ['way-out', 'PROJECT_OUTSIDE'],
    ['missing', 'PROJECT_NOT_FOUND'],
    ['file.txt', 'PROJECT_NOT_FOUND'],
    ['a\0b', 'PROJECT_NOT_FOUND'],
  ])('%j is refused with %s', async (project, code) => {
    await expect(resolveProject(projects, { project })).rejects.toMatchObject({ code });
  });

  test('of another directory with the same beginning is outside', async () => {
    await expect(resolveProject(projects, { cwd: join(root, 'projects-evil') })).rejects.toMatchObject({
      code: 'PROJECT_OUTSIDE',
    });
  });

  test('that nobody named, or below a directory that is not there, is refused', async () => {
    await expect(resolveProject(join(root, 'nowhere'), { project: 'x' })).rejects.toMatchObject({
      code: 'WORKING_DIRECTORY_MISSING',
    });
  });
});

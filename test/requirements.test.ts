import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Heading, headingsAt, headingsOf } from './requirements/headings.ts';
import { REPOSITORY, scanRepository } from './requirements/scan.ts';
import { WITHOUT_REQUIREMENT } from './requirements/without-requirement.ts';
import {
  coverageLine,
  coverageOf,
  DOCUMENT_FILES,
  DOCUMENT_NAMES,
  findRequirement,
  REQUIREMENTS,
} from './requirements.ts';

const ids = REQUIREMENTS.map((requirement) => requirement.id);

test('no id is given twice', () => {
  expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
});

test('every requirement says in a sentence what must be true', () => {
  const unfinished = REQUIREMENTS.filter(
    ({ behavior }) =>
      behavior.split(' ').length < 3 || behavior.length > 500 || /\b(?:TODO|TBD|FIXME)\b/.test(behavior),
  );
  expect(unfinished).toEqual([]);
});

test('every citation is of a requirement there is, in a test that runs', () => {
  const { citations, faults } = scanRepository((id) => findRequirement(id) !== undefined);
  expect(faults).toEqual([]);
  const cited = new Set(citations.map((citation) => citation.id));
  console.log(coverageOf(cited).map(coverageLine).join('\n'));
});

/** The documents lie beside the repository where it is developed; a clone does not have them. */
const documents = resolve(REPOSITORY, '../shared/spec');
const absent = !existsSync(documents);
if (absent) console.log(`The requirements are not compared with the documents: there is no ${documents}`);

describe.skipIf(absent).each(DOCUMENT_NAMES)('%s', (document) => {
  const file = join(documents, DOCUMENT_FILES[document]);
  const requirements = REQUIREMENTS.filter((requirement) => requirement.document === document);
  const exceptions = WITHOUT_REQUIREMENT[document];

  test('every source is one heading of the document, and every heading has a requirement', () => {
    const headings = headingsOf(readFileSync(file, 'utf8'));
    const wrong = requirements.filter(({ heading }) => headingsAt(headings, heading).length !== 1);
    expect(wrong.map(({ id, source }) => `${id}: ${source}`)).toEqual([]);

    const covered = new Set(requirements.flatMap(({ heading }) => headingsAt(headings, heading).flatMap(pathsTo)));
    const bare = headings.filter(({ title, parents }) => !covered.has([...parents, title].join(' > ')));
    const unnamed = bare.filter(({ title, parents }) => ![title, ...parents].some((one) => one in exceptions.headings));
    expect(unnamed.map(({ title }) => title)).toEqual([]);
    const outdated = Object.keys(exceptions.headings).filter(
      (title) => !bare.some((heading) => heading.title === title),
    );
    expect(outdated).toEqual([]);
  });

  test('every field of a JSON example and every constant is named by a requirement', () => {
    const words = namesIn(readFileSync(file, 'utf8'));
    const said = requirements.map(({ behavior }) => behavior).join('\n');
    const unnamed = [...words].filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(said));
    expect(unnamed.filter((word) => !(word in exceptions.words))).toEqual([]);
    expect(Object.keys(exceptions.words).filter((word) => !unnamed.includes(word))).toEqual([]);
  });
});

/** The place of a heading and of each heading above it, outermost first. */
function pathsTo({ title, parents }: Heading): string[] {
  const path = [...parents, title];
  return path.map((_, at) => path.slice(0, at + 1).join(' > '));
}

/** Keys of JSON examples, and names written LIKE_THIS. */
function namesIn(markdown: string): Set<string> {
  const keys = [...markdown.matchAll(/"([A-Za-z_][\w-]*)"\s*:/g)].map(([, key]) => key ?? '');
  const constants = [...markdown.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g)].map(([constant]) => constant);
  return new Set([...keys, ...constants]);
}

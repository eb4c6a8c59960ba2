/** What people write, read by the rules: nearly all of it as meant, and never a yes that nobody gave. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../../packages/server/src/asks/interpret.ts';
import { agrees, type CorpusRow, meaningOf, readCorpus, wronglyAllowed } from './corpus.ts';
import { mutationOf } from './mutations.ts';

const ROWS = readCorpus();
/** The same mutations on every run; another seed looks at others. */
const SEED = 20_261_121;
const read = ({ text, context }: Pick<CorpusRow, 'text' | 'context'>): string[] =>
  meaningOf(interpret(text, context), context);
const show = (row: CorpusRow): string =>
  `${row.place} [${row.situation}] ${JSON.stringify(row.text)}: read as ${read(row).join('; ')}, meant ${row.expected.join('; ')}`;

describe('the corpus', () => {
  test('has hundreds of rows of every meaning, none of them twice', () => {
    expect(ROWS.length).toBeGreaterThanOrEqual(500);
    const seen = ROWS.map(({ situation, text }) => `${situation}\n${text}`);
    expect(seen.filter((each, index) => seen.indexOf(each) !== index)).toEqual([]);
    const kinds = new Map<string, number>();
    for (const { expected } of ROWS) {
      for (const meaning of expected) {
        const kind = meaning.split(' ')[0] ?? '';
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    const wanted = 'allow deny reply more unknown status asks resume pause prompt start ask carrier'.split(' ');
    expect([...kinds.keys()].sort()).toEqual(wanted.sort());
  });

  test('allows nothing that no human would allow', () => {
    expect(ROWS.filter((row) => wronglyAllowed(row, read(row)).length > 0).map(show)).toEqual([]);
  });

  test('is understood in 99 of 100 rows', () => {
    const missed = ROWS.filter((row) => !agrees(row, read(row)));
    expect(missed.length / ROWS.length, missed.map(show).join('\n')).toBeLessThanOrEqual(0.01);
  });
});

describe('a text that is no yes stays none', () => {
  const withoutYes = ROWS.filter(({ expected }) => !expected.some((meaning) => meaning.startsWith('allow ')));

  test('whatever a phone, a keyboard or a hurried hand makes of it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...withoutYes),
        fc.array(fc.nat(), { minLength: 1, maxLength: 24 }),
        (row, choices) => {
          const text = mutationOf(row.text, choices);
          const allowed = read({ text, context: row.context }).filter((meaning) => meaning.startsWith('allow '));
          expect(allowed, `${show(row)}, then ${JSON.stringify(text)}`).toEqual([]);
        },
      ),
      { numRuns: 30_000, seed: SEED },
    );
  });

  test('and a yes to one ask never becomes a yes to another', () => {
    const withYes = ROWS.filter((row) => !withoutYes.includes(row));
    fc.assert(
      fc.property(fc.constantFrom(...withYes), fc.array(fc.nat(), { minLength: 1, maxLength: 24 }), (row, choices) => {
        const text = mutationOf(row.text, choices);
        expect(
          wronglyAllowed(row, read({ text, context: row.context })),
          `${show(row)}, then ${JSON.stringify(text)}`,
        ).toEqual([]);
      }),
      { numRuns: 15_000, seed: SEED },
    );
  });
});

/** What callers may rely on, the same on both engines. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ENGINES, type TestDatabase } from '../../../../test/world/databases.ts';

describe.each(ENGINES)('a database on $name', (engine) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await engine.open({ empty: true });
    await test.db.query('create table things (id int primary key, word text)');
  });
  afterAll(() => test.close());

  it('maps rows to plain JavaScript values', async () => {
    const { rows } = await test.db.query(
      `select 9007199254740991::bigint as big, 1::int as small, 1.50::numeric as decimal, true as yes, null::text as nothing,
         '2026-01-31 23:59:59.1239+02'::timestamptz as moment, '2026-01-31'::date as day, '{"a": [1, "x"]}'::jsonb as document,
         '4e1b5e5e-58d2-4d0b-9d7c-0d5d2f5d8f10'::uuid as id, '\\x0aff'::bytea as bytes,
         array[1, 2]::bigint[] as bigs, array['a', null, '"b",c']::text[] as words, array[1.5]::numeric[] as decimals,
         array['2026-01-31 00:00:00+00']::timestamptz[] as moments, array['{"a": 1}']::jsonb[] as documents`,
    );
    expect(rows).toEqual([
      {
        big: 9007199254740991,
        small: 1,
        decimal: '1.50',
        yes: true,
        nothing: null,
        moment: '2026-01-31T21:59:59.123Z',
        day: '2026-01-31',
        document: { a: [1, 'x'] },
        id: '4e1b5e5e-58d2-4d0b-9d7c-0d5d2f5d8f10',
        bytes: Buffer.from([0x0a, 0xff]),
        bigs: [1, 2],
        words: ['a', null, '"b",c'],
        decimals: ['1.5'],
        moments: ['2026-01-31T00:00:00.000Z'],
        documents: [{ a: 1 }],
      },
    ]);
  });

  it('refuses a bigint that is not a safe integer instead of rounding it', async () => {
    await expect(test.db.query('select 9007199254740993::bigint as big')).rejects.toThrow(/does not fit/);
    expect((await test.db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('takes arrays for unnest, also of JSON, and keeps every character', async () => {
    const words = [
      'plain',
      '"quoted"',
      'back\\slash',
      '{braces}, commas',
      'ünïcödé 🚀',
      '',
      "'; drop table things; --",
    ];
    const ids = words.map(() => crypto.randomUUID());
    const { rows } = await test.db.query(
      `select * from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::timestamptz[], $5::bigint[]) as t (id, word, doc, at, n)`,
      [
        ids,
        words,
        words.map((word) => JSON.stringify({ word })),
        words.map(() => '2026-01-31T12:00:00.500Z'),
        words.map((_, index) => index + 2 ** 40),
      ],
    );
    expect(rows).toEqual(
      words.map((word, index) => ({
        id: ids[index],
        word,
        doc: { word },
        at: '2026-01-31T12:00:00.500Z',
        n: index + 2 ** 40,
      })),
    );
  });

  it('takes objects and JSON text for jsonb, null and undefined for null', async () => {
    const { rows } = await test.db.query(
      'select $1::jsonb as object, $2::jsonb as list, $3::jsonb as text, $4::text as nothing, $5::boolean as no',
      [{ a: { b: 1 } }, JSON.stringify([1, 2]), JSON.stringify('word'), undefined, false],
    );
    expect(rows).toEqual([{ object: { a: { b: 1 } }, list: [1, 2], text: 'word', nothing: null, no: false }]);
  });

  it('counts the rows a statement changed', async () => {
    await test.db.query(`insert into things values (1, 'a'), (2, 'b')`);
    expect(await test.db.query('update things set word = $1', ['c'])).toEqual({ rows: [], rowCount: 2 });
    expect((await test.db.query('delete from things where id = $1', [7])).rowCount).toBe(0);
    await test.db.query('delete from things');
  });

  it('goes on after a statement that failed, and names the SQLSTATE', async () => {
    await expect(test.db.query('select $1::int / 0 as x', [1])).rejects.toMatchObject({ code: '22012' });
    await expect(test.db.query('select nonsense')).rejects.toMatchObject({ code: '42703' });
    expect((await test.db.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('commits what resolves, undoes what rejects, and runs the callbacks of the first only', async () => {
    const heard: string[] = [];
    const result = await test.db.transaction(async (tx) => {
      tx.afterCommit(() => heard.push('first'));
      tx.afterCommit(() => heard.push('second'));
      await tx.query('insert into things values (10, $1)', ['kept']);
      return 'done';
    });
    const failure = new Error('changed my mind');
    await expect(
      test.db.transaction(async (tx) => {
        tx.afterCommit(() => heard.push('never'));
        await tx.query('insert into things values (11, $1)', ['undone']);
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(result).toBe('done');
    expect(heard).toEqual(['first', 'second']);
    expect((await test.db.query('select id from things')).rows).toEqual([{ id: 10 }]);
    await test.db.query('delete from things');
  });

  it('does not call a transaction committed when a failed statement was swallowed', async () => {
    await test.db.query('insert into things values (1)');
    await expect(
      test.db.transaction(async (tx) => {
        await tx.query('insert into things values (2)');
        await tx.query('insert into things values (1)').catch(() => {});
      }),
    ).rejects.toThrow(/rolled back/);
    expect((await test.db.query('select id from things')).rows).toEqual([{ id: 1 }]);
    await test.db.query('delete from things');
  });

  it('passes on the errors of the work as they are, also those that look like a lost connection', async () => {
    const failure = Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', syscall: 'open' });
    const failing = test.db.transaction(async () => {
      throw failure;
    });
    await expect(failing).rejects.toBe(failure);
  });

  it('refuses the handle of a transaction that is over', async () => {
    const handle = await test.db.transaction(async (tx) => tx);
    await expect(handle.query('insert into things values (1)')).rejects.toThrow(/over/);
  });

  it('keeps concurrent transactions apart', async () => {
    await test.db.query('insert into things values (1, $1)', ['0']);
    const increment = () =>
      test.db.transaction(async (tx) => {
        const { rows } = await tx.query<{ word: string }>('select word from things where id = 1 for update');
        await tx.query('update things set word = $1 where id = 1', [String(Number(rows[0]?.word) + 1)]);
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    expect((await test.db.query('select word from things')).rows).toEqual([{ word: '20' }]);
    await test.db.query('delete from things');
  });

  it('shows nobody what is not committed yet', async () => {
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const writing = test.db.transaction(async (tx) => {
      await tx.query('insert into things values (1)');
      begun.resolve();
      await goOn.promise;
      throw new Error('undone');
    });
    await begun.promise;
    const reading = test.db.query('select * from things');
    goOn.resolve();
    await expect(writing).rejects.toThrow('undone');
    expect((await reading).rowCount).toBe(0);
  });

  it('hears notifications of committed transactions only, until it stops listening', async () => {
    const heard: string[] = [];
    const others: string[] = [];
    const stop = await test.db.listen('news', (payload) => heard.push(payload));
    const stopOther = await test.db.listen('news', (payload) => others.push(payload));
    onTestFinished(stopOther);
    const notify = (payload: string) => test.db.query('select pg_notify($1, $2)', ['news', payload]);
    await test.db
      .transaction(async (tx) => {
        await tx.query('select pg_notify($1, $2)', ['news', 'undone']);
        throw new Error('undone');
      })
      .catch(() => {});
    await notify('one');
    await notify('two');
    while (others.length < 2) await sleep(5);
    await stop();
    await notify('three');
    while (others.length < 3) await sleep(5);
    expect(heard).toEqual(['one', 'two']);
    expect(others).toEqual(['one', 'two', 'three']);
  });

  it('waits for what was asked when it is closed, then refuses', async () => {
    const { db, close } = await engine.open({ empty: true });
    const last = db.query('select 1 as one');
    const closed = close();
    expect((await last).rows).toEqual([{ one: 1 }]);
    await closed;
    await expect(db.query('select 1')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await db.close();
  });
});

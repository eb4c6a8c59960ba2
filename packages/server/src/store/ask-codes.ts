/** The four characters by which one person names one ask in a text, and the wrong ones that were tried. */
import type { AskKind } from '@claude-companion/protocol';
import type { Queryable } from './database.ts';

/** What a text said the code is good for. */
export type CodeUse = 'none' | 'deny' | 'decide' | 'reply';

/** How many of a person's codes are remembered, so that a late answer is told what became of its ask. */
const REMEMBERED = 200;

/** The newest codes of a person: a new one must differ from all of them. Older ones are forgotten and may come again. */
export async function rememberedCodes(tx: Queryable, personId: string): Promise<string[]> {
  await tx.query(
    `delete from ask_codes where (person_id, code) in (
       select c.person_id, c.code from ask_codes c join asks a on a.id = c.ask_id
        where c.person_id = $1 and a.state <> 'open' order by c.created_at desc offset $2)`,
    [personId, REMEMBERED],
  );
  const { rows } = await tx.query<{ code: string }>(`select code from ask_codes where person_id = $1`, [personId]);
  return rows.map(({ code }) => code);
}

export async function assignCode(
  tx: Queryable,
  code: { personId: string; code: string; askId: string; now: string },
): Promise<void> {
  await tx.query(`insert into ask_codes (person_id, code, ask_id, created_at) values ($1, $2, $3, $4)`, [
    code.personId,
    code.code,
    code.askId,
    code.now,
  ]);
}

export async function codeOfAsk(db: Queryable, askId: string, personId: string): Promise<string | null> {
  const { rows } = await db.query<{ code: string }>(`select code from ask_codes where ask_id = $1 and person_id = $2`, [
    askId,
    personId,
  ]);
  return rows[0]?.code ?? null;
}

/** Committed before the text leaves: from then on the code works, and only for what the text says. */
export async function tellCode(db: Queryable, told: { askId: string; personId: string; use: CodeUse }): Promise<void> {
  await db.query(`update ask_codes set use = $3 where ask_id = $1 and person_id = $2 and use = 'none'`, [
    told.askId,
    told.personId,
    told.use,
  ]);
}

export interface KnownCode {
  code: string;
  askId: string;
  use: CodeUse;
  kind: AskKind;
}

/** The ask that a code was told for, whatever became of it since. */
export async function findCode(db: Queryable, personId: string, code: string): Promise<KnownCode | undefined> {
  const { rows } = await db.query<KnownCode>(
    `select c.code, c.ask_id as "askId", c.use, a.kind from ask_codes c join asks a on a.id = c.ask_id
      where c.person_id = $1 and c.code = $2 and c.use <> 'none'`,
    [personId, code],
  );
  return rows[0];
}

/** Codes that this person was told, of asks that are still open, oldest first. */
export async function openCodes(db: Queryable, personId: string): Promise<KnownCode[]> {
  const { rows } = await db.query<KnownCode>(
    `select c.code, c.ask_id as "askId", c.use, a.kind from ask_codes c join asks a on a.id = c.ask_id
      where c.person_id = $1 and c.use <> 'none' and a.state = 'open' order by a.opened_at, a.id`,
    [personId],
  );
  return rows;
}

export async function addWrongCode(tx: Queryable, personId: string, now: string): Promise<void> {
  await tx.query(`insert into wrong_codes (person_id, at) values ($1, $2)`, [personId, now]);
}

export async function wrongCodesSince(db: Queryable, personId: string, since: string): Promise<string[]> {
  const { rows } = await db.query<{ at: string }>(
    `select at from wrong_codes where person_id = $1 and at > $2 order by at`,
    [personId, since],
  );
  return rows.map((row) => row.at);
}

/** The page that the next MORE for this code shows, from 1. */
export async function nextPage(tx: Queryable, personId: string, code: string): Promise<number> {
  const { rows } = await tx.query<{ page: number }>(
    `update ask_codes set pages_shown = pages_shown + 1 where person_id = $1 and code = $2 returning pages_shown as page`,
    [personId, code],
  );
  return rows[0]?.page ?? 1;
}

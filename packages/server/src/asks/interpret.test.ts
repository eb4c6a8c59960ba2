import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, interpret, type SmsContext } from './interpret.ts';

const context: SmsContext = {
  openCodes: [
    { code: '7K3F', takes: 'decision', sessionId: 's2' },
    { code: 'M2WX', takes: 'decision', sessionId: 's2' },
    { code: 'Q4RT', takes: 'words', sessionId: 's2' },
  ],
  untold: [],
  waiting: ['s1'],
  sessions: [
    { id: 's1', name: 'my-app', number: 1, kind: 'hosted', engaged: true },
    { id: 's2', name: 'web', number: 1, kind: 'hosted', engaged: true },
  ],
  projects: ['my-app', 'web'],
};
const read = (text: string, change: Partial<SmsContext> = {}) => interpret(text, { ...context, ...change });
const allow = (code: string): Command => ({ kind: 'allow', code });
const deny = (code: string, reason: string | null = null): Command => ({ kind: 'deny', code, reason });
const reply = (code: string, text: string): Command => ({ kind: 'reply', code, text });
const unknown = (code: string): Command => ({ kind: 'unknown_code', code });
const prompt = (text: string): Command => ({ kind: 'prompt', sessionId: 's1', name: 'my-app', text });

describe('commands', () => {
  test.each<[string, ...Command[]]>([
    ['OK 7K3F', allow('7K3F')],
    ['ok 7k3f', allow('7K3F')],
    ['Ok7k3f', allow('7K3F')],
    ['OK-7K3F', allow('7K3F')],
    ['OK–7K3F', allow('7K3F')],
    ['ok 7k 3f', allow('7K3F')],
    ['Ok7k 3f', allow('7K3F')],
    ['Ok, 7K3F', allow('7K3F')],
    ['OK: 7K3F', allow('7K3F')],
    ['“OK 7K3F”', allow('7K3F')],
    [' ok\n7k3f. ', allow('7K3F')],
    ['OK 7K3F!', allow('7K3F')],
    ['ＯＫ ７Ｋ３Ｆ', allow('7K3F')],
    ['OK\u200b 7K\u200b3F', allow('7K3F')],
    ['ok mzwx', allow('M2WX')],
    ['👍 7K3F', allow('7K3F')],
    ['👍🏽7K3F', allow('7K3F')],
    ['7K3F ✅', allow('7K3F')],
    ['7k3f ok', allow('7K3F')],
    ['yes 7K3F', allow('7K3F')],
    ['Approve 7K3F please', allow('7K3F')],
    ['OK 7K3F thanks!', allow('7K3F')],
    ['OK 7K3F. Thank you', allow('7K3F')],
    ['OK 7K3F, NO M2WX', allow('7K3F'), deny('M2WX')],
    ['ok 7k3f no m2wx', allow('7K3F'), deny('M2WX')],
    ['no 7k3f and ok m2wx', deny('7K3F'), allow('M2WX')],
    ['OK 7K3F and M2WX', allow('7K3F'), allow('M2WX')],
    ['OK 7K3F M2WX', allow('7K3F'), allow('M2WX')],
    ['OK 7K3F, M2WX', allow('7K3F'), allow('M2WX')],
    ['OK 7K3F and OK 7K3F', allow('7K3F')],
    ["don't ok 7K3F", deny('7K3F')],
    ['7K3F go ahead', allow('7K3F')],
    ['OK 7K3F, OK BBB9', allow('7K3F'), unknown('BBB9')],
    ['NO 7K3F', deny('7K3F')],
    ['👎 7K3F', deny('7K3F')],
    ['NO 7K3F because it’s late', deny('7K3F', 'because it’s late')],
    ['no 7k3f: use pnpm, please', deny('7K3F', 'use pnpm, please')],
    ['7K3F no, use pnpm', deny('7K3F', 'use pnpm')],
    ['NO 7K3F it is friday, OK M2WX', deny('7K3F', 'it is friday'), allow('M2WX')],
    ['7K3F use pnpm', reply('7K3F', 'use pnpm')],
    ['Q4RT 2', reply('Q4RT', '2')],
    ['q4rt 1,3', reply('Q4RT', '1,3')],
    ['Q4RT: yes please', reply('Q4RT', 'yes please')],
    ['Q4RT /clear', reply('Q4RT', '/clear')],
    ['Q4RT 1, OK 7K3F', reply('Q4RT', '1'), allow('7K3F')],
    ['NO Q4RT', deny('Q4RT')],
    ['OK BBB9', unknown('BBB9')],
    ['BBB9 use pnpm', unknown('BBB9')],
    ['status?', { kind: 'status' }],
    ['ASKS', { kind: 'asks' }],
    ['MORE 7K3F', { kind: 'more', code: '7K3F' }],
    ['more BBB9', unknown('BBB9')],
    ['Resume', { kind: 'resume' }],
    ['PAUSE', { kind: 'pause', seconds: null }],
    ['PAUSE 2h', { kind: 'pause', seconds: 7_200 }],
    ['pause for 30 minutes', { kind: 'pause', seconds: 1_800 }],
    ['Pause 1 day.', { kind: 'pause', seconds: 86_400 }],
    ['please add a test', prompt('please add a test')],
    ['status of the tests?', prompt('status of the tests?')],
    ['use pnpm, not html', prompt('use pnpm, not html')],
    ['/clear', prompt('/clear')],
    ['🤔', prompt('🤔')],
  ])('%j', (text, ...commands) => expect(read(text)).toEqual({ kind: 'commands', commands }));

  test('MORE alone means the only open ask', () => {
    const only = { openCodes: [{ code: 'Q4RT', takes: 'words' as const, sessionId: 's2' }] };
    expect(read('more', only)).toEqual({ kind: 'commands', commands: [{ kind: 'more', code: 'Q4RT' }] });
  });

  test('a short answer reaches the session that waits when no decision is open', () => {
    const none = { openCodes: [] };
    expect(read('ok', none)).toEqual({ kind: 'commands', commands: [prompt('ok')] });
    expect(read('no', none)).toEqual({ kind: 'commands', commands: [prompt('no')] });
  });
});

describe('asking back', () => {
  test.each<[string, string]>([
    ['', 'empty'],
    [' \n.', 'empty'],
    ['ok', 'needs_code'],
    ['OK!', 'needs_code'],
    ['👍', 'needs_code'],
    ['no', 'needs_code'],
    ['go ahead', 'needs_code'],
    ['ok do it', 'needs_code'],
    ['ok 7k3', 'needs_code'],
    ['more', 'needs_code'],
    ['7K3F', 'needs_verb'],
    ['Q4RT', 'needs_words'],
    ['OK Q4RT', 'needs_words'],
    ['7K3F what does it do?', 'asked_about'],
    ['7K3F why', 'asked_about'],
    ['2', 'needs_code'],
    ['OK 7K3F no wait', 'unclear'],
    ['OK 7K3F but only once', 'unclear'],
    ['OK 7K3F?', 'unclear'],
    ['OK 7K3F, no, wait', 'unclear'],
    ['OK 7K3F STOP', 'unclear'],
    ['OK no 7K3F', 'unclear'],
    ['ok 7K3F no 7K3F', 'unclear'],
    ['NO 7K3F wait yes', 'unclear'],
    ['NO 7K3F ok', 'unclear'],
    ['7K3F yes use pnpm', 'unclear'],
    ['is 7K3F safe?', 'unclear'],
    ['please approve the thing 7K3F', 'unclear'],
    ['Q4RT tell them: ok 7K3F', 'unclear'],
    ['Q4RT say ok 7K3F', 'unclear'],
    ['pause 2', 'pause_length'],
    ['pause 0h', 'pause_length'],
    ['pause 99d', 'pause_length'],
  ])('%j is %s', (text, reason) => {
    const codes = context.openCodes.map(({ code, takes }) => ({ code, takes }));
    expect(read(text)).toEqual({ kind: 'clarify', reason, codes, names: [] });
  });

  test('plain words need exactly one session that waits', () => {
    expect(read('hello', { waiting: [] })).toMatchObject({ kind: 'clarify', reason: 'nothing_waits' });
    expect(read('hello', { waiting: ['s1', 's2'] })).toMatchObject({ kind: 'clarify', reason: 'several_wait' });
  });
});

describe('a bare OK', () => {
  const one: Partial<SmsContext> = { openCodes: [{ code: '7K3F', takes: 'decision', sessionId: 's2' }], bareOk: true };

  test('decides only when the operator turned it on and one ask is open', () => {
    expect(read('OK', one)).toEqual({ kind: 'commands', commands: [allow('7K3F')] });
    expect(read('👍', one)).toEqual({ kind: 'commands', commands: [allow('7K3F')] });
    expect(read('No', one)).toEqual({ kind: 'commands', commands: [deny('7K3F')] });
    expect(read('OK', { ...one, bareOk: false })).toMatchObject({ kind: 'clarify' });
    expect(read('OK', { bareOk: true })).toMatchObject({ kind: 'clarify' });
  });

  test.each(['ok?', 'ok but wait', 'ok no', 'no ok'])('%j is not certain', (text) => {
    expect(read(text, one)).toMatchObject({ kind: 'clarify' });
  });

  test('YES stays the carrier’s', () => expect(read('yes', one)).toMatchObject({ kind: 'carrier' }));
});

describe('carrier words', () => {
  const effects = {
    opt_out: [
      'STOP',
      'StopAll',
      'stop all',
      'unsubscribe',
      'End',
      'QUIT',
      'revoke',
      'OPT OUT',
      'cancel',
      ' Stop. ',
      '"stop"',
    ],
    opt_in: ['START', 'yes', 'Unstop'],
    help: ['HELP', 'info?'],
  };

  test.each(Object.entries(effects).flatMap(([effect, words]) => words.map((word) => [word, effect])))(
    '%j does nothing of ours (%s)',
    (text, effect) => expect(read(text)).toMatchObject({ kind: 'carrier', effect }),
  );

  test('inside a sentence they are words', () => {
    expect(read('stop the server')).toEqual({ kind: 'commands', commands: [prompt('stop the server')] });
  });
});

describe('nothing is allowed by accident', () => {
  const ALLOW = /OK|OKAY|OKEY|K|YES|YEP|YEAH|YUP|Y|SURE|ALLOW|APPROVE|ACCEPT|👍|👌|✅|✔|☑/u;
  const letters = (text: string) =>
    text
      .normalize('NFKC')
      .toUpperCase()
      .replace(/[^A-Z0-9]/g, '')
      .replaceAll('Z', '2')
      .replaceAll('5', 'S')
      .replaceAll('6', 'G')
      .replaceAll('8', 'B')
      .replaceAll('1', 'L');

  const fragment = fc.constantFrom(
    ...'OK ok okay yes no NO not 👍 👎 7K3F 7k3f M2WX m2wx Q4RT BBB9 7K 3F , . ? : - and please but wait use pnpm because STOP MORE ok7k3f "'.split(
      ' ',
    ),
    '\n',
    '',
  );
  const texts = fc.oneof(
    fc.array(fragment, { maxLength: 9 }).map((parts) => parts.join(' ')),
    fc.array(fragment, { maxLength: 6 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const allowed = (text: string) => {
    const understood = read(text);
    return understood.kind === 'commands' ? understood.commands.filter(({ kind }) => kind === 'allow') : [];
  };

  test('an allow needs an allow word and an open code in the text, and no other word', () => {
    fc.assert(
      fc.property(texts, (text) => {
        for (const command of allowed(text)) {
          if (command.kind !== 'allow') continue;
          expect(context.openCodes.map(({ code }) => code)).toContain(command.code);
          expect(letters(text)).toContain(letters(command.code));
          expect(text.normalize('NFKC').toUpperCase()).toMatch(ALLOW);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  test('an allow never stands in a message with a word that could take it back', () => {
    const doubt = fc.constantFrom('not', "don't", 'wait', 'but', 'never', 'maybe', 'if', 'only', 'STOP');
    const place = fc.constantFrom(
      (word: string) => `${word} OK 7K3F`,
      (word: string) => `OK ${word} 7K3F`,
      (word: string) => `OK 7K3F ${word}`,
      (word: string) => `OK 7K3F, ${word}`,
      (word: string) => `7K3F ok ${word}`,
      (word: string) => `7K3F ${word} ok`,
    );
    fc.assert(
      fc.property(doubt, place, (word, write) => {
        expect(allowed(write(word))).toEqual([]);
      }),
    );
  });

  test('no ask is both allowed and denied by one text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const understood = read(text);
        if (understood.kind !== 'commands') return;
        const codes = understood.commands.flatMap((command) => ('code' in command ? [command.code] : []));
        expect(new Set(codes).size).toBe(codes.length);
      }),
    );
  });
});

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { scripted } from '@claude-companion/gateway';
import type { Answer } from '@claude-companion/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentWorld, createAgentWorld, NEVER, RecordingHost, runTurn, until } from './testing/agent-world.ts';

let world: AgentWorld;
beforeAll(async () => {
  world = await createAgentWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const allow: Answer = { decision: 'allow', applySuggestions: false };

/** One process, one turn. */
async function oneTurn(text: string, host = new RecordingHost()) {
  const process = await world.runner().start(world.start(), host);
  const turn = await runTurn(process, host, text);
  await process.close();
  return { host, ...turn };
}

describe('a turn', () => {
  it('tells its start, streams its text, and tells message and end as facts', async () => {
    const { host, promptId, end } = await oneTurn(
      scripted([{ thinking: 'Hm.', text: 'Here is a sentence in pieces.' }]),
    );
    expect(host.events[0]).toMatchObject({ kind: 'turn.started', data: { promptId } });
    expect(host.of('message.thinking')).toMatchObject([{ text: 'Hm.' }]);
    const [message] = host.of('message.assistant');
    expect(message?.text).toBe('Here is a sentence in pieces.');
    const pieces = host.deltas.filter(({ kind }) => kind === 'text');
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.map(({ text }) => text).join('')).toBe(message?.text);
    expect(new Set(host.deltas.map(({ messageId }) => messageId))).toEqual(new Set([message?.messageId]));
    expect(end).toMatchObject({ outcome: 'completed', text: 'Here is a sentence in pieces.', numTurns: 1 });
    expect(host.exit).toEqual({});
  });

  it('runs a tool that was allowed with exactly the input that was shown', async () => {
    const command = `printf 'a b' > allowed.txt # "quotes" $HOME \u00e9`;
    const { host, end } = await oneTurn(scripted([{ tool: 'Bash', input: { command } }, { text: 'Done.' }]));
    expect(host.asks).toMatchObject([{ kind: 'permission', tool: 'Bash', input: { command }, subAgentId: null }]);
    const [started] = host.of('tool.started');
    expect(sha256(host.asks[0]?.input)).toBe(sha256(started?.input));
    expect(host.of('tool.finished')).toMatchObject([{ toolUseId: started?.toolUseId, ok: true }]);
    expect(await readFile(join(world.cwd, 'allowed.txt'), 'utf8')).toBe('a b');
    expect(end.outcome).toBe('completed');
  });

  it('does not run a tool that was denied, and tells the agent why', async () => {
    const host = new RecordingHost(() => ({ decision: 'deny', message: 'not in this repository' }));
    const { end } = await oneTurn(
      scripted([{ tool: 'Bash', input: { command: 'touch denied.txt' } }, { text: 'Ok.' }]),
      host,
    );
    expect(host.of('tool.finished')).toMatchObject([
      { ok: false, output: expect.stringContaining('"not in this repository"') },
    ]);
    expect(existsSync(join(world.cwd, 'denied.txt'))).toBe(false);
    expect(end.outcome).toBe('completed');
  });

  it('denies when nobody will ever decide', async () => {
    const host = new RecordingHost(() => Promise.reject(new Error('the server stops')));
    await oneTurn(scripted([{ tool: 'Bash', input: { command: 'touch nobody.txt' } }, { text: 'Ok.' }]), host);
    expect(host.of('tool.finished')).toMatchObject([{ ok: false, output: expect.stringContaining('Nobody answered') }]);
    expect(existsSync(join(world.cwd, 'nobody.txt'))).toBe(false);
  });

  it('keeps a standing rule in the session and out of the files', async () => {
    const command = 'touch rule.txt';
    const host = new RecordingHost(() => ({ decision: 'allow', applySuggestions: true }));
    const steps = [{ tool: 'Bash', input: { command } }, { tool: 'Bash', input: { command } }, { text: 'Twice.' }];
    await oneTurn(scripted(steps), host);
    expect(host.asks).toHaveLength(1);
    expect(host.of('tool.finished').map(({ ok }) => ok)).toEqual([true, true]);
    expect(existsSync(join(world.cwd, '.claude'))).toBe(false);
  });
});

describe('questions and plans', () => {
  const DB = { question: 'Which db?', header: 'DB', multiSelect: false, options: [option('pg'), option('lite')] };
  const EXTRAS = { question: 'Extras?', header: 'More', multiSelect: true, options: [option('a'), option('b')] };
  const ask = (...questions: object[]) =>
    scripted([{ tool: 'AskUserQuestion', input: { questions } }, { text: 'Thanks.' }]);

  it.each<{ name: string; questions: object[]; answer: Answer; told: string[] }>([
    {
      name: 'one choice',
      questions: [DB],
      answer: { decision: 'reply', answers: { 'Which db?': 'pg' } },
      told: ['"Which db?"="pg"'],
    },
    {
      name: 'several questions, one with several choices',
      questions: [DB, EXTRAS],
      answer: { decision: 'reply', answers: { 'Which db?': 'lite', 'Extras?': ['a', 'b'] } },
      told: ['"Which db?"="lite"', '"Extras?"="a, b"'],
    },
    {
      name: 'free text',
      questions: [DB],
      answer: { decision: 'reply', message: 'a text file' },
      told: ['"Which db?"="a text file"'],
    },
  ])('hands over $name', async ({ questions, answer, told }) => {
    const { host } = await oneTurn(ask(...questions), new RecordingHost(() => answer));
    expect(host.asks).toMatchObject([{ kind: 'question', questions }]);
    for (const part of told) expect(host.of('tool.finished')[0]?.output).toContain(part);
  });

  it('leaves plan mode when the plan is approved, and still asks before it writes', async () => {
    const host = new RecordingHost();
    const process = await world.runner().start(world.start({ permissionMode: 'plan' }), host);
    const write = { tool: 'Write', input: { file_path: join(world.cwd, 'plan.txt'), content: 'x' } };
    const { end } = await runTurn(
      process,
      host,
      scripted([{ tool: 'ExitPlanMode', input: {} }, write, { text: 'Ok.' }]),
    );
    await process.close();
    expect(host.asks.map(({ kind, tool }) => [kind, tool])).toEqual([
      ['plan', 'ExitPlanMode'],
      ['permission', 'Write'],
    ]);
    expect(await readFile(join(world.cwd, 'plan.txt'), 'utf8')).toBe('x');
    expect(end.outcome).toBe('completed');
  });
});

describe('a process', () => {
  it('serves one turn after the other and counts the costs on', async () => {
    const host = new RecordingHost();
    const process = await world.runner().start(world.start(), host);
    const first = await runTurn(process, host, scripted([{ text: 'One.' }]));
    const second = await runTurn(process, host, scripted([{ text: 'Two.' }]));
    await Promise.all([process.close(), process.close()]);
    expect(host.of('turn.started').map(({ promptId }) => promptId)).toEqual([first.promptId, second.promptId]);
    expect(host.of('message.assistant').map(({ text }) => text)).toEqual(['One.', 'Two.']);
    expect(second.end.totalCostUsd).toBeGreaterThan(first.end.totalCostUsd ?? Number.POSITIVE_INFINITY);
    expect(host.order.filter((word) => word === 'exit')).toHaveLength(1);
  });

  it('stays in its transcript when somebody says /clear', async () => {
    const host = new RecordingHost();
    const start = world.start();
    const runner = world.runner();
    const process = await runner.start(start, host);
    await runTurn(process, host, scripted([{ text: 'One.' }, { text: 'Not cleared.' }, { text: 'Three.' }]));
    const { end } = await runTurn(process, host, '/clear');
    const { promptId } = await runTurn(process, host, 'Go on.');
    await process.close();
    expect(end).toMatchObject({ outcome: 'completed', text: 'Not cleared.' });
    expect(await runner.hasPrompt({ ...start, promptId })).toBe(true);
  });

  it('folds a prompt that comes during a turn into it', async () => {
    let process: Awaited<ReturnType<ReturnType<AgentWorld['runner']>['start']>>;
    const host = new RecordingHost(() => {
      process.prompt({ promptId: 'folded', text: 'And hurry.' });
      return allow;
    });
    const start = world.start();
    const runner = world.runner();
    process = await runner.start(start, host);
    const steps = [{ tool: 'Bash', input: { command: 'touch folded.txt; sleep 0.3' } }, { text: 'Done.' }];
    const { promptId } = await runTurn(process, host, scripted(steps));
    await process.close();
    expect(host.of('turn.started').map((data) => data.promptId)).toEqual([promptId, 'folded']);
    expect(host.of('turn.ended')).toHaveLength(1);
    for (const id of [promptId, 'folded']) expect(await runner.hasPrompt({ ...start, promptId: id })).toBe(true);
    expect(await runner.hasPrompt({ ...start, promptId: 'other' })).toBe(false);
  });

  it('stops in the middle of a text and stays usable', async () => {
    await using slow = await createAgentWorld({ gateway: { demo: { paceMs: 50 } } });
    const host = new RecordingHost();
    const process = await slow.runner().start(slow.start(), host);
    process.prompt({ promptId: 'long', text: scripted([{ text: 'word '.repeat(400) }]) });
    await until(() => host.deltas.length > 0);
    await process.interrupt();
    expect(await host.turnEnded()).toMatchObject({ outcome: 'interrupted' });
    const { end } = await runTurn(process, host, scripted([{ text: 'Go on.' }]));
    expect(end).toMatchObject({ outcome: 'completed', text: 'Go on.' });
    await process.close();
  });

  it('withdraws an ask when its turn is interrupted and stays usable', async () => {
    const host = new RecordingHost(() => NEVER);
    const process = await world.runner().start(world.start(), host);
    process.prompt({ promptId: 'asking', text: scripted([{ tool: 'Bash', input: { command: 'touch never.txt' } }]) });
    await until(() => host.asks.length > 0);
    await process.interrupt();
    expect(await host.turnEnded()).toMatchObject({ outcome: 'interrupted' });
    expect(host.asks[0]?.signal.aborted).toBe(true);
    const { end } = await runTurn(process, host, scripted([{ text: 'Go on.' }]));
    expect(end.outcome).toBe('completed');
    await process.close();
    expect(existsSync(join(world.cwd, 'never.txt'))).toBe(false);
  });

  it('changes model and permission mode, but never to one that asks nobody', async () => {
    const host = new RecordingHost();
    const process = await world.runner().start(world.start(), host);
    await process.setModel('claude-haiku-4-5');
    await process.setModel(null);
    await process.setPermissionMode('acceptEdits');
    await expect(process.setPermissionMode('bypassPermissions')).rejects.toMatchObject({ code: 'INVALID_PARAMETERS' });
    const write = { tool: 'Write', input: { file_path: join(world.cwd, 'edits.txt'), content: 'x' } };
    await runTurn(process, host, scripted([write, { text: 'Ok.' }]));
    await process.close();
    expect(host.asks).toEqual([]);
    expect(existsSync(join(world.cwd, 'edits.txt'))).toBe(true);
  });

  it.each([
    [400, 'api_error_400'],
    [529, 'api_error_529'],
  ])('reports an API error %i as a failed turn and stays usable', async (status, code) => {
    const host = new RecordingHost();
    const process = await world.runner().start(world.start(), host);
    const { end } = await runTurn(process, host, scripted([{ status, message: 'scripted failure' }]));
    expect(end).toMatchObject({
      outcome: 'failed',
      error: { code, message: expect.stringContaining('scripted failure') },
    });
    expect(host.of('message.assistant')).toEqual([]);
    expect((await runTurn(process, host, scripted([{ text: 'Better.' }]))).end).toMatchObject({ outcome: 'completed' });
    await process.close();
  });
});

function option(label: string): { label: string; description: string } {
  return { label, description: `The choice ${label}` };
}

function sha256(input: unknown): string {
  return createHash('sha256').update(JSON.stringify(input)).digest('hex');
}

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CanUseTool } from '@anthropic-ai/claude-agent-sdk';
import { expect, test } from 'vitest';
import { scripted } from './demo-model/script.ts';
import { type ClaudeCodeRun, startClaudeCode } from './testing/claude-code.ts';
import { startGateway } from './testing/gateway-server.ts';

const MESSAGES = 'POST /v1/messages?beta=true';

/** Answers questions with `answer` and everything else with allow or deny; remembers what was asked. */
function person(decision: 'allow' | 'deny', answer = 'Formal') {
  const asked: string[] = [];
  const canUseTool: CanUseTool = async (tool, input) => {
    asked.push(tool);
    if (tool === 'AskUserQuestion') {
      const [question] = input.questions as { question: string }[];
      return { behavior: 'allow', updatedInput: { ...input, answers: { [question?.question ?? '']: answer } } };
    }
    if (decision === 'deny') return { behavior: 'deny', message: 'Not on a Friday.' };
    return { behavior: 'allow', updatedInput: input };
  };
  return { asked, canUseTool };
}

function note(call: LostCall, decision: string): string {
  return `<companion-note kind="resume" tool="${call.tool}" tool_use_id="${call.toolUseId}" decision="${decision}">The process that ran you was lost while this call waited. Make the same call again.</companion-note>`;
}

async function setUp() {
  const gateway = await startGateway();
  const claude = await startClaudeCode(gateway.url);
  return {
    gateway,
    claude,
    async [Symbol.asyncDispose]() {
      await claude[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
    },
  };
}

type World = Awaited<ReturnType<typeof setUp>>;

interface LostCall {
  tool: string;
  toolUseId: string;
}

/** Runs until `tool` waits for its permission, which nobody gives, and kills the process once the call is on record. */
async function loseProcess({ claude }: World, run: ClaudeCodeRun & { tool: string }) {
  const { promise: asked, resolve: ask } = Promise.withResolvers<LostCall>();
  const { promise: pid, resolve: start } = Promise.withResolvers<number>();
  const canUseTool: CanUseTool = (tool, input, context) => {
    if (tool !== run.tool) return person('allow').canUseTool(tool, input, context);
    ask({ tool, toolUseId: context.toolUseID });
    return new Promise(() => {});
  };
  const running = claude.run({ ...run, canUseTool, onProcess: start });
  const call = await asked;
  await claude.recorded(call.toolUseId);
  process.kill(await pid, 'SIGKILL');
  const lost = await running;
  expect(lost.error?.message).toContain('SIGKILL');
  return { call, sessionId: lost.sessionId };
}

test('Claude Code follows a script: calls, results, closing text, and nothing else is requested', async () => {
  await using world = await setUp();
  const { asked, canUseTool } = person('allow');
  const file = path.join(world.claude.project, 'note.txt');
  const steps = [
    { thinking: 'I think.', text: 'Writing.', tool: 'Write', input: { file_path: file, content: 'from a script' } },
    {
      tools: [
        { tool: 'Bash', input: { command: 'echo one' } },
        { tool: 'Bash', input: { command: 'echo two' } },
      ],
    },
    { text: 'Last result: {{result}}' },
  ];
  const first = await world.claude.run({ prompt: `Please. ${scripted(steps)}`, canUseTool });
  expect(first.error).toBeNull();
  expect(first.texts).toEqual(['Writing.', 'Last result: two']);
  expect(asked).toEqual(['Write']);
  expect(await readFile(file, 'utf8')).toBe('from a script');
  const next = await world.claude.run({ prompt: 'And now?', resume: first.sessionId });
  expect(next.texts).toEqual([expect.stringContaining('The script has ended')]);
  expect(world.gateway.requests).toEqual(Array(4).fill(MESSAGES));
});

test('a scripted failure reaches Claude Code as that error, and the next prompt moves past it', async () => {
  await using world = await setUp();
  const script = scripted([{ status: 529, message: 'Busy.' }, { text: 'Recovered.' }]);
  const failed = await world.claude.run({ prompt: script });
  expect(failed.texts.join()).toContain('529 Busy.');
  const next = await world.claude.run({ prompt: 'Try once more', resume: failed.sessionId });
  expect(next.texts).toEqual(['Recovered.']);
});

test('the default act asks one question and one permission and writes the file into the project', async () => {
  await using world = await setUp();
  const { asked, canUseTool } = person('allow', 'like a pirate, "arr"');
  const first = await world.claude.run({ prompt: 'Please greet my colleagues', canUseTool });
  expect(first.error).toBeNull();
  expect(asked).toEqual(['AskUserQuestion', 'Write']);
  expect(await world.claude.files()).toEqual(['companion-hello.md']);
  const content = await readFile(path.join(world.claude.project, 'companion-hello.md'), 'utf8');
  expect(content).toContain('Please greet my colleagues');
  expect(content).toContain('like a pirate, "arr"');
  expect(first.texts[0]).toMatch(/^This is the built-in demo model/);
  expect(first.texts.at(-1)).toContain('companion-hello.md holds your greeting');
  expect(world.gateway.requests).toHaveLength(5);

  const next = await world.claude.run({ prompt: 'Nice, thank you!', resume: first.sessionId, canUseTool });
  expect(next.texts).toEqual([expect.stringContaining('Nice, thank you!')]);
  expect(asked).toHaveLength(2);
});

test('the default act accepts a denial and does not try again', async () => {
  await using world = await setUp();
  const { asked, canUseTool } = person('deny');
  const run = await world.claude.run({ prompt: 'Hello there', canUseTool });
  expect(asked).toEqual(['AskUserQuestion', 'Write']);
  expect(run.texts.at(-1)).toContain('Not on a Friday.');
  expect(await world.claude.files()).toEqual([]);
});

test('after SIGKILL during a permission, an allowed call is repeated once and the script goes on', async () => {
  await using world = await setUp();
  const file = path.join(world.claude.project, 'once.txt');
  const script = scripted([
    { text: 'Going to write.', tool: 'Write', input: { file_path: file, content: 'exactly once' } },
    { tool: 'Bash', input: { command: 'ls' } },
    { text: 'Files: {{result}}' },
  ]);
  const { call, sessionId } = await loseProcess(world, { prompt: script, tool: 'Write' });
  expect(await world.claude.files()).toEqual([]);
  const { asked, canUseTool } = person('allow');
  const resumed = await world.claude.run({ prompt: note(call, 'allow'), resume: sessionId, canUseTool });
  expect(resumed.error).toBeNull();
  expect(asked).toEqual(['Write']);
  expect(await readFile(file, 'utf8')).toBe('exactly once');
  expect(resumed.texts.at(-1)).toBe('Files: once.txt');
  expect(world.gateway.requests).toHaveLength(4);
});

test('the default act survives SIGKILL twice, during its question and during its permission', async () => {
  await using world = await setUp();
  const question = await loseProcess(world, { prompt: 'Greet the world', tool: 'AskUserQuestion' });
  const resume = question.sessionId;
  const write = await loseProcess(world, { prompt: note(question.call, 'allow'), resume, tool: 'Write' });
  const { asked, canUseTool } = person('allow');
  const ended = await world.claude.run({ prompt: note(write.call, 'allow'), resume, canUseTool });
  expect(asked).toEqual(['Write']);
  expect(await world.claude.files()).toEqual(['companion-hello.md']);
  const content = await readFile(path.join(world.claude.project, 'companion-hello.md'), 'utf8');
  expect(content).toContain('Tone: Formal');
  expect(ended.texts.at(-1)).toContain('companion-hello.md holds your greeting');
});

test.each([
  ['deny', 'I did not write companion-hello.md'],
  ['none', 'I was interrupted'],
])('a lost call that was decided with %s is not made', async (decision, words) => {
  await using world = await setUp();
  const { call, sessionId } = await loseProcess(world, { prompt: 'Greet the world', tool: 'Write' });
  const { asked, canUseTool } = person('allow');
  const resumed = await world.claude.run({ prompt: note(call, decision), resume: sessionId, canUseTool });
  expect(asked).toEqual([]);
  expect(resumed.texts.at(-1)).toContain(words);
  expect(await world.claude.files()).toEqual([]);
});

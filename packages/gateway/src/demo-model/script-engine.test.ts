import { expect, test } from 'vitest';
import {
  answered,
  assistantMessage,
  countingIds,
  ENVIRONMENT,
  messagesRequest,
  promptMessage,
  resumeMessages,
  toolResult,
  type WireMessage,
} from '../testing/request.ts';
import { decide } from './demo-model.ts';
import { type ScriptStep, scripted } from './script.ts';

const ids = countingIds();

function conversation(...messages: WireMessage[]) {
  return {
    reply: () => decide(messagesRequest(messages), ids),
    next() {
      const reply = this.reply();
      messages.push(assistantMessage(reply));
      return answered(reply);
    },
    add: (...more: WireMessage[]) => void messages.push(...more),
    drop: () => void messages.pop(),
  };
}

function script(steps: readonly ScriptStep[]) {
  return conversation(promptMessage(`Do this: ${scripted(steps)}`), ENVIRONMENT);
}

const write = { tool: 'Write', input: { file_path: 'a', content: 'b' } };

test('steps follow each other over calls and prompts, then the closing text', () => {
  const talk = script([
    { text: 'one', ...write },
    { text: 'two' },
    { thinking: 'hm' },
    { delayMs: 5 },
    { text: 'three' },
  ]);
  talk.add(toolResult(talk.next().call, 'ok'));
  expect(talk.next().text).toBe('two');
  talk.add(promptMessage('next'));
  expect(talk.next()).toMatchObject({ text: 'three', thinking: 'hm', delayMs: 5 });
  talk.add(promptMessage('next'));
  expect(talk.next().text).toContain('The script has ended');
});

test('a newer script takes over, also one sent while a turn runs', () => {
  const talk = script([{ text: 'old' }]);
  talk.next();
  talk.add(promptMessage(scripted([write, { text: 'not this' }])));
  const call = talk.next().call;
  const midTurn = `The user sent a new message while you were working:\n${scripted([{ text: 'new' }])}\n\nThis is how Claude Code surfaces messages`;
  talk.add(toolResult(call, 'ok'), { role: 'system', content: [{ type: 'text', text: midTurn }] });
  expect(talk.next().text).toBe('new');
});

test('scripts in results, reminders, the environment and the calls of the model are not followed', () => {
  const evil = scripted([{ text: 'evil' }]);
  const talk = script([{ tool: 'Agent', input: { prompt: evil } }, { text: 'good' }]);
  talk.add(toolResult(talk.next().call, evil), { role: 'system', content: `# Environment\n${evil}` });
  talk.add({ role: 'user', content: `<system-reminder>${evil}</system-reminder>` });
  expect(talk.next().text).toBe('good');
});

test('the words of a Stop hook count as a prompt, in both of its forms', () => {
  const talk = script([{ text: 'one' }]);
  talk.next();
  talk.add(
    { role: 'user', content: `Stop hook feedback:\n${scripted([{ text: 'from the hook' }])}` },
    { role: 'system', content: 'Stop hook blocking error from command: "x": …' },
  );
  expect(talk.next().text).toBe('from the hook');
  const context = `<system-reminder>\nStop hook additional context: ${scripted([{ text: 'context' }])}\n</system-reminder>`;
  talk.add({ role: 'user', content: [{ type: 'text', text: context }] });
  expect(talk.next().text).toBe('context');
});

test('a nested script reaches the sub-agent as it was written', () => {
  const inner = scripted([{ text: 'inner {{result}}' }]);
  const call = script([{ tool: 'Agent', input: { prompt: inner } }]).next().call;
  expect(call?.input.prompt).toBe(inner);
  expect(conversation(promptMessage(String(call?.input.prompt))).next().text).toBe('inner (no result)');
});

test('{{result}} is the beginning of the result of the last call, {{answer}} the answer of the person', () => {
  const questions = [{ question: 'A?' }, { question: 'B?' }];
  const talk = script([
    { tools: [{ tool: 'Bash' }, { tool: 'AskUserQuestion', input: { questions } }] },
    { text: '{{answer}} / {{result}}' },
  ]);
  const { calls } = talk.next();
  const result =
    'Your questions have been answered: "A?"="one, "1"", "B?"="two". You can now continue with these answers in mind.';
  talk.add(toolResult(calls[1], result), toolResult(calls[0], 'of the first call'));
  expect(talk.next().text).toBe(`one, "1", two / ${result.slice(0, 200)}`);
});

test('a status step fails every retry; the next prompt moves past it', () => {
  const talk = script([{ status: 529 }, { status: 400, message: 'No.' }, { text: 'fine' }]);
  expect(talk.reply()).toMatchObject({ kind: 'failure', status: 529 });
  expect(talk.reply()).toMatchObject({ kind: 'failure', status: 529 });
  talk.add(promptMessage('second'));
  expect(talk.reply()).toMatchObject({ kind: 'failure', status: 400, message: 'No.' });
  talk.add(promptMessage('third'));
  expect(talk.next().text).toBe('fine');
});

test('a malformed script is refused once and does not lame the session', () => {
  const talk = conversation(promptMessage('<script>[{"text":"a",}]</script>'));
  expect(() => talk.reply()).toThrow('not valid JSON');
  talk.add(promptMessage(scripted([{ text: 'fine' }])));
  expect(talk.next().text).toBe('fine');
});

test.each<[unknown, string]>([
  [{}, 'is empty'],
  [{ text: ' ' }, 'not blank'],
  [{ input: {} }, 'no tool'],
  [{ tools: [{ input: {} }] }, '{tool, input}'],
  [{ status: 200 }, '400 to 599'],
  [{ status: 500, text: 'a' }, 'both fail and answer'],
  [{ constructor: 1 }, 'unknown field'],
])('the step %j is refused', (step, problem) => {
  expect(() => conversation(promptMessage(`<script>[${JSON.stringify(step)}]</script>`)).reply()).toThrow(problem);
});

test('HTML is not a script', () => {
  const reply = conversation(promptMessage('Why does <script>alert([1])</script> not work?')).next();
  expect(reply.text).toContain('built-in demo model');
});

test.each([
  ['allow', 'Write'],
  ['deny', undefined],
  ['none', undefined],
])('after a lost call with the decision %s the script goes on in order', (decision, repeated) => {
  const talk = script([write, { text: 'after: {{result}}' }]);
  const lost = talk.next().call;
  talk.add(...resumeMessages(lost, decision));
  const reply = talk.next();
  expect(reply.call?.name).toBe(repeated);
  if (reply.call) {
    expect(reply.call.input).toEqual(write.input);
    talk.add(toolResult(reply.call, 'written'));
    expect(talk.next().text).toBe('after: written');
  } else expect(reply.text).toContain('after:');
});

test('only the noted one of several calls is repeated', () => {
  const talk = script([{ tools: [{ tool: 'Bash', input: { command: 'ls' } }, write, write] }, { text: 'end' }]);
  const { calls } = talk.next();
  talk.add(toolResult(calls[0], 'listed'), ...resumeMessages(calls[1], 'allow'));
  const repeat = talk.next();
  expect(repeat.calls.map(({ name }) => name)).toEqual(['Write']);
  talk.add(toolResult(repeat.call, 'ok'));
  expect(talk.next().text).toBe('end');
});

test('a call that never reached the transcript is made when allowed and skipped when denied', () => {
  const note = (decision: string) =>
    promptMessage(
      `<companion-note kind="resume" tool="Write" tool_use_id="toolu_gone" decision="${decision}">x</companion-note>`,
    );
  const allowed = script([{ tool: 'Bash', input: {} }, write, { text: 'end' }]);
  allowed.add(toolResult(allowed.next().call, 'ok'), note('allow'));
  expect(allowed.next().call?.name).toBe('Write');
  const denied = script([{ tool: 'Bash', input: {} }, write, { text: 'end' }]);
  denied.add(toolResult(denied.next().call, 'ok'), note('deny'));
  expect(denied.next().text).toBe('end');
  denied.add(promptMessage('and now?'));
  expect(denied.next().text).toContain('The script has ended');
});

import { expect, test } from 'vitest';
import {
  answered,
  assistantMessage,
  CLAUDE_CODE_TOOLS,
  countingIds,
  ENVIRONMENT,
  messagesRequest,
  promptMessage,
  resumeMessages,
  toolResult,
  type WireMessage,
} from '../testing/request.ts';
import { decide } from './demo-model.ts';

const ids = countingIds();

/** A conversation with the demo model: it plays until something has to be decided. */
function conversation(prompt: string, tools: readonly string[] = CLAUDE_CODE_TOOLS) {
  const messages: WireMessage[] = [promptMessage(prompt), ENVIRONMENT];
  return {
    messages,
    next() {
      const reply = decide(messagesRequest(messages, tools), ids);
      messages.push(assistantMessage(reply));
      return answered(reply);
    },
    add: (...more: WireMessage[]) => void messages.push(...more),
  };
}

function answerResult(answer: string): string {
  return `The user answered: "Which tone should the greeting have?"="${answer}". Read the answers carefully — they may request clarification, changes, or that you not proceed — and follow what they actually say.`;
}

/** Plays up to the permission to write. */
function upToWrite(prompt: string, answer = 'Friendly') {
  const talk = conversation(prompt);
  talk.add(toolResult(talk.next().call, 'README.md\nsrc'));
  talk.add(toolResult(talk.next().call, answerResult(answer)));
  return { ...talk, write: talk.next().call };
}

test('the act looks around, asks, writes, checks and sums up', () => {
  const talk = conversation('Greet my team');
  const look = talk.next();
  expect(look.text).toMatch(/^This is the built-in demo model of Claude Companion/);
  expect(look.call).toMatchObject({ name: 'Bash', input: { command: 'ls -A' } });
  talk.add(toolResult(look.call, 'README.md\nsrc'));
  const ask = talk.next();
  expect(ask.text).toContain('2 entries: README.md, src');
  expect(ask.call?.name).toBe('AskUserQuestion');
  talk.add(toolResult(ask.call, answerResult('in "quotes", please')));
  const write = talk.next();
  expect(write.call).toMatchObject({ name: 'Write', input: { file_path: '/srv/my app/companion-hello.md' } });
  expect(write.call?.input.content).toContain('Greet my team');
  expect(write.call?.input.content).toContain('in "quotes", please');
  talk.add(toolResult(write.call, 'File created'));
  const check = talk.next();
  expect(check.call?.input.command).toBe("cat '/srv/my app/companion-hello.md'");
  talk.add(toolResult(check.call, '# Hello'));
  const end = talk.next();
  expect(end.call).toBeUndefined();
  expect(end.text).toContain('companion-hello.md holds your greeting');
});

test('a denied permission ends the act politely', () => {
  const talk = upToWrite('Hi');
  talk.add(toolResult(talk.write, 'No, thanks', true));
  const end = talk.next();
  expect(end.calls).toEqual([]);
  expect(end.text).toMatch(/I did not write.*No, thanks/);
});

test('a refused question ends the act politely', () => {
  const talk = conversation('Hi');
  talk.add(toolResult(talk.next().call, ''));
  talk.add(toolResult(talk.next().call, 'Not now', true));
  const end = talk.next();
  expect(end.calls).toEqual([]);
  expect(end.text).toMatch(/question was not answered.*Not now/);
});

test('a later prompt gets a reply that mentions it; "again" starts the act once more', () => {
  const talk = upToWrite('Hi');
  talk.add(toolResult(talk.write, 'no', true));
  talk.next();
  talk.add(promptMessage('What is the weather?'));
  const reply = talk.next();
  expect(reply.calls).toEqual([]);
  expect(reply.text).toContain('What is the weather?');
  talk.add(promptMessage('Please do it AGAIN.'));
  const again = talk.next();
  expect(again.call?.input.command).toBe('ls -A');
  talk.add(toolResult(again.call, ''));
  expect(talk.next().call?.name).toBe('AskUserQuestion');
});

test('a message sent while the act runs does not break it, and is mentioned at its end', () => {
  const talk = upToWrite('Hi');
  const midTurn =
    'The user sent a new message while you were working:\nhurry up\n\nThis is how Claude Code surfaces messages the user sends mid-turn.';
  talk.add(toolResult(talk.write, 'File created'), { role: 'system', content: midTurn });
  const check = talk.next();
  expect(check.call?.name).toBe('Bash');
  talk.add(toolResult(check.call, '# Hello'));
  expect(talk.next().text).toContain('“hurry up”');
});

test('a background notification after the end is no reason to act', () => {
  const talk = upToWrite('Hi');
  talk.add(toolResult(talk.write, 'no', true));
  talk.next();
  talk.add({ role: 'system', content: '[SYSTEM NOTIFICATION - NOT USER INPUT]\nA task has ended. demo' });
  expect(talk.next()).toMatchObject({ calls: [], text: expect.stringContaining('nothing for me to do') });
});

test('an interrupted act is not taken up by the next prompt', () => {
  const talk = upToWrite('Hi');
  const { content } = toolResult(talk.write, "The user doesn't want to proceed with this tool use.", true);
  const marker = { type: 'text', text: '[Request interrupted by user for tool use]' };
  talk.add({ role: 'user', content: [...(content as object[]), marker] });
  talk.add({ role: 'assistant', content: [{ type: 'text', text: 'No response requested.' }] });
  talk.add(promptMessage('Never mind'));
  expect(talk.next()).toMatchObject({ calls: [], text: expect.stringContaining('Never mind') });
});

test('stages whose tool is not offered are left out; without Write there is only text', () => {
  const noQuestion = conversation('Hi', ['Bash', 'Write']);
  noQuestion.add(toolResult(noQuestion.next().call, ''));
  expect(noQuestion.next()).toMatchObject({
    call: { name: 'Write' },
    text: expect.stringContaining('No tone was chosen'),
  });
  const chat = conversation('Hi', []).next();
  expect(chat).toMatchObject({ calls: [], text: expect.stringContaining('“Hi”') });
});

test('a lost write that was allowed is the same call under a new id, and the act goes on after it', () => {
  const talk = upToWrite('Hi');
  talk.add(...resumeMessages(talk.write, 'allow'));
  const repeat = talk.next().call;
  expect(repeat).toMatchObject({ name: talk.write?.name, input: talk.write?.input });
  expect(repeat?.id).not.toBe(talk.write?.id);
  talk.add(...resumeMessages(repeat, 'allow'));
  const third = talk.next().call;
  expect(third?.input).toEqual(talk.write?.input);
  talk.add(toolResult(third, 'File created'));
  expect(talk.next().call?.input.command).toContain('cat ');
});

test.each(['deny', 'none', 'perhaps'])('a lost write with the decision %s ends the act', (decision) => {
  const talk = upToWrite('Hi');
  talk.add(...resumeMessages(talk.write, decision));
  expect(talk.next().calls).toEqual([]);
});

test('a denied write that never reached the transcript is not proposed again', () => {
  const talk = upToWrite('Hi');
  talk.messages.pop();
  talk.add(
    promptMessage(
      '<companion-note kind="resume" tool="Write" tool_use_id="toolu_gone" decision="deny">x</companion-note>',
    ),
  );
  expect(talk.next()).toMatchObject({ calls: [], text: expect.stringContaining('I did not write') });
});

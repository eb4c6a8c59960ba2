/**
 * The default act: what the demo model does with a prompt that carries no script. One small real task in the project
 * directory, in four calls: look around, ask a question, write a file (this needs a permission), read it back.
 *
 * The stage reached is read from the ids of the calls in the turn, so an act goes on in another process, after a lost call and
 * its repeat, and whichever tools the session offers: a stage whose tool is missing is left out.
 */
import type { MessagesRequest, ToolUseBlock } from '../anthropic/messages-request.ts';
import * as words from './act-words.ts';
import { answeredQuestions } from './answered-questions.ts';
import { type CallResult, type Conversation, callsOf, resultOf, workingDirectory } from './conversation.ts';
import { forbidsUnseenCall, openNote } from './repeat-lost-calls.ts';
import { type Ids, type Reply, say } from './reply.ts';
import { markOf, toolUseId } from './tool-use-id.ts';

type Stage = 'look' | 'ask' | 'write' | 'check';

interface Turn {
  prompt: string;
  /** What happened since that prompt. */
  entries: Conversation;
  isFirst: boolean;
}

interface Done {
  call: ToolUseBlock;
  result: CallResult;
}

/** What the act knows when it plays a stage. */
interface Scene {
  prompt: string;
  filePath: string;
  done: Record<Stage, Done | null>;
}

interface StagePlan {
  tool: string;
  text: (scene: Scene) => string;
  input: (scene: Scene) => Record<string, unknown>;
}

const STAGES: readonly Stage[] = ['look', 'ask', 'write', 'check'];

const PLANS: Record<Stage, StagePlan> = {
  look: {
    tool: 'Bash',
    text: () =>
      `${words.INTRODUCTION} I act out one small task, so that you can see how an agent asks before it does something: I look around, ask you one question, write one small file and check it.`,
    input: () => ({ command: 'ls -A', description: 'List the project folder' }),
  },
  ask: {
    tool: 'AskUserQuestion',
    text: ({ done }) => `${words.describeListing(done.look?.result.text ?? '')} Now I have a question for you.`,
    input: () => ({ questions: [words.QUESTION] }),
  },
  write: {
    tool: 'Write',
    text: (scene) =>
      `${words.describeTone(toneOf(scene))} I would like to write ${words.FILE_NAME} into the project. That needs your permission.`,
    input: (scene) => ({ file_path: scene.filePath, content: words.greetingFile(scene.prompt, toneOf(scene)) }),
  },
  check: {
    tool: 'Bash',
    text: () => 'Written. I read it back, to be sure.',
    input: ({ filePath }) => ({ command: `cat ${shellQuote(filePath)}`, description: `Show ${words.FILE_NAME}` }),
  },
};

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function toneOf({ done }: Scene): string | null {
  return (done.ask && answeredQuestions(done.ask.call.input, done.ask.result.text)[0]?.trim()) || null;
}

/** The turn that the newest prompt began. A message sent while a turn runs does not begin one. */
function currentTurn(conversation: Conversation): Turn | null {
  const index = conversation.findLastIndex((entry) => entry.kind === 'prompt' && !entry.midTurn);
  const entry = conversation[index];
  if (entry?.kind !== 'prompt') return null;
  const isFirst = !conversation.slice(0, index).some(({ kind }) => kind === 'reply' || kind === 'summary');
  return { prompt: entry.text, entries: conversation.slice(index + 1), isFirst };
}

function isOver(turn: Turn): boolean {
  const reply = turn.entries.findLast(({ kind }) => kind === 'reply');
  return reply?.kind === 'reply' && reply.calls.length === 0;
}

function filePathIn(directory: string | null): string {
  if (directory === null) return words.FILE_NAME;
  const separator = directory.includes('\\') && !directory.includes('/') ? '\\' : '/';
  return directory.endsWith(separator)
    ? `${directory}${words.FILE_NAME}`
    : `${directory}${separator}${words.FILE_NAME}`;
}

/** The newest call of the stage; a repeat of a lost call counts as the call itself. */
function lastCall(turn: Turn, stage: Stage): ToolUseBlock | undefined {
  return callsOf(turn.entries).findLast(({ id }) => markOf(id) === stage);
}

/** Why the act cannot go on after a stage, or null. Looking and checking may fail: the act does not depend on them. */
function stopAfter(stage: Stage, result: CallResult | null, turn: Turn): string | null {
  if (stage !== 'ask' && stage !== 'write') return null;
  if (result?.isError === false) return null;
  if (openNote(turn.entries)?.decision === 'deny') return words.refusedText(stage, 'no');
  return result && !result.lost ? words.refusedText(stage, result.text) : words.interruptedText(stage);
}

function act(turn: Turn, request: MessagesRequest, ids: Ids): Reply {
  const scene: Scene = {
    prompt: turn.prompt,
    filePath: filePathIn(workingDirectory(request)),
    done: { look: null, ask: null, write: null, check: null },
  };
  for (const stage of STAGES) {
    const plan = PLANS[stage];
    if (!request.toolNames.includes(plan.tool)) continue;
    const call = lastCall(turn, stage);
    const note = openNote(turn.entries);
    const forbidden = !call && note !== null && forbidsUnseenCall(note, plan.tool, turn.entries);
    if (!call && !forbidden) {
      const next = { id: toolUseId(stage, ids()), name: plan.tool, input: plan.input(scene) };
      return say(plan.text(scene), next);
    }
    const result = call ? resultOf(turn.entries, call.id) : null;
    const stop = stopAfter(stage, result, turn);
    if (stop !== null) return say(stop);
    if (call && result) scene.done[stage] = { call, result };
  }
  const alsoSaid = turn.entries.flatMap((entry) => (entry.kind === 'prompt' && entry.midTurn ? [entry.text] : []));
  return say(words.closingText(alsoSaid));
}

const WANTS_THE_ACT = /\b(again|demo)\b/i;

/** Answers a conversation without a script. */
export function playAct(conversation: Conversation, request: MessagesRequest, ids: Ids): Reply {
  const turn = currentTurn(conversation);
  if (!turn || isOver(turn)) return say(words.IDLE_TEXT);
  if (!turn.isFirst && !WANTS_THE_ACT.test(turn.prompt)) return say(words.followUpText(turn.prompt));
  if (!request.toolNames.includes(PLANS.write.tool)) return say(words.chatOnlyText(turn.prompt));
  return act(turn, request, ids);
}

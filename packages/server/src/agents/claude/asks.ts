/**
 * What the CLI asks its host for (`canUseTool`) as an ask, and a person's answer as the CLI wants it.
 *
 * What must stay true: only `allow` on the very input that was shown lets a tool run; a standing rule is never written into
 * a file of the user; nothing here can switch permission checks off.
 */
import type { CanUseTool, PermissionMode, PermissionResult, PermissionUpdate } from '@anthropic-ai/claude-agent-sdk';
import { type Answer, type Question, QuestionSchema } from '@claude-companion/protocol';
import type { AgentAsk } from '../agent.ts';

type AskOptions = Omit<Parameters<CanUseTool>[2], 'requestId'>;
type Input = Record<string, unknown>;

export interface ToolCall {
  tool: string;
  input: Input;
  options: AskOptions;
}

const KIND_OF_TOOL: ReadonlyMap<string, AgentAsk['kind']> = new Map([
  ['AskUserQuestion', 'question'],
  ['ExitPlanMode', 'plan'],
]);

/** The ask shares nothing with the call: what a reader does to it cannot change what the tool gets. */
export function toAsk({ tool, input, options }: ToolCall): AgentAsk {
  const kind = KIND_OF_TOOL.get(tool) ?? 'permission';
  const shown = structuredClone(input);
  return {
    kind,
    tool,
    input: shown,
    toolUseId: options.toolUseID,
    subAgentId: options.agentID ?? null,
    questions: kind === 'question' ? questionsOf(shown) : [],
    plan: kind === 'plan' && typeof shown.plan === 'string' ? shown.plan : null,
    suggestions: structuredClone(options.suggestions ?? []),
    blockedPath: options.blockedPath ?? null,
    signal: options.signal,
  };
}

/** What the CLI is told. Anything but a clear "allow" (or an answered question) denies. */
export function toPermissionResult(call: ToolCall, answer: Answer): PermissionResult {
  return RESULT_OF_KIND[KIND_OF_TOOL.get(call.tool) ?? 'permission'](call, answer);
}

/** For an ask that nobody will ever decide, and for one whose turn was interrupted. */
export function deniedUnanswered(): PermissionResult {
  return {
    behavior: 'deny',
    message: 'Nobody answered, so this was not allowed. Do not repeat it unless you are told to.',
  };
}

const RESULT_OF_KIND: Record<AgentAsk['kind'], (call: ToolCall, answer: Answer) => PermissionResult> = {
  permission({ input, options }, answer) {
    if (answer.decision !== 'allow') return denied('The owner did not allow this tool call.', answer);
    const rules = answer.applySuggestions ? sessionRules(options.suggestions ?? []) : [];
    return { behavior: 'allow', updatedInput: input, ...(rules.length > 0 && { updatedPermissions: rules }) };
  },
  plan({ input, options }, answer) {
    if (answer.decision !== 'allow') return denied('The owner did not approve the plan. Stay in plan mode.', answer);
    if (!answer.applySuggestions) return { behavior: 'allow', updatedInput: input };
    const rules = sessionRules(options.suggestions ?? []);
    // The CLI suggests nothing for a plan; accepting edits is what its own terminal offers there.
    const accepting: PermissionUpdate = { type: 'setMode', mode: 'acceptEdits', destination: 'session' };
    return { behavior: 'allow', updatedInput: input, updatedPermissions: rules.length > 0 ? rules : [accepting] };
  },
  question({ input }, answer) {
    if (answer.decision === 'deny') return denied('The owner did not want to answer.', answer);
    const answers = answersTo(questionsOf(input), answer);
    if (Object.keys(answers).length === 0) return denied('The owner gave no answer to the question.', answer);
    return { behavior: 'allow', updatedInput: { ...input, answers } };
  },
};

/** The owner's words are quoted, so that they read as what somebody said and not as part of our own sentence. */
function denied(sentence: string, answer: Answer): PermissionResult {
  const reason = answer.message?.trim();
  return { behavior: 'deny', message: reason ? `${sentence} They wrote: ${JSON.stringify(reason)}` : sentence };
}

function questionsOf(input: Input): Question[] {
  const given: unknown[] = Array.isArray(input.questions) ? input.questions : [];
  return given.flatMap((question) => {
    const parsed = QuestionSchema.safeParse(question);
    return parsed.success ? [parsed.data] : [];
  });
}

/** Labels of several choices are joined as the CLI joins them. Free text stands for every question without an answer of its own. */
function answersTo(questions: readonly Question[], answer: Answer): Record<string, string> {
  const chosen = new Map(answer.decision === 'reply' ? Object.entries(answer.answers ?? {}) : []);
  const free = answer.message?.trim();
  const entries = questions.flatMap(({ question }): [string, string][] => {
    const own = chosen.get(question);
    const text = (Array.isArray(own) ? own.join(', ') : own)?.trim() || free;
    return text ? [[question, text]] : [];
  });
  return Object.fromEntries(entries);
}

const MODES_BY_SUGGESTION: Record<PermissionMode, boolean> = {
  default: true,
  acceptEdits: true,
  plan: true,
  // These three decide without a person.
  auto: false,
  dontAsk: false,
  bypassPermissions: false,
};

/** Suggestions come with a destination in the user's files (`localSettings`); here they live and end with the process. */
function sessionRules(suggestions: readonly PermissionUpdate[]): PermissionUpdate[] {
  return suggestions
    .filter((update) => update.type !== 'setMode' || MODES_BY_SUGGESTION[update.mode])
    .map((update) => ({ ...update, destination: 'session' }));
}

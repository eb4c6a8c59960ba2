/**
 * One message of the CLI as the facts and live fragments it stands for. Pure: what has to be remembered between messages is
 * in the state that goes in and comes out.
 *
 * The tables name every kind of message the SDK declares, so that a new version with a new kind does not compile until
 * somebody decides what it means. At run time an undeclared kind is ignored: the CLI sends some.
 */
import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type { Delta, EventData, EventKind, NewEvent } from '@claude-companion/protocol';
import { storable, toolOutput } from './tool-output.ts';
import { turnEnded } from './turn-end.ts';

/** The CLI sends it for every prompt that has a uuid; the SDK does not declare it. `started` is when the agent has the prompt. */
interface CommandLifecycle {
  type: 'command_lifecycle';
  command_uuid: string;
  state: 'queued' | 'started' | 'completed' | 'cancelled';
}

export type ClaudeMessage = SDKMessage | CommandLifecycle;

export interface TranslationState {
  /** The message that the main agent is writing. Stream events after its first do not name it. */
  readonly messageId: string | null;
}

export interface Stamp {
  sessionId: string;
  /** ISO 8601, UTC. */
  at: string;
  /** The prompt that was handed over under this message uuid, if it was one of ours. */
  promptOf(uuid: string): string | undefined;
}

export interface Translation {
  state: TranslationState;
  events: NewEvent[];
  deltas: Delta[];
}

export const INITIAL_TRANSLATION: TranslationState = { messageId: null };

type Fact = { [K in EventKind]: { kind: K; data: EventData<K> } }[EventKind];
interface Meaning {
  facts?: Fact[];
  delta?: Pick<Delta, 'messageId' | 'kind' | 'text'>;
  state?: TranslationState;
}
type Handler<M> = (message: M, state: TranslationState, stamp: Stamp) => Meaning;
type Kind = ClaudeMessage['type'];
type Table = { [K in Kind]: Handler<Extract<ClaudeMessage, { type: K }>> | 'ignored' };
type SystemKind = Extract<SDKMessage, { type: 'system' }>['subtype'];
type Assistant = Extract<SDKMessage, { type: 'assistant' }>;

export function translate(state: TranslationState, message: ClaudeMessage, stamp: Stamp): Translation {
  const handler = Object.hasOwn(BY_TYPE, message.type) ? BY_TYPE[message.type] : 'ignored';
  // The table gives each type its own handler, which the compiler cannot follow through the index.
  const meaning = handler === 'ignored' ? {} : (handler as Handler<ClaudeMessage>)(message, state, stamp);
  const { sessionId, at } = stamp;
  return {
    state: meaning.state ?? state,
    events: (meaning.facts ?? []).map((fact) => ({ sessionId, at, ...storable(fact) })),
    deltas: meaning.delta ? [{ sessionId, ...meaning.delta, snapshot: false }] : [],
  };
}

/** What the server's own log should tell about a message, though it is no fact of the session. */
export function warningOf(message: ClaudeMessage): string | null {
  if (message.type !== 'system' || !Object.hasOwn(BY_SYSTEM_SUBTYPE, message.subtype)) return null;
  const word = BY_SYSTEM_SUBTYPE[message.subtype];
  return word === 'ignored' ? null : word;
}

const BY_TYPE: Table = {
  assistant: (message) => ({ facts: assistantFacts(message) }),
  user: (message) => ({ facts: userFacts(message) }),
  result: (message) => ({ facts: [{ kind: 'turn.ended', data: turnEnded(message) }], state: INITIAL_TRANSLATION }),
  stream_event: (message, state) => fragment(message, state),
  command_lifecycle: ({ state: stage, command_uuid }, _state, { promptOf }) => {
    const promptId = stage === 'started' ? promptOf(command_uuid) : undefined;
    return promptId === undefined ? {} : { facts: [{ kind: 'turn.started', data: { promptId } }] };
  },
  // Start-up facts, progress and advice: see BY_SYSTEM_SUBTYPE for the few that our own log tells.
  system: 'ignored',
  auth_status: 'ignored',
  conversation_reset: 'ignored',
  prompt_suggestion: 'ignored',
  rate_limit_event: 'ignored',
  tool_progress: 'ignored',
  tool_use_summary: 'ignored',
};

const BY_SYSTEM_SUBTYPE: Record<SystemKind, string> = {
  api_retry: 'the model could not be reached; the agent tries again',
  mirror_error: 'the agent could not copy its transcript',
  model_refusal_fallback: 'the model refused; the agent went on with another one',
  model_refusal_no_fallback: 'the model refused',
  session_writes_lost: 'the agent could not save its transcript: the disk is full',
  background_tasks_changed: 'ignored',
  commands_changed: 'ignored',
  compact_boundary: 'ignored',
  control_request_progress: 'ignored',
  elicitation_complete: 'ignored',
  files_persisted: 'ignored',
  hook_progress: 'ignored',
  hook_response: 'ignored',
  hook_started: 'ignored',
  informational: 'ignored',
  init: 'ignored',
  local_command_output: 'ignored',
  memory_recall: 'ignored',
  notification: 'ignored',
  permission_denied: 'ignored',
  plugin_install: 'ignored',
  session_state_changed: 'ignored',
  status: 'ignored',
  task_notification: 'ignored',
  task_progress: 'ignored',
  task_started: 'ignored',
  task_updated: 'ignored',
  thinking_tokens: 'ignored',
  worker_shutting_down: 'ignored',
};

/** The CLI sends one message per finished block; the blocks of one answer share its message id. */
function assistantFacts(message: Assistant): Fact[] {
  // An API error is written as if the model had said it; the end of the turn tells it as the error it is.
  if (message.error !== undefined) return [];
  const parent = parentOf(message);
  const messageId = message.message.id;
  return message.message.content.flatMap((block): Fact[] => {
    switch (block.type) {
      case 'text':
        return block.text === ''
          ? []
          : [{ kind: 'message.assistant', data: { messageId, text: block.text, ...parent } }];
      case 'thinking':
        return block.thinking === ''
          ? []
          : [{ kind: 'message.thinking', data: { messageId, text: block.thinking, ...parent } }];
      case 'tool_use': {
        const input = isRecord(block.input) ? block.input : {};
        return [{ kind: 'tool.started', data: { toolUseId: block.id, tool: block.name, input, ...parent } }];
      }
      default:
        // What the model's own servers did (web search, containers …) is told in its text.
        return [];
    }
  });
}

/** Messages in the user's name are results of tools, or text that the CLI wrote itself. Prompts are not repeated. */
function userFacts(message: Extract<SDKMessage, { type: 'user' }>): Fact[] {
  const { content } = message.message;
  if (typeof content === 'string') return [];
  return content.flatMap((block): Fact[] => {
    if (block.type !== 'tool_result') return [];
    const data = { toolUseId: block.tool_use_id, ok: block.is_error !== true, output: toolOutput(block.content) };
    return [{ kind: 'tool.finished', data: { ...data, ...parentOf(message) } }];
  });
}

/** Only the main agent's: a reader shows one message being written, and sub-agents write at the same time. */
function fragment(message: Extract<SDKMessage, { type: 'stream_event' }>, state: TranslationState): Meaning {
  if (message.parent_tool_use_id !== null) return {};
  const { event } = message;
  if (event.type === 'message_start') return { state: { messageId: event.message.id } };
  if (event.type !== 'content_block_delta' || state.messageId === null) return {};
  const { messageId } = state;
  if (event.delta.type === 'text_delta') return { delta: { messageId, kind: 'text', text: event.delta.text } };
  if (event.delta.type === 'thinking_delta')
    return { delta: { messageId, kind: 'thinking', text: event.delta.thinking } };
  return {};
}

function parentOf(message: { parent_tool_use_id: string | null }): { parentToolUseId?: string } {
  return message.parent_tool_use_id === null ? {} : { parentToolUseId: message.parent_tool_use_id };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The seam between the server and whatever runs an agent. An agent process is a cache of its session: it may be closed at
 * any time and started again with `resume`. It knows nothing of the log, asks rows or people; the supervisor does.
 */
import type {
  Answer,
  AskKind,
  Delta,
  NewEvent,
  PermissionMode,
  PromptImage,
  Question,
} from '@claude-companion/protocol';
import type { Fence } from '../store/event-batch.ts';

export interface AgentStart {
  sessionId: string;
  /** Absolute, existing directory. Checked by the caller: the CLI's own message for a missing one misleads. */
  cwd: string;
  /** True when a transcript of this session exists and is to be continued. */
  resume: boolean;
  model: string | null;
  permissionMode: PermissionMode;
  systemPrompt: string | null;
  allowedTools: readonly string[];
  /** The most, in US dollars by its own count, that this process may spend; null sets no limit. */
  maxBudgetUsd: number | null;
  /** Reach the model through this server's own gateway, also where the operator has credentials. */
  viaGateway: boolean;
  /** The model the session was made with. The environment of its processes follows from it and never changes. */
  initialModel: string | null;
  /** The lease by which the caller serves the session: what the process writes is kept only while it is held. */
  fence: Fence;
}

/**
 * `asking`: it stands still until a person decides. `working`: a turn is in progress, or one of its background tasks. `idle`:
 * closing it loses nothing.
 */
export type AgentActivity = 'idle' | 'working' | 'asking';

/** What an agent says that it can do. */
export interface AgentInfo {
  commands: { name: string; description: string; argumentHint: string }[];
  outputStyle: string;
  capabilities: Record<string, unknown>;
}

/** What the agent wants from a person. It waits, without limit, until `decide` resolves or the signal aborts. */
export interface AgentAsk {
  kind: Extract<AskKind, 'permission' | 'question' | 'plan'>;
  tool: string;
  input: Record<string, unknown>;
  toolUseId: string;
  /** Set when a sub-agent asks, not the main one. */
  subAgentId: string | null;
  questions: Question[];
  plan: string | null;
  /** What the agent would accept as standing rules; opaque, handed back on `applySuggestions`. */
  suggestions: unknown[];
  /** A path outside the allowed directories that caused the ask. */
  blockedPath: string | null;
  signal: AbortSignal;
}

/** What an agent asked one model for, by its own count. */
export interface AgentUsage {
  provider: string;
  model: string;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars; null: it does not know the price. */
  costUsd: number | null;
}

export interface AgentHost {
  /** Durable facts, in order, already translated. The agent does not wait for them to be committed. */
  onEvents(events: NewEvent[]): void;
  /** What it asked models for since it told the last time, just before the end of the turn that it was for. */
  onUsage(usage: AgentUsage[]): void;
  /** Live fragments. */
  onDelta(delta: Delta): void;
  /** Resolves with the person's decision; rejects when nobody will ever decide (the agent is then told "denied"). */
  onAsk(ask: AgentAsk): Promise<Answer>;
  /** The process is gone and nothing more will come. `error` is set unless `close` was called. */
  onExit(exit: { error?: Error }): void;
}

export interface AgentProcess {
  /** Operating system process id, when known. */
  readonly pid: number | undefined;
  readonly activity: AgentActivity;
  /** The operating system's process is gone; `onExit` follows once everything it said is told. */
  readonly ended: boolean;
  /** Asks the process itself. False when it is gone, which its operating system may tell only later. */
  responds(): Promise<boolean>;
  /** Hands over a prompt. While a turn runs it is folded into that turn. Its `turn.started` names this prompt id. */
  prompt(prompt: { promptId: string; text: string; images?: readonly PromptImage[] }): void;
  /** Stops the current turn; a pending ask's signal aborts. The process stays usable. */
  interrupt(): Promise<void>;
  setModel(model: string | null): Promise<void>;
  setPermissionMode(mode: PermissionMode): Promise<void>;
  /** Ends the process. Idempotent; resolves when it is gone. */
  close(): Promise<void>;
}

export interface AgentRunner {
  /** Starts or takes a warm process. Rejects with a CompanionError whose message says what to do. */
  start(start: AgentStart, host: AgentHost): Promise<AgentProcess>;
  /** True when a transcript of the session exists, in this runner's files or as a copy in the database. */
  hasTranscript(session: { sessionId: string; cwd: string }): Promise<boolean>;
  /** True when one of the two holds this prompt: a process took it, whatever became of its turn. */
  hasPrompt(prompt: { sessionId: string; cwd: string; promptId: string }): Promise<boolean>;
  /** What agents in this directory can do: as the last one there said, or a new one that is asked for it and ends. */
  info(place: { cwd: string }): Promise<AgentInfo>;
  /**
   * The sessions of all processes are still this server's. From the first call on, processes end by themselves when it is not
   * called again within `ms`: another server may have the sessions then.
   */
  keepAlive(ms: number): void;
  /** Prepares a spare process so that the next start is fast. */
  warm(): void;
  /** Ends spares. Processes handed out are their holder's. */
  close(): Promise<void>;
}

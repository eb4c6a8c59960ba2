/**
 * One live Claude Code process as an AgentProcess.
 *
 * What must stay true:
 * - When the process dies, `onExit` comes before the signals of its asks abort: the host can then tell an ask whose turn was
 *   interrupted (it is over) from one whose process was lost (it stays open).
 * - `close` never lets the CLI write "denied" for an ask that is still open, or finish a turn nobody follows: in the middle of
 *   a turn the process is killed, and the transcript ends where it stood.
 */
import type { CanUseTool, PermissionResult, Query } from '@anthropic-ai/claude-agent-sdk';
import { CompanionError, type PermissionMode } from '@claude-companion/protocol';
import type { Clock } from '../../clock.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { AgentActivity, AgentHost, AgentProcess } from '../agent.ts';
import { deniedUnanswered, toAsk, toPermissionResult } from './asks.ts';
import type { Launch } from './launch.ts';
import { messageUuid, type PromptQueue } from './prompt-queue.ts';
import { usageOf } from './result-usage.ts';
import { type ClaudeMessage, INITIAL_TRANSLATION, translate, warningOf } from './translate.ts';

export interface ProcessParts {
  sessionId: string;
  query: Query;
  queue: PromptQueue;
  launch: Launch;
  host: AgentHost;
  clock: Clock;
  logger: Logger;
}

/** How long an ask that was cancelled waits for the news that its whole process is gone. */
const CANCEL_GRACE_MS = 200;
/** A living process answers within some milliseconds; one that is only slow counts as living. */
const PING_PATIENCE_MS = 3000;
/** An idle process goes within 40 ms when its input ends; after this it is killed. */
const CLOSE_GRACE_MS = 3000;

export class ClaudeProcess implements AgentProcess {
  readonly #parts: ProcessParts;
  readonly #prompts = new Map<string, string>();
  readonly #open = new Set<string>();
  readonly #asks = new Set<AbortController>();
  readonly #finished: Promise<void>;
  #interrupts = 0;
  #working = false;
  #backgroundTasks = 0;
  #closing = false;

  /** @param parts of a process that is initialised, and to which nothing was said yet */
  constructor(parts: ProcessParts) {
    this.#parts = parts;
    parts.launch.bind(this.#canUseTool);
    this.#finished = this.#follow();
  }

  get pid(): number | undefined {
    return this.#parts.launch.pid;
  }

  get ended(): boolean {
    return this.#parts.launch.ending !== null;
  }

  async responds(): Promise<boolean> {
    if (this.ended) return false;
    const patience = Promise.withResolvers<boolean>();
    const cancel = this.#parts.clock.after(PING_PATIENCE_MS, () => patience.resolve(true));
    const answered = this.#parts.query.mcpServerStatus().then(
      () => true,
      () => false,
    );
    const gone = this.#finished.then(() => false);
    return Promise.race([answered, gone, patience.promise]).finally(cancel);
  }

  get activity(): AgentActivity {
    if (this.#asks.size > 0) return 'asking';
    return this.#working || this.#open.size > 0 || this.#backgroundTasks > 0 ? 'working' : 'idle';
  }

  prompt({ promptId, text, images = [] }: Parameters<AgentProcess['prompt']>[0]): void {
    const uuid = messageUuid(promptId);
    this.#prompts.set(uuid, promptId);
    this.#open.add(uuid);
    this.#parts.queue.push({ uuid, text, images });
  }

  async interrupt(): Promise<void> {
    if (this.#closing) return;
    this.#interrupts += 1;
    try {
      await Promise.race([this.#parts.query.interrupt(), this.#finished]);
    } finally {
      this.#interrupts -= 1;
    }
  }

  async setModel(model: string | null): Promise<void> {
    await this.#parts.query.setModel(model ?? undefined);
  }

  async setPermissionMode(mode: PermissionMode): Promise<void> {
    refuseBypass(mode);
    await this.#parts.query.setPermissionMode(mode);
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      if (this.activity !== 'idle') this.#parts.launch.kill();
      else this.#parts.query.close();
    }
    const cancel = this.#parts.clock.after(CLOSE_GRACE_MS, () => this.#parts.launch.kill());
    await this.#finished;
    cancel();
  }

  /** Reads what the process says until it is gone. Never rejects. */
  async #follow(): Promise<void> {
    const { query, queue, launch, host, logger, sessionId } = this.#parts;
    let failure: unknown;
    try {
      let state = INITIAL_TRANSLATION;
      for await (const message of query as AsyncIterable<ClaudeMessage>) {
        this.#note(message);
        const translation = translate(state, message, this.#stamp());
        state = translation.state;
        for (const delta of translation.deltas) host.onDelta(delta);
        if (message.type === 'result') host.onUsage(usageOf(message));
        if (translation.events.length > 0) host.onEvents(translation.events);
      }
    } catch (error) {
      failure = error;
    }
    queue.end();
    query.close();
    const cancel = this.#parts.clock.after(CLOSE_GRACE_MS, () => launch.kill());
    await launch.exited;
    cancel();
    const detail = launch.ending ?? 'it closed its output';
    if (!this.#closing)
      logger.warn({ sessionId, err: failure, stderr: launch.stderr }, 'an agent process ended by itself');
    host.onExit(
      this.#closing
        ? {}
        : { error: new CompanionError('AICLI_CRASH', `The agent process ended: ${detail}.`, { cause: failure }) },
    );
    for (const ask of this.#asks) ask.abort();
  }

  /** What `activity` must know. */
  #note(message: ClaudeMessage): void {
    const warning = warningOf(message);
    if (warning) this.#parts.logger.warn({ sessionId: this.#parts.sessionId }, warning);
    if (message.type === 'command_lifecycle') {
      if (message.state === 'completed' || message.state === 'cancelled') this.#open.delete(message.command_uuid);
    } else if (message.type === 'system' && message.subtype === 'background_tasks_changed') {
      this.#backgroundTasks = message.tasks.filter(({ ambient }) => ambient !== true).length;
    } else if (message.type === 'result') {
      this.#working = false;
    } else if (message.type === 'stream_event' || message.type === 'assistant') {
      this.#working = true;
    }
  }

  #stamp(): Parameters<typeof translate>[2] {
    return {
      sessionId: this.#parts.sessionId,
      at: this.#parts.clock.now().toISOString(),
      promptOf: (uuid) => this.#prompts.get(uuid),
    };
  }

  readonly #canUseTool: CanUseTool = async (tool, input, options): Promise<PermissionResult> => {
    const ours = new AbortController();
    const aborted = new Promise<never>((_resolve, reject) => {
      ours.signal.addEventListener('abort', () => reject(new Error('the ask is over')), { once: true });
    });
    aborted.catch(() => undefined);
    this.#asks.add(ours);
    options.signal.addEventListener('abort', () => void this.#cancel(ours), { once: true });
    const call = { tool, input, options };
    try {
      const answer = await Promise.race([this.#parts.host.onAsk({ ...toAsk(call), signal: ours.signal }), aborted]);
      return toPermissionResult(call, answer);
    } catch {
      // While the process is being ended a denial would still reach the transcript.
      if (this.#closing) await this.#finished;
      return deniedUnanswered();
    } finally {
      this.#asks.delete(ours);
    }
  };

  /** The SDK cancels for an interrupt, for a call the CLI gave up, and also when the process is gone. */
  async #cancel(ask: AbortController): Promise<void> {
    if (this.#interrupts === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const cancelTimer = this.#parts.clock.after(CANCEL_GRACE_MS, resolve);
      await Promise.race([promise, this.#finished]);
      cancelTimer();
    }
    ask.abort();
  }
}

/** The owner is asked about every call that needs it; a mode that asks nobody is reachable from nowhere. */
export function refuseBypass(mode: PermissionMode): void {
  if (mode !== 'bypassPermissions') return;
  throw new CompanionError(
    'INVALID_PARAMETERS',
    'bypassPermissions is not available here: nobody would be asked about anything. Use default, acceptEdits or plan.',
  );
}

/**
 * Runs the real Claude Code through its agent SDK.
 *
 * A session's id is the id of its transcript. The caller makes sure that no session has two processes: two on one transcript
 * fork it.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Options, type Query, query } from '@anthropic-ai/claude-agent-sdk';
import { CompanionError } from '@claude-companion/protocol';
import type { Clock } from '../../clock.ts';
import type { StoredTranscripts } from '../../store/transcripts.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { AgentHost, AgentInfo, AgentProcess, AgentRunner, AgentStart } from '../agent.ts';
import { agentInfo } from './agent-info.ts';
import { ClaudeProcess, refuseBypass } from './claude-process.ts';
import { agentEnvironment, modelVariables, type ProcessAccess } from './environment.ts';
import { findExecutable } from './executable.ts';
import { Launch } from './launch.ts';
import { ProcessGuard } from './process-guard.ts';
import { messageUuid, PromptQueue } from './prompt-queue.ts';
import { TranscriptCopies } from './transcript-copies.ts';
import { TranscriptMirror } from './transcript-mirror.ts';
import { messageNeedles, Transcripts } from './transcripts.ts';
import { claimSpare, discardSpare, WarmSpare } from './warm-spare.ts';

/** What a process is started for and cannot be told any more. */
export type Wishes = Pick<AgentStart, 'initialModel' | 'viaGateway'>;

export interface ClaudeRunnerOptions {
  /** Settings and transcripts of the agents. */
  configDir: string;
  /** Sockets and temporary files of the agents. Keep it short: a socket's path may have about 100 characters. */
  runtimeDir: string;
  /** The environment from which the allow-list takes what agents may see. */
  sourceEnv: Readonly<Record<string, string | undefined>>;
  /** Called once for each process that is started. `viaGateway`: through our own gateway whatever else there is. */
  access(wish: Wishes): ProcessAccess;
  /** What most sessions wish: spares are prepared for it. @defaultValue no model, not through the gateway */
  usual?: Wishes;
  /** Where copies of transcripts are kept. Without it a session goes on only where its files are. */
  stored?: StoredTranscripts;
  /** @defaultValue the program that comes with the agent SDK */
  executable?: string;
  clock: Clock;
  logger: Logger;
  /** Whose settings files count. @defaultValue none: not the user's, not the repository's */
  settingSources?: NonNullable<Options['settingSources']>;
}

const START_TIMEOUT_MS = 60_000;
const NO_WISHES: Wishes = { initialModel: null, viaGateway: false };
const MAX_REMEMBERED_INFOS = 100;

export function createClaudeRunner(options: ClaudeRunnerOptions): AgentRunner {
  return new ClaudeRunner(options);
}

class ClaudeRunner implements AgentRunner {
  readonly #options: ClaudeRunnerOptions;
  readonly #transcripts: Transcripts;
  readonly #copies: TranscriptCopies | null;
  readonly #guard: ProcessGuard | null;
  readonly #spare: WarmSpare;
  readonly #usual: Wishes;
  /** By directory, the last used last. */
  readonly #infos = new Map<string, AgentInfo>();
  #probing: Promise<unknown> = Promise.resolve();
  #executable: string | undefined;

  constructor(options: ClaudeRunnerOptions) {
    this.#options = options;
    this.#executable = options.executable;
    this.#usual = options.usual ?? NO_WISHES;
    this.#transcripts = new Transcripts(options.configDir);
    const { stored } = options;
    const projects = join(options.configDir, 'projects');
    this.#copies = stored ? new TranscriptCopies({ projects, files: this.#transcripts, stored }) : null;
    // Windows has no /bin/sh; there an agent ends by the end of its input alone.
    this.#guard = process.platform === 'win32' ? null : new ProcessGuard({ path: options.sourceEnv.PATH });
    const { clock, logger } = options;
    this.#spare = new WarmSpare({ launch: () => this.#launch(this.#usual), newId: () => randomUUID(), clock, logger });
  }

  async start(start: AgentStart, host: AgentHost): Promise<AgentProcess> {
    refuseBypass(start.permissionMode);
    await requireDirectory(start.cwd);
    await this.#copies?.reconcile(start, start.fence);
    const ownId = await this.#transcripts.resumableId(start);
    if (start.resume && ownId === null) {
      throw new CompanionError(
        'SESSION_NOT_FOUND',
        `There is no conversation of session ${start.sessionId} to continue.`,
      );
    }
    if (!start.resume && ownId !== null) {
      throw new CompanionError(
        'SESSION_INVALID_STATE',
        `Session ${start.sessionId} already has a conversation. Start it with resume, or start a new session.`,
      );
    }
    if (ownId === null) await this.#transcripts.discard(start);
    return (await this.#startWarm(start, host)) ?? (await this.#startCold(start, host, ownId));
  }

  async hasTranscript(place: { sessionId: string; cwd: string }): Promise<boolean> {
    if ((await this.#transcripts.resumableId(place)) !== null) return true;
    return ((await this.#options.stored?.conversation(place.sessionId)) ?? null) !== null;
  }

  async hasPrompt({ promptId, ...place }: { sessionId: string; cwd: string; promptId: string }): Promise<boolean> {
    const needles = messageNeedles(messageUuid(promptId));
    if (await this.#transcripts.holds(place, needles)) return true;
    return (await this.#options.stored?.holds(place.sessionId, needles)) ?? false;
  }

  /** One probe at a time: many questions at once must not become many processes. */
  async info({ cwd }: { cwd: string }): Promise<AgentInfo> {
    const asked = this.#probing.then(() => this.#infos.get(cwd) ?? this.#probe(cwd));
    this.#probing = asked.catch(() => undefined);
    return asked;
  }

  keepAlive(ms: number): void {
    this.#guard?.beat(Math.max(1, Math.floor(ms / 1000)));
  }

  warm(): void {
    this.#spare.keep();
  }

  async close(): Promise<void> {
    await this.#spare.close();
    this.#guard?.close();
  }

  async #startWarm(start: AgentStart, host: AgentHost): Promise<AgentProcess | null> {
    if (!fitsSpare(start, this.#usual)) return null;
    const spare = await this.#spare.take();
    if (!spare) return null;
    if (!(await this.#transcripts.link(start, spare.ownId))) {
      await discardSpare(spare);
      return null;
    }
    const queue = new PromptQueue();
    spare.launch.belongTo(start);
    const { cwd, permissionMode, model } = start;
    const claim = await claimSpare(spare, queue, { cwd, permissionMode, ...(model !== null && { model }) });
    if ('refused' in claim) {
      this.#options.logger.warn(
        { err: claim.refused },
        'a spare agent process refused the session; it starts without one',
      );
      await this.#transcripts.discard(start);
      return null;
    }
    return this.#process(start, host, { query: claim.query, queue, launch: spare.launch });
  }

  async #startCold(start: AgentStart, host: AgentHost, ownId: string | null): Promise<AgentProcess> {
    const launch = await this.#launch(start);
    launch.belongTo(start);
    const queue = new PromptQueue();
    const { cwd, permissionMode, model, systemPrompt, allowedTools, maxBudgetUsd, sessionId } = start;
    const running = query({
      prompt: queue,
      options: {
        ...launch.options,
        cwd,
        permissionMode,
        allowedTools: [...allowedTools],
        ...(model !== null && { model }),
        ...(systemPrompt !== null && { systemPrompt }),
        ...(maxBudgetUsd !== null && { maxBudgetUsd }),
        ...(ownId === null ? { sessionId } : { resume: ownId }),
      },
    });
    await this.#initialised(running, launch);
    await this.#remember(cwd, running);
    return this.#process(start, host, { query: running, queue, launch });
  }

  async #initialised(running: Query, launch: Launch): Promise<void> {
    const cancel = this.#options.clock.after(START_TIMEOUT_MS, () => launch.kill());
    try {
      await running.initializationResult();
    } catch (cause) {
      running.close();
      launch.kill();
      await launch.exited;
      this.#options.logger.error({ err: cause, stderr: launch.stderr }, 'an agent process did not start');
      throw new CompanionError(
        'AICLI_UNAVAILABLE',
        `Claude Code did not start: ${launch.ending ?? 'it gave no answer'}. The log of the server tells more; "companion doctor" checks the installation.`,
        { cause },
      );
    } finally {
      cancel();
    }
  }

  async #probe(cwd: string): Promise<AgentInfo> {
    await requireDirectory(cwd);
    const launch = await this.#launch(this.#usual, null);
    const queue = new PromptQueue();
    const running = query({ prompt: queue, options: { ...launch.options, cwd, persistSession: false } });
    await this.#initialised(running, launch);
    try {
      return await this.#remember(cwd, running);
    } finally {
      queue.end();
      running.close();
      await launch.exited;
    }
  }

  async #remember(cwd: string, running: Query): Promise<AgentInfo> {
    const info = await agentInfo(running);
    this.#infos.delete(cwd);
    this.#infos.set(cwd, info);
    const [oldest] = this.#infos.keys();
    if (this.#infos.size > MAX_REMEMBERED_INFOS && oldest !== undefined) this.#infos.delete(oldest);
    return info;
  }

  #process(
    start: AgentStart,
    host: AgentHost,
    parts: { query: Query; queue: PromptQueue; launch: Launch },
  ): AgentProcess {
    const { clock, logger } = this.#options;
    return new ClaudeProcess({ sessionId: start.sessionId, host, clock, logger, ...parts });
  }

  #mirror(): TranscriptMirror | null {
    const { stored } = this.#options;
    return stored ? new TranscriptMirror(stored) : null;
  }

  async #launch(wishes: Wishes, mirror = this.#mirror()): Promise<Launch> {
    const { configDir, runtimeDir, sourceEnv: source, settingSources = [] } = this.#options;
    this.#executable = await findExecutable(this.#executable);
    const executable = this.#executable;
    await mkdir(configDir, { recursive: true, mode: 0o700 });
    await mkdir(runtimeDir, { recursive: true, mode: 0o700 });
    const { initialModel, viaGateway } = wishes;
    const { access, belongTo, dispose } = this.#options.access({ initialModel, viaGateway });
    return new Launch({
      executable,
      environment: agentEnvironment({ source, access, configDir, runtimeDir, model: initialModel }),
      settingSources,
      guard: this.#guard,
      mirror,
      onOwner: (session) => belongTo?.(session),
      onGone: () => dispose?.(),
    });
  }
}

/** What a spare cannot be told any more. */
function fitsSpare(start: AgentStart, usual: Wishes): boolean {
  const { resume, systemPrompt, allowedTools, maxBudgetUsd, initialModel, viaGateway } = start;
  const plain = systemPrompt === null && allowedTools.length === 0 && maxBudgetUsd === null;
  const sameVariables = initialModel === usual.initialModel || (isPlain(initialModel) && isPlain(usual.initialModel));
  return !resume && plain && viaGateway === usual.viaGateway && sameVariables;
}

const isPlain = (model: string | null): boolean => Object.keys(modelVariables(model)).length === 0;

async function requireDirectory(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => null);
  if (found?.isDirectory()) return;
  const problem = found ? 'is not a directory' : 'does not exist';
  throw new CompanionError('WORKING_DIRECTORY_MISSING', `The working directory ${cwd} ${problem}.`);
}

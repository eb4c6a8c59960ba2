/** What one agent process is started with, and a hold on the process itself. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { CanUseTool, Options, SpawnedProcess, SpawnOptions } from '@anthropic-ai/claude-agent-sdk';
import type { Fence } from '../../store/event-batch.ts';
import { deniedUnanswered } from './asks.ts';
import type { ProcessGuard } from './process-guard.ts';
import type { TranscriptMirror } from './transcript-mirror.ts';

/** Enough for the last error; the rest of what the CLI writes there is of no interest. */
const STDERR_CHARACTERS = 2000;

export interface LaunchParts {
  executable: string;
  environment: Record<string, string>;
  settingSources: NonNullable<Options['settingSources']>;
  guard: ProcessGuard | null;
  /** Copies what the process writes into its transcript; null where nothing keeps copies. */
  mirror: TranscriptMirror | null;
  /** Called once it is known whose process it is. */
  onOwner(session: { sessionId: string }): void;
  /** Called once the process is gone, also when it never came up. */
  onGone(): void;
}

export class Launch {
  /** Host-level options: the same for a process of a known session and for a spare. */
  readonly options: Options;
  /** Resolves when the process is gone. Never before one was spawned. */
  readonly exited: Promise<void>;
  readonly #parts: LaunchParts;
  readonly #settleExited: () => void;
  #child: ChildProcess | null = null;
  #canUseTool: CanUseTool = async () => deniedUnanswered();
  #stderr = '';
  #gone = false;
  #killed = false;

  constructor(parts: LaunchParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.exited = promise;
    this.#settleExited = resolve;
    this.options = {
      env: parts.environment,
      pathToClaudeCodeExecutable: parts.executable,
      // Nothing of the user's or the repository's own settings decides what a hosted agent may do.
      settingSources: parts.settingSources,
      strictMcpConfig: true,
      // Never left to the CLI: its own default lets many calls pass without asking.
      permissionMode: 'default',
      includePartialMessages: true,
      forwardSubagentText: true,
      ...(parts.mirror && { sessionStore: parts.mirror, sessionStoreFlush: 'eager' as const }),
      canUseTool: (tool, input, options) => this.#canUseTool(tool, input, options),
      spawnClaudeCodeProcess: (options) => this.#spawn(options),
    };
  }

  /** Whose process it is from now on. */
  belongTo(session: { sessionId: string; fence: Fence }): void {
    this.#parts.mirror?.bind(session);
    this.#parts.onOwner(session);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Why the process ended, in words; null while it runs. */
  get ending(): string | null {
    if (!this.#child) return 'it could not be started';
    const { signalCode, exitCode } = this.#child;
    if (signalCode !== null) return `it was killed by ${signalCode}`;
    return exitCode === null ? null : `it exited with code ${exitCode}`;
  }

  /** The end of what the CLI wrote to stderr. For the log only: it may hold paths and more. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Who is asked from now on. Until then everything is denied. */
  bind(canUseTool: CanUseTool): void {
    this.#canUseTool = canUseTool;
  }

  /** Ends the process and its tools without giving it time to write anything more. Repeated, it does without the guard. */
  kill(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) this.release();
    if (pid === undefined || this.#gone) return;
    const ended = !this.#killed && this.#parts.guard?.end(pid);
    if (!ended) this.#child?.kill('SIGKILL');
    this.#killed = true;
  }

  /** To be called when the process is known to be gone or was never spawned. */
  release(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#settleExited();
    this.#parts.onGone();
  }

  #spawn({ command, args, cwd, env, signal }: SpawnOptions): SpawnedProcess {
    const { guard } = this.#parts;
    const child = spawn(command, args, {
      cwd,
      env,
      signal,
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
      // Ctrl-C in the server's terminal is for the server, which then ends its agents in order.
      detached: guard !== null,
    });
    // The SDK alone listens ten times for the exit of a spare.
    child.setMaxListeners(32);
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) guard?.watch(pid);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS);
    });
    child.once('exit', () => {
      if (pid !== undefined) guard?.forget(pid);
      this.release();
    });
    child.once('error', () => {
      if (pid === undefined) this.release();
    });
    return child;
  }
}

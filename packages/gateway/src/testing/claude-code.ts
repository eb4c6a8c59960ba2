/** Runs the real Claude Code against a gateway, in directories of its own and without any other connection. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type CanUseTool, query, type SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { TOKEN } from './gateway-server.ts';

export interface ClaudeCodeRun {
  prompt: string;
  /** The session to go on with. */
  resume?: string;
  canUseTool?: CanUseTool;
  /** @defaultValue the CLI's own choice */
  model?: string;
  /** Told the process id before the prompt is answered. */
  onProcess?: (pid: number) => void;
}

interface ClaudeCodeOutcome {
  sessionId: string;
  messages: SDKMessage[];
  /** Texts of the assistant's messages, in order. */
  texts: string[];
  /** Why the run ended early, if it did. */
  error: Error | null;
}

export interface ClaudeCode extends AsyncDisposable {
  /** The project directory. */
  project: string;
  run(run: ClaudeCodeRun): Promise<ClaudeCodeOutcome>;
  /** Resolves when a transcript holds `text`: the CLI writes it a moment after it acts. */
  recorded(text: string): Promise<void>;
  files(): Promise<string[]>;
}

function textsOf(message: SDKMessage): string[] {
  if (message.type !== 'assistant') return [];
  return message.message.content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

async function runQuery(run: ClaudeCodeRun, place: { project: string; env: Record<string, string> }) {
  const outcome: ClaudeCodeOutcome = { sessionId: '', messages: [], texts: [], error: null };
  const stream = query({
    prompt: run.prompt,
    options: {
      cwd: place.project,
      env: place.env,
      settingSources: [],
      strictMcpConfig: true,
      permissionMode: 'default',
      ...(run.resume === undefined ? {} : { resume: run.resume }),
      ...(run.model === undefined ? {} : { model: run.model }),
      ...(run.canUseTool ? { canUseTool: run.canUseTool } : {}),
    },
  });
  try {
    const started = await stream.initializationResult();
    if ('pid' in started && typeof started.pid === 'number') run.onProcess?.(started.pid);
    for await (const message of stream) {
      outcome.messages.push(message);
      outcome.texts.push(...textsOf(message));
      if ('session_id' in message && message.session_id) outcome.sessionId = message.session_id;
    }
  } catch (error) {
    outcome.error = error instanceof Error ? error : new Error(String(error));
  } finally {
    stream.close();
  }
  return outcome;
}

async function readTexts(directory: string): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'));
  return (await Promise.all(files.map((file) => readFile(path.join(file.parentPath, file.name), 'utf8')))).join('');
}

export async function startClaudeCode(gatewayUrl: string): Promise<ClaudeCode> {
  const root = await mkdtemp(path.join(tmpdir(), 'companion-gateway-'));
  const inside = (name: string) => path.join(root, name);
  await Promise.all(['home', 'config', 'tmp', 'my project'].map((name) => mkdir(inside(name))));
  const project = inside('my project');
  const env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    HOME: inside('home'),
    CLAUDE_CONFIG_DIR: inside('config'),
    CLAUDE_CODE_TMPDIR: inside('tmp'),
    XDG_RUNTIME_DIR: inside('tmp'),
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    ANTHROPIC_BASE_URL: gatewayUrl,
    ANTHROPIC_API_KEY: TOKEN,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    CLAUDE_CODE_MAX_RETRIES: '0',
    NO_PROXY: '127.0.0.1',
    // Nothing listens there: a connection to anywhere else fails at once.
    HTTPS_PROXY: 'http://127.0.0.1:9',
  };
  const transcripts = path.join(inside('config'), 'projects');
  return {
    project,
    async recorded(text) {
      while (!(await readTexts(transcripts)).includes(text)) await setTimeout(20);
    },
    run: (run) => runQuery(run, { project, env }),
    files: async () => (await readdir(project)).sort(),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

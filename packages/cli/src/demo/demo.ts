/**
 * `companion demo`: the main job, by itself, in under a minute. A real server, the real Claude Code, the built-in demo
 * model and the simulated phone, in a directory that is removed afterwards.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClaudeCompanionClient } from '@claude-companion/client';
import type { SessionEvent } from '@claude-companion/protocol';
import { createLogger, ownerToken, parseConfig, type RunningServer, startServer } from '@claude-companion/server';
import pc from 'picocolors';
import { PhoneScreen } from '../phone.ts';
import { cacheDir, type Surroundings } from '../surroundings.ts';
import { sessionLine } from '../terminal/session-lines.ts';
import { answerLikeAPerson } from './pretend-person.ts';

const TASK = 'Please leave a short greeting for the team in this project.';
/** Long enough for a busy machine, short enough to notice that something is wrong. */
const TIME_LIMIT_MS = 120_000;

export interface DemoOptions {
  keep?: boolean;
}

export async function demo(surroundings: Surroundings, options: DemoOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'companion-demo-'));
  try {
    return await play(surroundings, options, directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function play(surroundings: Surroundings, options: DemoOptions, directory: string): Promise<number> {
  const { stdout } = surroundings;
  const project = join(directory, 'projects', 'my-app');
  await mkdir(project, { recursive: true });
  await writeFile(join(project, 'README.md'), '# my-app\n\nA project that an agent works in while you are away.\n');

  stdout('');
  stdout(`  ${pc.bold('Claude Companion')}: your coding agents reach you when they need you.`);
  stdout(
    pc.dim('  Everything here is real (server, database, Claude Code) but two things: the model is a built-in script,'),
  );
  stdout(pc.dim('  and the phone is simulated. No account is used and nothing leaves this machine.'));
  stdout('');
  step(stdout, 1, 'Starting the server');
  const server = await startDemoServer(surroundings, directory);
  try {
    return await runTask({ surroundings, options, server, directory, project });
  } finally {
    await server.running.close({ graceMs: 0 });
  }
}

interface DemoServer {
  running: RunningServer;
  client: ClaudeCompanionClient;
}

async function startDemoServer(surroundings: Surroundings, directory: string): Promise<DemoServer> {
  const { env } = surroundings;
  const dataDir = join(directory, 'data');
  const config = parseConfig({
    DATA_DIR: dataDir,
    PROJECTS_DIR: join(directory, 'projects'),
    PORT: '0',
    // Whatever keys there are.
    ANTHROPIC_MODEL: 'demo',
    LOG_LEVEL: env.LOG_LEVEL ?? 'warn',
  });
  const { token } = await ownerToken(dataDir, undefined);
  // No credential is passed on: the demo must never spend anybody's money.
  const environment = Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(ANTHROPIC|CLAUDE|AWS|GOOGLE|CLOUD_ML)/.test(name)),
  );
  const running = await startServer({
    config,
    authToken: token,
    environment,
    cacheDir: cacheDir(surroundings),
    logger: createLogger({ level: config.LOG_LEVEL, write: (line) => surroundings.stderr(line.trimEnd()) }),
    demoPaceMs: 25,
  });
  return { running, client: new ClaudeCompanionClient({ url: running.url, token }) };
}

interface Scene {
  surroundings: Surroundings;
  options: DemoOptions;
  server: DemoServer;
  directory: string;
  project: string;
}

async function runTask(scene: Scene): Promise<number> {
  const { surroundings, options, server, project } = scene;
  const { stdout } = surroundings;
  const over = new AbortController();
  const signal = AbortSignal.any([surroundings.stopped, over.signal, AbortSignal.timeout(TIME_LIMIT_MS)]);

  step(stdout, 2, `An agent gets something to do: “${TASK}”`);
  const { session_id: sessionId } = await server.client.startSession({ project: 'my-app', message: TASK });
  step(
    stdout,
    3,
    options.keep ? 'You are away from the desk. Type your replies to the texts here.' : 'You are away from the desk',
  );
  stdout('');
  const screen = new PhoneScreen(surroundings, server.client);
  void screen.watch(options.keep ? surroundings.stopped : signal);
  if (options.keep) void typeReplies(surroundings, server.client);
  else void answerLikeAPerson(server.client, signal);

  const end = await watch({
    stdout,
    screen,
    client: server.client,
    sessionId,
    signal: options.keep ? surroundings.stopped : signal,
  });
  if (end?.kind !== 'turn.ended' || end.data.outcome !== 'completed') {
    over.abort();
    if (surroundings.stopped.aborted) return 0;
    stdout(pc.red('The demo did not reach its end.'));
    return 1;
  }
  await lastText(server.client, signal);
  if (!options.keep) over.abort();
  await screen.catchUp();

  step(stdout, 4, 'What the agent left in the project');
  for (const line of await newFiles(project)) stdout(`      ${line}`);
  step(stdout, 5, 'The receipt');
  for (const line of await receipt(server.client, sessionId)) stdout(`      ${line}`);
  stdout('');
  if (!options.keep) {
    stdout(
      `  Next: ${pc.bold('npm start')} for your own projects, ${pc.bold('npm run demo -- --keep')} to type the replies yourself.`,
    );
    stdout('');
    return 0;
  }
  stdout(`  The server stays up at ${pc.cyan(server.running.url)}. Text it, for example STATUS. Ctrl-C ends it.`);
  await new Promise<void>((resolve) => surroundings.stopped.addEventListener('abort', () => resolve()));
  return 0;
}

function step(stdout: (line: string) => void, number: number, text: string): void {
  stdout(`${number > 1 ? '\n' : ''}  ${pc.bold(pc.magenta(`${number}`))}  ${pc.bold(text)}`);
}

async function typeReplies(surroundings: Surroundings, client: ClaudeCompanionClient): Promise<void> {
  for await (const line of surroundings.lines()) {
    if (line.trim() !== '')
      await client.typeOnPhone(line).catch((error: unknown) => surroundings.stderr(String(error)));
  }
}

async function watch(view: {
  stdout(line: string): void;
  screen: PhoneScreen;
  client: ClaudeCompanionClient;
  sessionId: string;
  signal: AbortSignal;
}): Promise<SessionEvent | null> {
  for await (const item of view.client.followSession(view.sessionId, { signal: view.signal })) {
    if (item.kind !== 'event') continue;
    const line = item.event.kind === 'prompt.accepted' ? null : sessionLine(item.event);
    // What was typed comes before what it caused.
    await view.screen.catchUp();
    if (line !== null) for (const part of line.split('\n')) view.stdout(`      ${part}`);
    if (item.event.kind === 'turn.ended') return item.event;
  }
  return null;
}

/** Waits for the text that tells the end of the work. */
async function lastText(client: ClaudeCompanionClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const texts = await client.phoneTexts();
    if (texts.some((text) => text.direction === 'to_phone' && /\bdone\b/i.test(text.body))) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function newFiles(project: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(project)).filter((each) => each !== 'README.md')) {
    lines.push(pc.bold(name));
    const content = await readFile(join(project, name), 'utf8');
    for (const line of content.trimEnd().split('\n').slice(0, 12)) lines.push(pc.dim(`│ ${line}`));
  }
  return lines;
}

/** Every ask of the session with what was decided, through which door, and that the agent had it. */
async function receipt(client: ClaudeCompanionClient, sessionId: string): Promise<string[]> {
  const asks = await client.listAsks({ state: 'all', sessionId });
  return asks
    .filter((ask) => ask.answer !== null)
    .map(
      (ask) =>
        `${ask.state === 'applied' ? pc.green('applied once') : pc.yellow(ask.state)}  ${ask.title}  ${pc.dim(`by ${ask.answeredVia}`)}`,
    );
}

/** `companion serve`: the server in the foreground, with the first-run screen and, when it is simulated, the phone. */
import { ClaudeCompanionClient } from '@claude-companion/client';
import { createLogger, ownerToken, startServer } from '@claude-companion/server';
import { PhoneScreen } from '../phone.ts';
import { cacheDir, type Surroundings } from '../surroundings.ts';
import { firstScreen } from './first-screen.ts';
import { readSettings, type ServeFlags } from './settings.ts';

export async function serve(surroundings: Surroundings, flags: ServeFlags): Promise<number> {
  const { stdout, stderr, stopped, env } = surroundings;
  const { config, sampleProject } = await readSettings(surroundings, flags);
  const { token, file } = await ownerToken(config.DATA_DIR, config.AUTH_TOKEN);
  stdout('Starting …');
  const server = await startServer({
    config,
    authToken: token,
    environment: env,
    cacheDir: cacheDir(surroundings),
    logger: createLogger({ level: config.LOG_LEVEL, write: (line) => stderr(line.trimEnd()) }),
  });
  const client = new ClaudeCompanionClient({ url: server.url, token });
  for (const line of firstScreen({
    server,
    signInLink: (await client.makeSignInLink()).url,
    config,
    tokenFile: file,
    sampleProject,
    interactive: surroundings.interactive,
  })) {
    stdout(line);
  }
  if (server.simulatedPhone) {
    const screen = new PhoneScreen(surroundings, client);
    await screen.skipHistory();
    void screen.watch(stopped);
    if (surroundings.interactive) void typeFromHere(surroundings, client);
  }
  await new Promise<void>((resolve) => {
    if (stopped.aborted) resolve();
    stopped.addEventListener('abort', () => resolve());
  });
  stdout('Stopping: running turns may finish first. Press Ctrl-C again to end at once; nothing is lost either way.');
  await server.close();
  return 0;
}

/** What is typed in the server's terminal is typed on the simulated phone. */
async function typeFromHere(surroundings: Surroundings, client: ClaudeCompanionClient): Promise<void> {
  for await (const line of surroundings.lines()) {
    if (line.trim() === '') continue;
    await client.typeOnPhone(line).catch((error: unknown) => surroundings.stderr(String(error)));
  }
}

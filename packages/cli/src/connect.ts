/** A client for the server that the flags, the environment or the files of this machine point to. */
import { readFile } from 'node:fs/promises';
import { ClaudeCompanionClient } from '@claude-companion/client';
import { CompanionError } from '@claude-companion/protocol';
import { tokenFile } from '@claude-companion/server';
import { defaultDataDir, type Surroundings } from './surroundings.ts';

export interface ServerOptions {
  url: string;
  token?: string;
}

export async function connect(surroundings: Surroundings, options: ServerOptions): Promise<ClaudeCompanionClient> {
  const { env } = surroundings;
  const file = tokenFile(env.DATA_DIR ?? defaultDataDir(surroundings));
  const token = options.token ?? env.AUTH_TOKEN ?? (await readFile(file, 'utf8').catch(() => '')).trim();
  if (!token) {
    throw new CompanionError(
      'AUTH_REQUIRED',
      `There is no token in ${file}. Start the server on this machine, or give the token with --token or AUTH_TOKEN.`,
    );
  }
  return new ClaudeCompanionClient({ url: options.url, token });
}

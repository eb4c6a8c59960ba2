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

const fileOf = (surroundings: Surroundings): string =>
  tokenFile(surroundings.env.DATA_DIR ?? defaultDataDir(surroundings));

/** The token that was given, or the one that is kept here; null: there is none. */
export async function resolveToken(surroundings: Surroundings, given: string | undefined): Promise<string | null> {
  const token = given ?? surroundings.env.AUTH_TOKEN ?? (await readFile(fileOf(surroundings), 'utf8').catch(() => ''));
  return token.trim() === '' ? null : token.trim();
}

export async function connect(surroundings: Surroundings, options: ServerOptions): Promise<ClaudeCompanionClient> {
  const token = await resolveToken(surroundings, options.token);
  if (token === null) {
    throw new CompanionError(
      'AUTH_REQUIRED',
      `There is no token in ${fileOf(surroundings)}. Start the server on this machine, or give the token with --token or AUTH_TOKEN.`,
    );
  }
  return new ClaudeCompanionClient({ url: options.url, token });
}

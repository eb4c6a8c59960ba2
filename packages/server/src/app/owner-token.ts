/** The owner's token: given, or made once and kept where only this user can read it. There is no default. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';

export interface OwnerToken {
  token: string;
  /** The file that holds it; null when it was given. */
  file: string | null;
}

export const tokenFile = (dataDir: string): string => join(dataDir, 'auth-token');

export async function ownerToken(dataDir: string, given: string | undefined): Promise<OwnerToken> {
  if (given !== undefined) return { token: given, file: null };
  const file = tokenFile(dataDir);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    // "wx" makes the file only when there is none: of two starts at once one wins and both use its token.
    await writeFile(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(dataDir, error);
  }
  const token = (await readFile(file, 'utf8')).trim();
  if (token.length < 16) {
    throw new CompanionError(
      'SERVER_ERROR',
      `${file} holds no usable token. Delete it; the next start makes a new one.`,
    );
  }
  return { token, file };
}

function cannotWrite(dataDir: string, cause: unknown): CompanionError {
  return new CompanionError(
    'SERVER_ERROR',
    `DATA_DIR ${dataDir} cannot be written. Make it writable for this user, or set DATA_DIR to another directory.`,
    { cause },
  );
}

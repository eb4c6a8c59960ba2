/** Secrets of a server: given, or made once and kept where only this user can read them. There is no default. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';

export interface KeptSecret {
  secret: string;
  /** The file that holds it; null when it was given. */
  file: string | null;
}

export interface SecretFile {
  dataDir: string;
  /** Name of the file below `dataDir`. */
  name: string;
  /** Random bytes of a new one; it is kept as base64url. */
  bytes: number;
  /** Fewest characters of one that can be used. */
  minLength: number;
}

export async function keptSecret(
  { dataDir, name, bytes, minLength }: SecretFile,
  given: string | undefined,
): Promise<KeptSecret> {
  if (given !== undefined) return { secret: given, file: null };
  const file = join(dataDir, name);
  // A file in its place is EEXIST as well, and no reason to go on.
  await mkdir(dataDir, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw cannotWrite(dataDir, error);
  });
  try {
    // "wx" makes the file only when there is none: of two starts at once one wins and both use its secret.
    await writeFile(file, `${randomBytes(bytes).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cannotWrite(dataDir, error);
  }
  const secret = (await readFile(file, 'utf8')).trim();
  if (secret.length < minLength) {
    throw new CompanionError(
      'SERVER_ERROR',
      `${file} holds no usable secret. Put its content back, or delete it: the next start makes a new one.`,
    );
  }
  return { secret, file };
}

function cannotWrite(dataDir: string, cause: unknown): CompanionError {
  return new CompanionError(
    'SERVER_ERROR',
    `DATA_DIR ${dataDir} cannot be written. Make it writable for this user, or set DATA_DIR to another directory.`,
    { cause },
  );
}

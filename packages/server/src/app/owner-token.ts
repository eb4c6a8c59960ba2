/** The owner's token: AUTH_TOKEN, or made at the first start and kept in DATA_DIR. */
import { join } from 'node:path';
import { keptSecret } from './kept-secret.ts';

export interface OwnerToken {
  token: string;
  /** The file that holds it; null when it was given. */
  file: string | null;
}

const NAME = 'auth-token';

export const tokenFile = (dataDir: string): string => join(dataDir, NAME);

export async function ownerToken(dataDir: string, given: string | undefined): Promise<OwnerToken> {
  const { secret, file } = await keptSecret({ dataDir, name: NAME, bytes: 24, minLength: 16 }, given);
  return { token: secret, file };
}

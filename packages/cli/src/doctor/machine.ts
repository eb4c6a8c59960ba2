/** What this machine has for the server. */
import { access, constants, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';

export type DirectoryState = 'usable' | 'missing' | 'not writable' | 'no directory';

/** `missing`: it could be made. */
export async function directoryState(path: string): Promise<DirectoryState> {
  try {
    if (!(await stat(path)).isDirectory()) return 'no directory';
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return 'usable';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return 'not writable';
    const parent = await nearest(dirname(path));
    return access(parent, constants.W_OK).then(
      () => 'missing',
      () => 'not writable',
    );
  }
}

async function nearest(path: string): Promise<string> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  );
  return exists || dirname(path) === path ? path : nearest(dirname(path));
}

/** Whether a server could listen there now; otherwise why not, such as `EADDRINUSE`. */
export async function portFault(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(null)));
  });
}

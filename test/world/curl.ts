/** Runs a curl command as it stands in a document. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Words of a shell command of one curl: plain ones, quoted ones, lines that go on. */
function wordsOf(command: string): string[] {
  const joined = command.trim().replace(/\\\n\s*/g, ' ');
  return [...joined.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

/** The body of the answer. Without curl on this machine the same request is made without it. */
export async function runCurl(command: string): Promise<string> {
  const [program = '', ...args] = wordsOf(command);
  try {
    return (await run(program, ['--silent', '--no-buffer', ...args])).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const after = (flag: string): string[] => args.flatMap((arg, at) => (args[at - 1] === flag ? [arg] : []));
  const headers = after('-H').map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const url = args.find((arg) => arg.startsWith('http')) ?? '';
  const [body = ''] = after('-d');
  return (await fetch(url, { method: after('-X')[0] ?? 'POST', headers, body })).text();
}

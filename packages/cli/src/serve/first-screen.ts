/** What a person sees when the server is up: where it is, what is simulated, what to do next. */
import type { Config, RunningServer } from '@claude-companion/server';
import pc from 'picocolors';

export interface FirstScreen {
  server: RunningServer;
  /** Opens one signed-in screen, once. */
  signInLink: string;
  config: Config;
  tokenFile: string | null;
  sampleProject: string | null;
  interactive: boolean;
}

export function firstScreen(parts: FirstScreen): string[] {
  const { server, signInLink, config, tokenFile, sampleProject, interactive } = parts;
  const row = (name: string, value: string): string => `  ${pc.dim(name.padEnd(9))}${value}`;
  const companion = 'npm run companion --';
  return [
    '',
    `  ${pc.bold('Claude Companion')} is running at ${pc.cyan(server.url)}`,
    '',
    row('model', server.model.label),
    row('phone', server.simulatedPhone ? `${server.phone}; no text leaves this machine` : server.phone),
    ...server.notices.map((notice) => row('', pc.yellow(notice))),
    row('projects', config.PROJECTS_DIR),
    row('data', server.durable ? config.DATA_DIR : `${config.DATA_DIR} (not safe against a power failure)`),
    row('token', tokenFile ? `in ${tokenFile}` : 'the one in AUTH_TOKEN'),
    '',
    `  ${pc.bold('Sign in')} here, once, within ten minutes (${companion} link makes another):`,
    `    ${pc.cyan(signInLink)}`,
    '',
    `  ${pc.bold('Next')}, in another terminal:`,
    `    ${companion} run ${sampleProject ?? '<project>'} "say hello"`,
    interactive
      ? '  The texts appear here. Type your reply and press Enter: you are typing on the simulated phone.'
      : `    ${companion} phone    ${pc.dim('# read the texts and answer them')}`,
    '',
    pc.dim('  Ctrl-C stops the server. Agents that wait for you still wait after the next start.'),
    '',
  ];
}

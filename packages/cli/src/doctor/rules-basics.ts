/** The server itself: what must be there for it to start and to run an agent. */
import type { Facts } from './facts.ts';
import { type Finding, note, ok, problem } from './finding.ts';
import type { DirectoryState } from './machine.ts';

type Rule = (facts: Facts) => Finding;

const OLDEST_NODE = [22, 18] as const;

export const BASICS: readonly Rule[] = [node, data, projects, claude, model, database, server];

function node({ nodeVersion }: Facts): Finding {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return isOld
    ? problem(
        'node',
        `Node.js ${nodeVersion} is too old.`,
        `Install Node.js ${OLDEST_NODE.join('.')} or newer, best 24.`,
      )
    : ok('node', `Node.js ${nodeVersion}.`);
}

function data({ config, dataDir }: Facts): Finding {
  const { DATA_DIR } = config;
  const states: Record<DirectoryState, Finding> = {
    usable: ok('data', `The data is in ${DATA_DIR}.`),
    missing: note('data', `${DATA_DIR} is made at the first start.`),
    'not writable': problem(
      'data',
      `${DATA_DIR} cannot be written.`,
      'Make it writable for this user, or set DATA_DIR.',
    ),
    'no directory': problem('data', `${DATA_DIR} is no directory.`, 'Set DATA_DIR to a directory.'),
  };
  return states[dataDir];
}

function projects({ config, projectsDir }: Facts): Finding {
  const { PROJECTS_DIR } = config;
  const set = 'Set PROJECTS_DIR to the directory that holds your projects.';
  const states: Record<DirectoryState, Finding> = {
    usable: ok('projects', `Projects are the directories in ${PROJECTS_DIR}.`),
    missing: problem('projects', `PROJECTS_DIR ${PROJECTS_DIR} does not exist.`, `Create it. ${set}`),
    'not writable': note('projects', `PROJECTS_DIR ${PROJECTS_DIR} cannot be written by this user.`, set),
    'no directory': problem('projects', `PROJECTS_DIR ${PROJECTS_DIR} is no directory.`, set),
  };
  // A first start makes a sample project below DATA_DIR.
  if (projectsDir === 'missing' && PROJECTS_DIR.startsWith(config.DATA_DIR)) {
    return note('projects', 'A sample project is made at the first start.', set);
  }
  return states[projectsDir];
}

function claude({ installation: { executable } }: Facts): Finding {
  return 'path' in executable
    ? ok('claude', `Claude Code is at ${executable.path}.`)
    : problem('claude', executable.problem, 'Without it no agent can run here.');
}

function model({ installation, config }: Facts): Finding {
  const { kind, names } = installation.model;
  if (kind === 'direct') return ok('model', `Agents use Claude, with ${names.join(' and ')}.`);
  if (kind === 'demo') {
    return note(
      'model',
      'There is no credential for a model: agents use the built-in demo model.',
      'Set ANTHROPIC_API_KEY, or run "claude setup-token" and set CLAUDE_CODE_OAUTH_TOKEN.',
    );
  }
  return config.ANTHROPIC_MODEL === undefined
    ? note(
        'model',
        `Agents can use models of ${names.join(', ')}, but sessions must name one.`,
        'Set ANTHROPIC_MODEL, such as openai/<model>.',
      )
    : ok('model', `Agents use ${config.ANTHROPIC_MODEL} unless a session names another model.`);
}

function database({ database: found, server: { state } }: Facts): Finding {
  if (!found)
    return state === 'stopped'
      ? note('database', 'The database was not asked.')
      : ok('database', 'The database is in use by the running server.');
  if (found.state === 'problem')
    return problem('database', `The database cannot be used: ${found.reason}`, 'Mend that, then run this again.');
  const says = {
    ready: 'The database can be used.',
    new: 'There is no database yet; the first start makes it.',
    old: 'The database is of an earlier version; the next start brings it up to date.',
  };
  return ok('database', says[found.state]);
}

function server({ server: found, url, config }: Facts): Finding {
  if (found.state === 'running') return ok('server', `The server ${found.version} answers at ${url}.`);
  if (found.state === 'other token') {
    return problem(
      'server',
      `A server answers at ${url}, but does not know this token.`,
      'Give its own: --token or AUTH_TOKEN; it is in DATA_DIR/auth-token of that server.',
    );
  }
  const faults: Record<string, Finding> = {
    EADDRINUSE: problem(
      'server',
      `The server does not run, and another program has port ${config.PORT}.`,
      `Stop that program, or choose another port: PORT=${config.PORT + 1}.`,
    ),
    EACCES: problem('server', `This user may not listen on port ${config.PORT}.`, 'Choose one above 1023: PORT=3001.'),
    EADDRNOTAVAIL: problem('server', `This machine has no address ${config.HOST}.`, 'Set HOST to one it has.'),
  };
  const fault = found.portFault;
  if (fault !== null) {
    return faults[fault] ?? problem('server', `The server cannot listen at ${url}: ${fault}.`, 'Set HOST and PORT.');
  }
  return problem('server', 'The server does not run.', 'Start it: npm start.');
}

/** Package managers and build tools that run what the project's own files say: low for tests and checks, not for the rest. */
import { elevated, type Finding, high } from './finding.ts';
import { type JudgeContext, type JudgeProgram, judgeToolArguments } from './program-rule.ts';
import type { ShellWord } from './shell-lexer.ts';

/** A script is named for what it does. The name proves nothing, but a bad one is a warning. */
const SCRIPT_NAMES: readonly { pattern: RegExp; finding: Finding }[] = [
  {
    pattern: /(deploy|publish|release|push|upload|prod|ship|install|login|curl|download|docker|provision|rollback)/i,
    finding: high('runs a script whose name says that it leaves the machine'),
  },
  {
    pattern: /(clean|purge|destroy|drop|delete|remove|reset|wipe|nuke|prune|seed|migrat|uninstall)/i,
    finding: high('runs a script whose name says that it deletes'),
  },
  {
    pattern: /^(start|serve|dev|watch|preview|postinstall|preinstall|prepare)/i,
    finding: elevated('starts a program that keeps running or changes the installation'),
  },
];

const PLAIN_NAME = /^[A-Za-z0-9][\w:.@/-]*$/;

export function judgeScriptName(name: string | undefined): Finding[] {
  if (name === undefined) return [];
  if (!PLAIN_NAME.test(name)) return [elevated('the name of the script is unusual')];
  return SCRIPT_NAMES.filter(({ pattern }) => pattern.test(name)).map(({ finding }) => finding);
}

interface ManagerRule {
  /** Subcommands that run the project's tests; arguments follow. */
  test: RegExp;
  /** Subcommands followed by a script's name. */
  run: RegExp;
  /** Names a script directly, as `yarn lint` does. */
  bare: RegExp | null;
  /** Subcommands that only print. */
  prints: RegExp;
  /** Subcommands that are not known to leave the machine, and not known to stay. */
  unsure: RegExp;
}

/** Everything that is not listed installs, publishes or signs in. */
const MANAGERS = {
  npm: {
    test: /^(test|t|tst)$/,
    run: /^(run|run-script|rum|urn)$/,
    bare: null,
    prints: /^(ls|list|ll|la|root|prefix|bin|explain|why|query|-v|--version)$/,
    unsure: /^(start|restart|stop|pack|rebuild|version|pkg|help|cache|config|get|set|prune|dedupe)$/,
  },
  pnpm: {
    test: /^(test|t|tst)$/,
    run: /^(run|run-script)$/,
    bare: /^(lint|build|typecheck|check|format|coverage|tsc|vitest|jest|eslint|prettier|biome|mocha)$/,
    prints: /^(ls|list|why|root|bin|-v|--version)$/,
    unsure: /^(start|restart|pack|rebuild|exec|prune|store|config)$/,
  },
  yarn: {
    test: /^test$/,
    run: /^run$/,
    bare: /^(lint|build|typecheck|check|format|coverage|tsc|vitest|jest|eslint|prettier|biome|mocha)$/,
    prints: /^(list|why|-v|--version)$/,
    unsure: /^(start|pack|exec|workspace|workspaces|config|node|cache)$/,
  },
  bun: {
    test: /^test$/,
    run: /^run$/,
    bare: null,
    prints: /^(-v|--version)$/,
    unsure: /^(start|build|repl|exec)$/,
  },
} as const satisfies Record<string, ManagerRule>;

/** Options of the manager itself that change nothing but what is printed or which workspace is meant. */
const QUIET_OPTION =
  /^(-s|--silent|--quiet|--if-present|-ws|--workspaces|-w|--workspace(=[\w@/.-]+)?|-r|--recursive|--color)$/;

export function packageManager(name: keyof typeof MANAGERS): JudgeProgram {
  const rule: ManagerRule = MANAGERS[name];
  return (args, context) => {
    const subcommand = args[0]?.text;
    const rest = args.slice(1);
    if (subcommand === undefined) return [name === 'yarn' ? high('installs packages (yarn)') : elevated('prints help')];
    if (rule.prints.test(subcommand)) return judgeToolArguments(rest, context);
    if (rule.test.test(subcommand) || rule.bare?.test(subcommand)) return judgeScriptArguments(rest, context);
    if (rule.run.test(subcommand)) {
      const at = rest.findIndex(({ text }) => !text.startsWith('-'));
      const script = at === -1 ? undefined : rest[at]?.text;
      return [
        ...judgeScriptName(script),
        ...judgeScriptArguments(
          rest.filter((_, index) => index !== at),
          context,
        ),
      ];
    }
    if (rule.unsure.test(subcommand)) return [elevated(`a ${name} command that is not known to be safe`)];
    if (subcommand.startsWith('-'))
      return [elevated(`an option changes what ${name} does`), ...scanForHigh(rest, name)];
    return name === 'yarn' && !KNOWN_INSTALLER.test(subcommand)
      ? [elevated('runs a script or a program by its name (yarn)'), ...judgeScriptName(subcommand)]
      : [high(`installs, publishes or uses the network (${name})`)];
  };
}

const KNOWN_INSTALLER =
  /^(install|add|remove|up|upgrade|upgrade-interactive|publish|dlx|create|init|link|unlink|global|login|logout|npm|set|plugin|import|audit|info|outdated|owner|team|tag|token|version|policies|self-update)$/;

function scanForHigh(args: readonly ShellWord[], name: string): Finding[] {
  return args.some(({ text }) => KNOWN_INSTALLER.test(text) || /^(i|ci|exec|x|update)$/.test(text))
    ? [high(`installs, publishes or uses the network (${name})`)]
    : [];
}

/** Before `--` an option belongs to the manager, and some (`--script-shell`, `--prefix`) choose what is run. */
function judgeScriptArguments(args: readonly ShellWord[], context: JudgeContext): Finding[] {
  const end = args.findIndex(({ text }) => text === '--');
  const own = end === -1 ? args : args.slice(0, end);
  const odd = own.some(({ text }) => text.startsWith('-') && !QUIET_OPTION.test(text));
  return [...(odd ? [elevated('an option may change which script runs')] : []), ...judgeToolArguments(args, context)];
}

export const judgeMake: JudgeProgram = (args, context) => [
  ...judgeToolArguments(args, context),
  ...args.flatMap(({ text }) => {
    if (/^-([jklsnBw]+|j\d+)$/.test(text) || /^\d+$/.test(text)) return [];
    if (text.startsWith('-') || text.includes('=')) return [elevated('an option changes what make runs')];
    return judgeScriptName(text);
  }),
];

/** Tools whose first word decides: `cargo test` is low, `cargo publish` is not. What no list names is elevated. */
export function toolWithSubcommands(rules: {
  low: RegExp;
  high?: RegExp;
  unless?: RegExp;
  name: string;
}): JudgeProgram {
  return (args, context) => {
    const subcommand = args[0]?.text ?? '';
    const rest = judgeToolArguments(args.slice(1), context);
    if (rules.high?.test(subcommand)) return [high(`installs, deletes, publishes or uses the network (${rules.name})`)];
    if (!rules.low.test(subcommand)) return [elevated(`a ${rules.name} command that is not known to be safe`), ...rest];
    return args.some(({ text }) => rules.unless?.test(text))
      ? [elevated(`an option changes what ${rules.name} runs`), ...rest]
      : rest;
  };
}

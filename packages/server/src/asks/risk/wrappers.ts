/** Programs that run another command given as arguments. The inner command is judged too; few of them keep it low. */
import { elevated, type Finding, high } from './finding.ts';
import { joinPath, judgePath } from './paths.ts';
import { type JudgeContext, type JudgeProgram, judgeArgumentPaths, judgeToolArguments } from './program-rule.ts';
import type { ShellWord } from './shell-lexer.ts';

const ASSIGNMENT = /^([A-Za-z_]\w*)=(.*)$/s;

/** Variables that choose what another program runs, loads or talks to. */
const STEERING_VARIABLE =
  /^(GIT_.*|SSH_.*|LD_.*|DYLD_.*|PATH|NODE_OPTIONS|NODE_PATH|NODE_EXTRA.*|PYTHON.*|PERL.*|RUBY.*|BASH.*|ENV|ZDOTDIR|IFS|SHELL|HOME|PAGER|MANPAGER|LESS.*|EDITOR|VISUAL|BROWSER|PROMPT_COMMAND|PS4|npm_config_.*|NPM_CONFIG_.*|YARN_.*|PIP_.*|CARGO_.*|RUSTC.*|RUSTFLAGS|GO.*|CC|CXX|MAKEFLAGS|MAKEFILES|JAVA_.*|_JAVA_OPTIONS|MAVEN_OPTS|GRADLE_OPTS|.*_PROXY|.*_proxy|ANTHROPIC_.*|CLAUDE.*|AWS_.*|KUBECONFIG|DOCKER_.*|DATABASE_URL|.*_(URL|HOST|ENDPOINT))$/;
/** Variables that only change how a test run looks. */
const HARMLESS_VARIABLE =
  /^(CI|NODE_ENV|FORCE_COLOR|NO_COLOR|CLICOLOR|TERM|LANG|LC_ALL|TZ|RUST_BACKTRACE|RUST_LOG|COLUMNS)$/;
const PLAIN_VALUE = /^[\w.,:+-]*$/;

export function judgeAssignment(name: string, value: string): Finding[] {
  if (STEERING_VARIABLE.test(name)) return [high('sets a variable that changes what programs run')];
  if (HARMLESS_VARIABLE.test(name) && PLAIN_VALUE.test(value)) return [];
  return [elevated('sets a variable that is not known to be harmless')];
}

const judgeEnv: JudgeProgram = (args, context) => {
  const findings: Finding[] = [];
  let index = 0;
  for (; index < args.length; index += 1) {
    const text = args[index]?.text ?? '';
    const assignment = ASSIGNMENT.exec(text);
    if (assignment?.[1] !== undefined) findings.push(...judgeAssignment(assignment[1], assignment[2] ?? ''));
    else if (/^(-S|--split-string)/.test(text)) {
      return [
        elevated('runs a command hidden in an option'),
        ...context.judgeScript(
          args
            .map((word) => word.text)
            .join(' ')
            .replace(/-S|--split-string=?/, '\n'),
        ),
      ];
    } else if (text.startsWith('-')) findings.push(elevated('an option changes how the command runs'));
    else break;
  }
  if (index === args.length) return [high('prints the environment, which may hold secrets')];
  return [...findings, ...context.judgeWords(args.slice(index))];
};

/** Skips the options a pattern knows and a number of own arguments; anything else makes it at least elevated. */
function runsRest(options: { known: RegExp; operands?: RegExp; always?: Finding }): JudgeProgram {
  return (args, context) => {
    const findings: Finding[] = options.always === undefined ? [] : [options.always];
    let index = 0;
    while (options.known.test(args[index]?.text ?? '')) index += 1;
    if (options.operands !== undefined) {
      if (options.operands.test(args[index]?.text ?? '')) index += 1;
      else findings.push(elevated('an argument is not understood'));
    }
    const rest = args.slice(index);
    if (rest[0]?.text.startsWith('-')) {
      // An unknown option may or may not take the next word, so where the inner command begins is not known.
      return [...findings, elevated('an option is not understood')];
    }
    return rest.length === 0 ? [...findings, elevated('runs nothing')] : [...findings, ...context.judgeWords(rest)];
  };
}

const judgeCommandBuiltin: JudgeProgram = (args, context) => {
  if (/^-[vV]$/.test(args[0]?.text ?? '')) return [];
  return runsRest({ known: /^$/, always: elevated('runs another command') })(args, context);
};

const judgeShell: JudgeProgram = (args, context) => {
  const at = args.findIndex(({ text }) => /^-[a-z]*c$/.test(text));
  const script = at === -1 ? undefined : args[at + 1];
  if (script !== undefined) return [elevated('runs a script inside a shell'), ...context.judgeScript(script.text)];
  if (args.every(({ text }) => text.startsWith('-'))) return [high('runs whatever is piped into a shell')];
  return [elevated('runs a script'), ...judgeArgumentPaths(args, { place: context.place, access: 'read' })];
};

const judgeEval: JudgeProgram = (args, context) => [
  elevated('runs text as a command'),
  ...context.judgeScript(args.map(({ text }) => text).join(' ')),
];

const judgeFind: JudgeProgram = (args, context) => {
  const findings = judgeArgumentPaths(args, { place: context.place, access: 'read' });
  for (const [index, { text }] of args.entries()) {
    if (text === '-delete') findings.push(high('deletes files (find)'));
    else if (/^-(exec|execdir|ok|okdir)$/.test(text)) {
      const rest = args.slice(index + 1);
      const end = rest.findIndex((word) => /^([;+]|-(exec|execdir|ok|okdir))$/.test(word.text));
      const inner = end === -1 ? rest : rest.slice(0, end);
      findings.push(elevated('runs a command for each file'), ...context.judgeWords(inner));
    } else if (/^-f(print|ls)/.test(text)) findings.push(elevated('writes a file (find)'));
  }
  return findings;
};

/** `sed -n 10,20p file` reads; every other script may write files or run commands. */
const judgeSed: JudgeProgram = (args, context) => {
  const [first, script, ...files] = args;
  const reads = first?.text === '-n' && /^(\d+|\$)(,(\d+|\$))?p$/.test(script?.text ?? '');
  const plainFiles = files.every(({ text }) => !text.startsWith('-'));
  const paths = judgeArgumentPaths(reads ? files : args, { place: context.place, access: reads ? 'read' : 'write' });
  return reads && plainFiles ? paths : [elevated('edits text with a script'), ...paths];
};

const judgePython: JudgeProgram = (args, context) => {
  const [first, module, ...rest] = args;
  if (/^(--version|-V)$/.test(first?.text ?? '') && args.length === 1) return [];
  if (first?.text === '-m' && module !== undefined) {
    if (/^(pytest|unittest|mypy|ruff|black|flake8|isort|doctest|compileall)$/.test(module.text)) {
      return judgeToolArguments(rest, context);
    }
    if (/^(pip|ensurepip|venv|http\.server|twine|build|smtpd|ftplib)$/.test(module.text)) {
      return [high('installs, serves or uses the network (python)')];
    }
  }
  return [elevated('runs a program (python)'), ...judgeToolArguments(args, context)];
};

/**
 * `cd` moves every later relative path; the place is changed by the caller (see `placeAfter`), here only the target is judged.
 */
const judgeCd: JudgeProgram = (args, context) => {
  const [target, ...more] = args;
  if (target === undefined) return [high('leaves the project')];
  if (more.length > 0 || target.text.startsWith('-') || target.glob)
    return [elevated('changes the directory in an unusual way')];
  return judgePath(target.text, 'read', context.place);
};

/** Where relative paths may start after this command. `cd` can fail, so the old directories stay possible. */
export function placeAfter(words: readonly ShellWord[], context: JudgeContext): JudgeContext['place'] {
  const target = words[1]?.text;
  if (!/^(cd|pushd)$/.test(words[0]?.text ?? '') || target === undefined) return context.place;
  const { root, from } = context.place;
  const next = new Set([...from, ...from.map((directory) => joinPath(directory, target))]);
  // Each `cd` can double the set; past a handful every relative path is treated as leading outside.
  return { root, from: next.size > 16 ? ['/'] : [...next] };
}

export const WRAPPERS = {
  env: judgeEnv,
  time: runsRest({ known: /^-p$/ }),
  nice: runsRest({ known: /^(-n|-?\d+|-n\d+)$/ }),
  timeout: runsRest({ known: /^(--foreground|-v)$/, operands: /^\d+(\.\d+)?[smhd]?$/ }),
  nohup: runsRest({ known: /^$/, always: elevated('goes on after the shell ends') }),
  setsid: runsRest({ known: /^$/, always: elevated('goes on after the shell ends') }),
  stdbuf: runsRest({ known: /^-[ioe](L|0)$/ }),
  exec: runsRest({ known: /^$/, always: elevated('runs another command') }),
  builtin: runsRest({ known: /^$/, always: elevated('runs another command') }),
  xargs: runsRest({
    known: /^(-0|-r|-t|-n\d+|-P\d+|-I\S+)$/,
    always: elevated('runs a command for each line of input'),
  }),
  npx: runsRest({ known: /^--(no-install|no|offline)$/, always: elevated('may fetch a package to run it') }),
  bunx: runsRest({ known: /^$/, always: elevated('may fetch a package to run it') }),
  watch: runsRest({ known: /^(-n\d*|\d+|-d|-t)$/, always: elevated('keeps running a command') }),
  command: judgeCommandBuiltin,
  sh: judgeShell,
  bash: judgeShell,
  zsh: judgeShell,
  dash: judgeShell,
  ksh: judgeShell,
  fish: judgeShell,
  eval: judgeEval,
  find: judgeFind,
  sed: judgeSed,
  gsed: judgeSed,
  python: judgePython,
  python3: judgePython,
  cd: judgeCd,
  pushd: judgeCd,
} as const satisfies Record<string, JudgeProgram>;

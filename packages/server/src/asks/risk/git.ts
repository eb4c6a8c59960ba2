/** What one git command may do. Subcommands that are not listed are unknown, and so elevated. */
import { elevated, type Finding, high } from './finding.ts';
import { type JudgeContext, judgeArgumentPaths } from './program-rule.ts';
import type { ShellWord } from './shell-lexer.ts';

interface GitRule {
  base: 'low' | 'elevated' | 'high';
  reason: string;
  /** Arguments that raise the rule. */
  high?: { when: RegExp; reason: string };
  elevated?: { when: RegExp; reason: string };
  /** When set, any option that does not match is elevated. */
  options?: RegExp;
  /** Options whose value is prose or a pattern, not a path: alone (the next word is the value) or with it attached. */
  text?: { alone: RegExp; attached: RegExp };
}

const NETWORK = 'uses the network (git)';
const DISCARDS = 'throws work away (git)';
const HISTORY = 'changes history or branches (git)';
const READS: GitRule = {
  base: 'low',
  reason: 'reads the repository',
  text: {
    alone: /^(-S|-G|--grep|--author|--since|--until|--after|--before|--date)$/,
    attached: /^--(grep|author|since|until|after|before|format|pretty|date)=/,
  },
  elevated: {
    when: /^(--(out|ext|textc|no-index|open|paginate|exec)|-[a-zA-Z]*O)/,
    reason: 'an option makes git do more than read',
  },
};

const SUBCOMMANDS: ReadonlyMap<string, GitRule> = new Map<string, GitRule>([
  ...entries(
    'status diff log show blame shortlog describe rev-parse rev-list ls-files ls-tree cat-file grep name-rev',
    READS,
  ),
  ['add', { base: 'low', reason: 'stages files', options: /^(-[AuvNn]+|--all|--update|--verbose|--dry-run|--)$/ }],
  [
    'commit',
    {
      base: 'low',
      reason: 'commits in the repository',
      text: { alone: /^(-[asqv]*m|--message)$/, attached: /^(-[asqv]*m.|--message=)/s },
      options: /^(-[asqv]*m?|--message|--all|--signoff|--quiet|--verbose|--allow-empty|--)$/,
    },
  ],
  ['branch', listing(/^(-[dDmMcCfu]|--(delete|move|copy|force|set|unset|edit|track))/, HISTORY)],
  ['tag', listing(/^(-[dfsu]|--(delete|force|sign|local-user))/, HISTORY)],
  [
    'remote',
    { ...listing(/^(add|rm|remove|rename|set-\w+|prune|update|show)$/, NETWORK), options: /^-v+$|^--verbose$/ },
  ],
  ['reflog', listing(/^(expire|delete)$/, DISCARDS)],
  [
    'stash',
    {
      base: 'elevated',
      reason: 'moves unfinished work aside (git)',
      high: { when: /^(drop|clear)$/, reason: DISCARDS },
    },
  ],
  [
    'config',
    {
      base: 'elevated',
      reason: 'reads or changes git settings',
      high: { when: /^[^-]/, reason: 'changes git settings' },
    },
  ],
  [
    'checkout',
    {
      base: 'elevated',
      reason: 'changes the files checked out',
      high: { when: /^(-f|--force|--|\.|-p|--patch|-B|--ours|--theirs|:.*|\.?\/.*)$/, reason: DISCARDS },
    },
  ],
  [
    'switch',
    {
      base: 'elevated',
      reason: 'changes the files checked out',
      high: { when: /^(-f|--force|--discard.*|-C)$/, reason: DISCARDS },
    },
  ],
  ['reset', { base: 'elevated', reason: HISTORY, high: { when: /^--(h|merge|keep|me|k)/, reason: DISCARDS } }],
  ...entries('restore clean rm gc prune filter-branch filter-repo update-ref worktree', {
    base: 'high',
    reason: DISCARDS,
  }),
  ...entries(
    'push pull fetch clone ls-remote submodule subtree svn p4 lfs send-email request-pull daemon bundle archive',
    {
      base: 'high',
      reason: NETWORK,
    },
  ),
  ...entries('merge rebase cherry-pick revert am apply mv bisect notes replace', { base: 'elevated', reason: HISTORY }),
]);

export function judgeGit(args: readonly ShellWord[], context: JudgeContext): Finding[] {
  const findings: Finding[] = [];
  let index = 0;
  for (; args[index]?.text.startsWith('-'); index += 1) {
    const option = args[index]?.text ?? '';
    if (option === '--no-pager' || option === '--version') continue;
    if (/^(-c|--config-env|--exec-path|--upload-pack)/.test(option)) return [high('changes what git runs')];
    if (option === '-C') {
      findings.push(...judgeArgumentPaths(args.slice(index + 1, index + 2), { place: context.place, access: 'write' }));
      index += 1;
    }
    findings.push(elevated('an option sends git elsewhere'));
  }
  const subcommand = args[index];
  if (subcommand === undefined) return findings;
  const rule = SUBCOMMANDS.get(subcommand.text);
  const rest = args.slice(index + 1);
  if (rule === undefined)
    return [...findings, elevated('a git command that is not known to be safe'), ...pathsOf(undefined, rest, context)];
  return [...findings, ...judgeSubcommand(rule, rest), ...pathsOf(rule, rest, context)];
}

function judgeSubcommand(rule: GitRule, args: readonly ShellWord[]): Finding[] {
  const texts = withoutTextValues(rule, args).map(({ text }) => text);
  const findings: Finding[] = rule.base === 'low' ? [] : [{ risk: rule.base, reason: rule.reason }];
  if (rule.high !== undefined && texts.some((text) => rule.high?.when.test(text)))
    findings.push(high(rule.high.reason));
  if (rule.elevated !== undefined && texts.some((text) => rule.elevated?.when.test(text))) {
    findings.push(elevated(rule.elevated.reason));
  }
  if (rule.options !== undefined && texts.some((text) => text.startsWith('-') && !rule.options?.test(text))) {
    findings.push(elevated('an option that is not known to be safe (git)'));
  }
  return findings;
}

function pathsOf(rule: GitRule | undefined, args: readonly ShellWord[], context: JudgeContext): Finding[] {
  return judgeArgumentPaths(withoutTextValues(rule, args), { place: context.place, access: 'read' });
}

/** Leaves out commit messages and search patterns: prose about `../x` touches nothing. An option is never left out. */
function withoutTextValues(rule: GitRule | undefined, args: readonly ShellWord[]): readonly ShellWord[] {
  const text = rule?.text;
  if (text === undefined) return args;
  const end = args.findIndex((word) => word.text === '--');
  return args.filter((word, index) => {
    if (end !== -1 && index >= end) return true;
    const isValue = index > 0 && text.alone.test(args[index - 1]?.text ?? '') && !word.text.startsWith('-');
    return !isValue && !text.attached.test(word.text);
  });
}

function listing(changes: RegExp, reason: string): GitRule {
  return {
    base: 'low',
    reason: 'lists',
    high: { when: changes, reason },
    elevated: { when: /^[^-]/, reason: HISTORY },
  };
}

function entries(names: string, rule: GitRule): [string, GitRule][] {
  return names.split(' ').map((name) => [name, rule]);
}

/**
 * What is known about programs. A program that is not in this table is elevated: the table may only make things known, never
 * the other way round. `high` entries are also looked for as bare words in commands that could not be understood.
 */
import { judgeGit } from './git.ts';
import { judgeMake, packageManager, toolWithSubcommands } from './package-scripts.ts';
import { type ProgramRule, programs } from './program-rule.ts';
import { WRAPPERS } from './wrappers.ts';

const judged = (judge: Extract<ProgramRule, { rule: 'judged' }>['judge']): ProgramRule => ({ rule: 'judged', judge });

const READ_ONLY: [string, ProgramRule][] = [
  ...programs('echo', { rule: 'prints' }),
  ...programs('printf', { rule: 'prints', unless: /^-v/ }),
  ...programs('pwd true false uname whoami id sleep seq nproc', { rule: 'prints' }),
  ...programs('date', { rule: 'prints', unless: /^(-s|--s|-f|--f|[^+-])/ }),
  ...programs(
    'ls cat head tail wc grep egrep fgrep diff cmp cut tr tac rev nl basename dirname realpath readlink stat du df which type cksum md5sum sha1sum sha256sum sha512sum shasum comm join column fold expand paste',
    { rule: 'reads' },
  ),
  ...programs('rg', { rule: 'reads', unless: /^--(pre|hostname-bin|search-zip|config)/ }),
  ...programs('sort', { rule: 'reads', unless: /^(-[a-zA-Z]*[oT]|--o|--comp|--t|--files0)/ }),
  ...programs('tree', { rule: 'reads', unless: /^-o/ }),
  ...programs('jq', { rule: 'reads', unless: /env|^-L|import|include/i }),
];

const WRITES: [string, ProgramRule][] = [
  ...programs('mkdir touch tee uniq', { rule: 'writes', unless: /^(-m|--mode|-r|-d)/ }),
];

const BUILDS: [string, ProgramRule][] = [
  ...programs('pytest', { rule: 'builds', unless: /^(-p|-c|-o|--override-ini|--basetemp|--pyargs|--pdb)/ }),
  ...programs('tsc vitest jest mocha ava tap eslint prettier biome ruff black mypy flake8 isort rspec phpunit ctest', {
    rule: 'builds',
    unless: /^(-c=|--watch|-w$|--ui|--inspect|--upload|--eval|-e$|--require|-r$|--import|--loader)/,
  }),
  ['make', judged(judgeMake)],
  ['gmake', judged(judgeMake)],
  ['git', judged(judgeGit)],
  ['npm', judged(packageManager('npm'))],
  ['pnpm', judged(packageManager('pnpm'))],
  ['yarn', judged(packageManager('yarn'))],
  ['bun', judged(packageManager('bun'))],
  [
    'cargo',
    judged(
      toolWithSubcommands({
        name: 'cargo',
        low: /^(test|t|build|b|check|c|clippy|fmt|doc|bench|tree|nextest|--version|-V)$/,
        high: /^(install|uninstall|publish|add|rm|remove|update|login|logout|yank|owner|search|fetch|clean|vendor)$/,
        unless: /^(--config|-Z|--open|-C)/,
      }),
    ),
  ],
  [
    'go',
    judged(
      toolWithSubcommands({
        name: 'go',
        low: /^(test|build|vet|fmt|list|version|doc)$/,
        high: /^(get|install|mod|clean|work)$/,
        unless: /^--?(exec|toolexec|vettool|overlay|ldflags|gcflags|asmflags|compiler|modfile|C|o)\b/,
      }),
    ),
  ],
  [
    'node',
    judged(
      toolWithSubcommands({
        name: 'node',
        low: /^(--test|--check|--version|-v)$/,
        unless:
          /^(-r|--require|--import|--loader|--experimental-loader|-e|--eval|-p|--print|-i|--inspect.*|--env-file.*|--run|--test-reporter=.*|--test-global-setup.*)$|^--(import|require|loader|experimental-loader|eval|print)=/,
      }),
    ),
  ],
  [
    'deno',
    judged(
      toolWithSubcommands({
        name: 'deno',
        low: /^(test|lint|fmt|check|--version)$/,
        high: /^(install|uninstall|add|upgrade|publish|deploy|clean)$/,
        unless: /^(-A|--allow)/,
      }),
    ),
  ],
  [
    'dotnet',
    judged(
      toolWithSubcommands({
        name: 'dotnet',
        low: /^(test|build|format|--version)$/,
        high: /^(add|nuget|publish|tool|clean)$/,
        unless: /^[-/]p/,
      }),
    ),
  ],
  ...['mvn', 'gradle', 'swift', 'cmake', 'composer', 'bundle', 'poetry', 'uv', 'mix', 'stack', 'cabal'].map(
    (name): [string, ProgramRule] => [
      name,
      judged(
        toolWithSubcommands({
          name,
          low: /^--version$/,
          high: /^(deploy|publish|install|add|remove|update|upgrade|require|push|clean|pip|tool|sync|lock|exec|release|login)$/,
        }),
      ),
    ],
  ),
];

const HIGH: [string, ProgramRule][] = [
  ...programs('rm rmdir unlink shred truncate srm trash wipe', { rule: 'high', reason: 'deletes files' }),
  ...programs('dd mkfs mkfs.ext4 mkswap fdisk sfdisk parted wipefs mount umount losetup diskutil', {
    rule: 'high',
    reason: 'changes disks',
  }),
  ...programs(
    'curl wget ssh scp sftp rsync rclone nc ncat netcat telnet ftp socat nmap ping dig nslookup host http https httpie aria2c axel lynx w3m mail sendmail msmtp ngrok cloudflared tailscale',
    { rule: 'high', reason: 'uses the network' },
  ),
  ...programs('sudo su doas pkexec runas gosu chroot unshare nsenter', {
    rule: 'high',
    reason: 'runs with more rights',
  }),
  ...programs('chmod chown chgrp chattr setfacl icacls umask setcap', { rule: 'high', reason: 'changes permissions' }),
  ...programs('kill killall pkill fuser reboot shutdown halt poweroff init', {
    rule: 'high',
    reason: 'ends processes',
  }),
  ...programs('systemctl service launchctl crontab at batch schtasks', {
    rule: 'high',
    reason: 'changes what the machine runs by itself',
  }),
  ...programs(
    'docker docker-compose podman nerdctl kubectl helm terraform tofu pulumi ansible ansible-playbook vagrant aws gcloud gsutil az doctl oci gh glab hub heroku vercel netlify fly flyctl wrangler firebase supabase railway skaffold',
    { rule: 'high', reason: 'changes machines or services' },
  ),
  ...programs(
    'pip pip3 pipx conda mamba gem brew port apt apt-get aptitude yum dnf pacman apk zypper snap flatpak dpkg rpm nix nix-env twine npm-publish corepack nvm rustup',
    { rule: 'high', reason: 'installs or publishes packages' },
  ),
  ...programs('psql mysql mysqladmin mongo mongosh redis-cli dropdb createdb pg_restore', {
    rule: 'high',
    reason: 'changes a database',
  }),
  ...programs('useradd userdel usermod groupadd passwd visudo iptables nft ufw ip ifconfig route sysctl', {
    rule: 'high',
    reason: 'changes the system',
  }),
  ...programs('gpg ssh-keygen ssh-add ssh-agent openssl security keyctl pass op vault printenv', {
    rule: 'high',
    reason: 'touches secrets',
  }),
  ...programs('osascript open xdg-open defaults reg powershell pwsh cmd cmd.exe powershell.exe', {
    rule: 'high',
    reason: 'controls the desktop or another shell',
  }),
];

export const PROGRAMS: ReadonlyMap<string, ProgramRule> = new Map<string, ProgramRule>([
  ...READ_ONLY,
  ...WRITES,
  ...BUILDS,
  ...Object.entries(WRAPPERS).map(([name, judge]): [string, ProgramRule] => [name, judged(judge)]),
  ...HIGH,
]);

/**
 * Names that matter wherever they stand in a path. Compared in lower case: macOS and Windows file systems ignore case.
 */

/** A template of a secrets file holds no secrets. */
const TEMPLATE = /^\.env(\.[\w-]+)*\.(example|sample|template|dist)$/;

/** One path component that usually holds a secret. */
const SECRET_COMPONENTS: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /^\.envrc$/,
  /^\.(ssh|aws|gnupg|kube|azure|gcloud|docker|password-store)$/,
  /^\.(netrc|npmrc|pypirc|pgpass|htpasswd|git-credentials|vault-token|credentials\.json|my\.cnf)$/,
  /^_netrc$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?(\.pub)?$/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|tfvars|tfstate)$/,
  /^authorized_keys$/,
  /^(.*[-_.])?(credentials?|secrets?)([-_.].*)?$/,
  /^service-?account.*\.json$/,
  /^(auth|tokens?)\.(json|txt|ya?ml)$/,
  /^(shadow|sudoers|passwd)$/,
];

/** Writing one of these changes what runs later without another ask. Tested on the path below the project. */
const RUNS_LATER: readonly { reason: string; path: RegExp }[] = [
  { reason: 'changes what git runs', path: /(^|\/)\.git(\/|$)|(^|\/)\.(gitattributes|gitmodules|gitconfig)$/ },
  {
    reason: 'changes git hooks',
    path: /(^|\/)\.(husky|githooks)(\/|$)|(^|\/)(\.pre-commit-config\.ya?ml|\.?lefthook(-local)?\.ya?ml)$/,
  },
  {
    reason: 'changes the rules of the agent itself',
    path: /(^|\/)\.claude(\/|$)|(^|\/)\.mcp\.json$|(^|\/)claude(\.local)?\.md$/,
  },
  {
    reason: 'changes what the build server runs',
    path: /(^|\/)\.(github|gitlab|circleci|buildkite|woodpecker|ci)(\/|$)|(^|\/)(\.gitlab-ci|\.travis|\.drone|\.woodpecker|appveyor|azure-pipelines|bitbucket-pipelines|cloudbuild)\.ya?ml$|(^|\/)jenkinsfile$/,
  },
  {
    reason: 'changes what package scripts run or install',
    path: /(^|\/)(package\.json|package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|pnpm-workspace\.yaml|bun\.lockb?|bunfig\.toml|deno\.jsonc?|\.yarnrc(\.yml)?|\.pnpmfile\.c?js|\.yarn)(\/|$)/,
  },
  {
    reason: 'changes what package scripts run or install',
    path: /(^|\/)(pyproject\.toml|setup\.(py|cfg)|tox\.ini|noxfile\.py|pipfile(\.lock)?|requirements[\w.-]*\.txt|poetry\.lock|uv\.lock|cargo\.(toml|lock)|build\.rs|go\.(mod|sum|work)|gemfile(\.lock)?|composer\.(json|lock)|pom\.xml|build\.gradle(\.kts)?|settings\.gradle(\.kts)?|gradlew|mvnw|\.cargo)(\/|$)/,
  },
  {
    reason: 'changes what the build runs',
    path: /(^|\/)((gnu)?makefile|justfile|rakefile|taskfile\.ya?ml|cmakelists\.txt)$|\.mk$/,
  },
  { reason: 'changes installed programs', path: /(^|\/)(node_modules|\.venv|venv|site-packages)(\/|$)/ },
  { reason: 'changes what the editor runs', path: /(^|\/)\.(vscode|idea|devcontainer)(\/|$)/ },
  { reason: 'changes a container image', path: /(^|\/)(dockerfile[\w.-]*|(docker-)?compose[\w.-]*\.ya?ml)$/ },
  {
    reason: 'changes what a shell runs when it starts',
    path: /(^|\/)\.(bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|zshenv|zprofile|zlogin|zlogout|kshrc|cshrc|tcshrc|inputrc|envrc)$|(^|\/)config\.fish$/,
  },
];

export function isSecretComponent(component: string): boolean {
  const name = comparable(component);
  return !TEMPLATE.test(name) && SECRET_COMPONENTS.some((pattern) => pattern.test(name));
}

/** Why writing this project-relative path is dangerous; null when it is an ordinary file. */
export function whyProtected(relativePath: string): string | null {
  const path = comparable(relativePath);
  return RUNS_LATER.find((entry) => entry.path.test(path))?.reason ?? null;
}

/** Trailing dots and spaces vanish on Windows; NFKC folds full-width look-alikes that some file systems fold too. */
function comparable(path: string): string {
  return path
    .normalize('NFKC')
    .toLowerCase()
    .split('/')
    .map((component) => component.replace(/(?<=[^.])[. ]+$/, ''))
    .join('/');
}

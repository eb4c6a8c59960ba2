/**
 * The environment of an agent process, built from an allow-list. The agent runs commands a model wrote, so a variable of the
 * server that is not named here (AUTH_TOKEN, JWT_SECRET, DATABASE_URL, a carrier's token …) must never reach it.
 */

/** How one agent process reaches a model. `variables` are further variables for the CLI, such as CLAUDE_CODE_MAX_RETRIES. */
type ModelAccess =
  | {
      /** Through our own `/v1/messages`; the spec calls it proxy mode. */
      kind: 'gateway';
      /** Without a path: the CLI adds `/v1/messages`. */
      baseUrl: string;
      apiKey: string;
      variables?: Readonly<Record<string, string>>;
    }
  | {
      /** The operator's own credentials, by the names the CLI knows (ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN, AWS_* …). */
      kind: 'direct';
      variables: Readonly<Record<string, string>>;
    };

/** Model access belongs to one process: a spare's environment is fixed before its session is known. */
export interface ProcessAccess {
  access: ModelAccess;
  /** Called once it is known whose process it is, before anything is said to it. */
  belongTo?(session: { sessionId: string }): void;
  /** Called once, when the process is gone: withdraws what was issued for it. */
  dispose?(): void;
}

export interface AgentEnvironment {
  /** The server's own environment. Only what the allow-list names is taken from it. */
  source: Readonly<Record<string, string | undefined>>;
  access: ModelAccess;
  /** Where the CLI keeps settings and transcripts. */
  configDir: string;
  /** Private directory for sockets and temporary files. */
  runtimeDir: string;
  /** The model the session was made with. */
  model: string | null;
}

const ALLOWED_NAMES: ReadonlySet<string> = new Set([
  // Who and where
  ...[
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'SHELL',
    'LANG',
    'LANGUAGE',
    'TZ',
    'TERM',
    'COLORTERM',
    'TMPDIR',
    'TMP',
    'TEMP',
  ],
  // Keys stay in the agent program behind the socket
  'SSH_AUTH_SOCK',
  // The way out of the network and whom to trust there
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'GIT_SSL_CAINFO'],
  // Homes of languages and tools
  ...['JAVA_HOME', 'MAVEN_HOME', 'M2_HOME', 'GRADLE_HOME', 'GRADLE_USER_HOME', 'SDKMAN_DIR', 'ANDROID_HOME'],
  ...[
    'ANDROID_SDK_ROOT',
    'GOPATH',
    'GOROOT',
    'GOBIN',
    'GOMODCACHE',
    'GOCACHE',
    'CARGO_HOME',
    'RUSTUP_HOME',
    'DOTNET_ROOT',
  ],
  ...['NVM_DIR', 'VOLTA_HOME', 'FNM_DIR', 'PNPM_HOME', 'BUN_INSTALL', 'DENO_DIR', 'COREPACK_HOME', 'NPM_CONFIG_PREFIX'],
  ...[
    'PYENV_ROOT',
    'VIRTUAL_ENV',
    'CONDA_PREFIX',
    'PIPX_HOME',
    'POETRY_HOME',
    'UV_CACHE_DIR',
    'RBENV_ROOT',
    'GEM_HOME',
  ],
  ...['GEM_PATH', 'COMPOSER_HOME', 'MIX_HOME', 'HEX_HOME', 'ASDF_DIR', 'ASDF_DATA_DIR', 'HOMEBREW_PREFIX', 'NIX_PATH'],
  // What Windows programs cannot start without
  ...[
    'SystemRoot',
    'SYSTEMROOT',
    'SystemDrive',
    'SYSTEMDRIVE',
    'windir',
    'WINDIR',
    'ComSpec',
    'COMSPEC',
    'PATHEXT',
    'Path',
  ],
  ...[
    'USERPROFILE',
    'HOMEDRIVE',
    'HOMEPATH',
    'APPDATA',
    'LOCALAPPDATA',
    'ProgramData',
    'ProgramFiles',
    'ProgramFiles(x86)',
  ],
  'CLAUDE_CODE_GIT_BASH_PATH',
]);

const ALLOWED_PREFIXES = ['LC_', 'XDG_'];
const LOOPBACK = ['127.0.0.1', 'localhost'];

/** The whole environment of an agent process: the SDK replaces, it does not merge. */
export function agentEnvironment(options: AgentEnvironment): Record<string, string> {
  const { source, access, configDir, runtimeDir, model } = options;
  return {
    ...inherited(source),
    ...noProxy(source),
    ...access.variables,
    ...accessVariables(access),
    ...modelVariables(model),
    CLAUDE_CONFIG_DIR: configDir,
    // These two together leave `POST /v1/messages` as the only request that the CLI makes.
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    // Otherwise sockets and temporary files of all agents of this machine lie together below /tmp.
    CLAUDE_CODE_TMPDIR: runtimeDir,
    XDG_RUNTIME_DIR: runtimeDir,
  };
}

/** A model that is not Claude does not know prompt caching; the spec has the variable at "0" for it. */
export function modelVariables(model: string | null): Record<string, string> {
  return model === null || model.toLowerCase().includes('claude') ? {} : { DISABLE_PROMPT_CACHING: '0' };
}

function accessVariables(access: ModelAccess): Record<string, string> {
  if (access.kind === 'direct') return {};
  return { ANTHROPIC_BASE_URL: access.baseUrl, ANTHROPIC_API_KEY: access.apiKey, CLAUDE_CODE_USE_BEDROCK: '0' };
}

function inherited(source: AgentEnvironment['source']): Record<string, string> {
  const allowed = (name: string): boolean =>
    ALLOWED_NAMES.has(name) || ALLOWED_PREFIXES.some((prefix) => name.startsWith(prefix));
  const entries = Object.entries(source).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && allowed(entry[0]),
  );
  return Object.fromEntries(entries);
}

/** The gateway is on loopback: a proxy meant for the outside must not get those requests. */
function noProxy(source: AgentEnvironment['source']): Record<string, string> {
  const given = (source.NO_PROXY ?? source.no_proxy ?? '').split(',').map((host) => host.trim());
  const hosts = [...new Set([...given.filter((host) => host !== ''), ...LOOPBACK])].join(',');
  return { NO_PROXY: hosts, no_proxy: hosts };
}

/** Who may call what. */

/** `monitor`: report on sessions in a terminal. `answer`: decide asks. `host`: have the server run agents. */
export type Scope = 'monitor' | 'answer' | 'host';

export type Caller =
  /** Holds AUTH_TOKEN, or opened a screen with it. */
  | { kind: 'owner'; personId: string }
  /** A person who paired a phone; `scopes` come from the row of the token, never from the token itself. */
  | { kind: 'user'; personId: string; tokenId: string; scopes: readonly Scope[] }
  /** A session that somebody runs in a terminal; its token opens only the session itself. */
  | { kind: 'session'; personId: string; sessionId: string }
  /** A hosted agent's process: it may use the gateway and nothing else. */
  | { kind: 'agent-process' };

/**
 * What a route asks of its caller. `person`: anybody who is signed in. `answer`, `host`: a person with that scope.
 * `session`: the token of the session that the path names. `screen`: the cookie of a signed-in browser, which no token
 * replaces. The owner may do everything a person may.
 */
export type Rule = 'open' | 'owner' | 'person' | 'answer' | 'host' | 'session' | 'screen';

const has =
  (scope: Scope) =>
  (caller: Caller): boolean =>
    caller.kind === 'owner' || (caller.kind === 'user' && caller.scopes.includes(scope));

const ALLOWED: Record<Exclude<Rule, 'open'>, (caller: Caller) => boolean> = {
  owner: ({ kind }) => kind === 'owner',
  person: ({ kind }) => kind === 'owner' || kind === 'user',
  answer: has('answer'),
  host: has('host'),
  session: ({ kind }) => kind === 'session',
  screen: () => false,
};

/** Whether the kind of caller is right; whose session or ask it is, is looked at where that is known. */
export const mayCall = (rule: Exclude<Rule, 'open'>, caller: Caller): boolean => ALLOWED[rule](caller);

/** Model calls cost the operator money: only agents of this server and people who may host them make any. */
export const mayUseGateway = (caller: Caller | null): boolean =>
  caller !== null && (caller.kind === 'agent-process' || mayCall('host', caller));

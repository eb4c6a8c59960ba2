/** Which model hosted sessions talk to: the operator's own account when there is a credential, else the demo model. */

import type { ProcessAccess } from '../agents/claude/environment.ts';
import type { AgentKeys } from '../auth/tokens.ts';

export interface ModelCredentials {
  kind: 'direct' | 'demo';
  /** For people. Never holds a credential. */
  label: string;
  /** Called once per agent process. `viaGateway`: through our own gateway even where the operator has credentials. */
  forProcess(parts: { gatewayUrl: string; agentKeys: AgentKeys; viaGateway: boolean }): ProcessAccess;
}

/** Any of these means that the operator has an account. */
const CREDENTIALS = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
] as const;

/** Handed to agent processes together with a credential. */
const COMPANIONS = [
  'ANTHROPIC_BASE_URL',
  'AWS_REGION',
  'AWS_PROFILE',
  'ANTHROPIC_VERTEX_PROJECT_ID',
  'CLOUD_ML_REGION',
] as const;

export function modelAccess(environment: Record<string, string | undefined>): ModelCredentials {
  const present = CREDENTIALS.filter((name) => environment[name]);
  if (present.length > 0) {
    const names = [...present, ...COMPANIONS].filter((name) => environment[name]);
    const variables = Object.fromEntries(names.map((name) => [name, environment[name] ?? '']));
    return {
      kind: 'direct',
      label: `Claude, with ${present.join(' and ')}`,
      forProcess: ({ viaGateway, ...parts }) =>
        viaGateway ? throughGateway(parts) : { access: { kind: 'direct', variables }, dispose: () => undefined },
    };
  }
  return {
    kind: 'demo',
    label: 'the built-in demo model (no credential was found; set ANTHROPIC_API_KEY for a real one)',
    forProcess: throughGateway,
  };
}

function throughGateway({ gatewayUrl, agentKeys }: { gatewayUrl: string; agentKeys: AgentKeys }): ProcessAccess {
  const { key, revoke } = agentKeys.issue();
  return { access: { kind: 'gateway', baseUrl: gatewayUrl, apiKey: key }, dispose: revoke };
}

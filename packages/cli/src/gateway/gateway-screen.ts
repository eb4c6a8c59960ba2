/** What somebody sees when the gateway is up: where it is, whom it can ask, how to try it. */
import pc from 'picocolors';

export interface GatewayScreen {
  url: string;
  token: string;
  /** It was made for this run and stands nowhere else. */
  tokenIsNew: boolean;
  configured: readonly string[];
  models: readonly string[];
}

const MAX_MODELS = 8;
const LOOPBACK = /^http:\/\/(127\.|localhost|\[::1\])/;

export function gatewayScreen({ url, token, tokenIsNew, configured, models }: GatewayScreen): string[] {
  const row = (name: string, value: string): string => `  ${pc.dim(name.padEnd(11))}${value}`;
  // Told once, here, and stored nowhere.
  const own = tokenIsNew ? [`    export GATEWAY_TOKEN=${token}`] : [];
  const model = models[0] ?? 'demo';
  const more = models.length > MAX_MODELS ? `, and ${models.length - MAX_MODELS} more at /v1/models` : '';
  const simulated = configured.length === 0;
  return [
    '',
    `  ${pc.bold('The gateway')} is running at ${pc.cyan(`${url}/v1/messages`)}`,
    '',
    row(
      'providers',
      simulated
        ? pc.yellow('none: a scripted demo model answers for every name. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, …')
        : configured.join(', '),
    ),
    row('models', `${models.slice(0, MAX_MODELS).join(', ')}${more}; any other as provider/model`),
    row('token', tokenIsNew ? 'made for this run; GATEWAY_TOKEN sets one that stays' : 'the one you gave'),
    ...(LOOPBACK.test(url)
      ? []
      : [row('note', pc.yellow('other machines can reach this port: whoever knows the token spends your money'))]),
    '',
    `  ${pc.bold('Try it')}, in another terminal:`,
    ...own,
    `    curl ${url}/v1/messages -H "x-api-key: $GATEWAY_TOKEN" \\`,
    `      -d '{"model": "${model}", "max_tokens": 100, "messages": [{"role": "user", "content": "Hello!"}]}'`,
    `    ANTHROPIC_BASE_URL=${url} ANTHROPIC_API_KEY=$GATEWAY_TOKEN claude --model ${model}`,
    '',
    pc.dim('  Ctrl-C ends it.'),
    '',
  ];
}

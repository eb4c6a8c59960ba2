/** `companion gateway`: /v1/messages alone, in the foreground, for Claude Code or any client of Anthropic's API. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGateway, type UsageReport } from '@claude-companion/gateway';
import { ConfigError, loadGatewayConfig } from '@claude-companion/server';
import pc from 'picocolors';
import type { Surroundings } from '../surroundings.ts';
import { gatewayScreen } from './gateway-screen.ts';

export interface GatewayFlags {
  port?: string;
  host?: string;
  token?: string;
  config?: string;
}

const MIN_TOKEN = 16;

export async function gateway(surroundings: Surroundings, flags: GatewayFlags): Promise<number> {
  const { env, stdout, stderr, stopped } = surroundings;
  const { host, port } = { host: flags.host ?? '127.0.0.1', port: portOf(flags.port ?? '3002') };
  const given = flags.token ?? env.GATEWAY_TOKEN;
  if (given !== undefined && given.length < MIN_TOKEN) {
    throw new ConfigError(`The token must have at least ${MIN_TOKEN} characters. Without one, a token is made.`);
  }
  const token = given ?? `ccgw_${randomBytes(24).toString('base64url')}`;
  const { cheaper: _ofSessions, ...config } = await loadGatewayConfig(flags.config ?? env.GATEWAY_CONFIG, env);
  const served = createGateway({
    ...config,
    environment: env,
    authorize: (headers) => hasToken(headers, token),
    onUsage: (report) => stdout(usageLine(report)),
    onError: (error) => stderr(`The gateway could not answer: ${error instanceof Error ? error.message : error}`),
  });
  const server = createServer((request, response) => void served.handle(request, response));
  try {
    await listen(server, { host, port });
    const { port: bound } = server.address() as AddressInfo;
    const url = `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
    const configured = served.configured();
    const lines = gatewayScreen({ url, token, tokenIsNew: given === undefined, configured, models: served.models() });
    for (const line of lines) stdout(line);
    await new Promise<void>((resolve) => {
      if (stopped.aborted) resolve();
      stopped.addEventListener('abort', () => resolve());
    });
  } finally {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    await served.close();
  }
  return 0;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new ConfigError('--port must be a number from 0 to 65535.');
}

/** Equal lengths first: the token's own length is no secret. */
function hasToken(headers: IncomingHttpHeaders, token: string): boolean {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const [presented, wanted] = [bearer ?? headers['x-api-key'] ?? '', token].map((text) => Buffer.from(String(text)));
  return presented?.length === wanted?.length && timingSafeEqual(presented ?? Buffer.of(), wanted ?? Buffer.of(1));
}

function usageLine({ model, provider, costUsd, ...tokens }: UsageReport): string {
  const taken = tokens.inputTokens + tokens.cacheReadTokens + tokens.cacheWriteTokens;
  const cost = costUsd === null ? 'price unknown' : `$${costUsd.toFixed(4)}`;
  return pc.dim(`  ${model} (${provider}): ${taken} tokens in, ${tokens.outputTokens} out, ${cost}`);
}

const LISTEN_ERRORS: Record<string, (place: { host: string; port: number }) => string> = {
  EADDRINUSE: ({ port }) => `Port ${port} is taken. Stop what uses it, or choose another: --port ${port + 1}.`,
  EACCES: ({ port }) => `This user may not listen on port ${port}. Choose one above 1023.`,
  EADDRNOTAVAIL: ({ host }) => `This machine has no address ${host}. 127.0.0.1 is always there.`,
  ENOTFOUND: ({ host }) => `The host name ${host} is not known. Use an address of this machine, such as 127.0.0.1.`,
};

async function listen(server: Server, place: { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const said = LISTEN_ERRORS[error.code ?? '']?.(place);
      reject(new ConfigError(said ?? `The gateway cannot listen on ${place.host}:${place.port} (${error.code}).`));
    });
    server.listen(place, resolve);
  });
}

/**
 * The composition root: builds the program, top to bottom in start order, and takes it down in reverse. Nothing imports it
 * but the entries.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { CompanionError } from '@claude-companion/protocol';
import type { AgentRunner } from '../agents/agent.ts';
import { createClaudeRunner } from '../agents/claude/claude-runner.ts';
import { findExecutable } from '../agents/claude/executable.ts';
import { savedTranscripts } from '../agents/claude/saved-transcripts.ts';
import { LiveText } from '../agents/live-text.ts';
import { Supervisor } from '../agents/supervisor.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { createHttpServer } from '../http/http-server.ts';
import { DeadlineClock } from '../notify/deadline-clock.ts';
import { DeliveryWorker } from '../notify/delivery-worker.ts';
import type { Context, Ids, Policy } from '../operations/context.ts';
import { followSession } from '../operations/follow-session.ts';
import { findSessionToken } from '../operations/monitor/find-session-token.ts';
import { verifyAccessToken } from '../operations/sign-in/verify-access-token.ts';
import { openStore } from '../store/open.ts';
import { ensureOwner } from '../store/people.ts';
import { StoredTranscripts } from '../store/transcripts.ts';
import type { Logger } from '../telemetry/logger.ts';
import { openPhoneChannel } from './carrier.ts';
import { startExpirySweep } from './expiry-sweep.ts';
import { startHousekeeping } from './housekeeping.ts';
import { createIdentify } from './identify.ts';
import { keptSecret } from './kept-secret.ts';
import { loadGatewayConfig } from './load-gateway-config.ts';
import type { ModelAccess } from './model-access.ts';
import { openGateway } from './open-gateway.ts';
import { ProcessKeys } from './process-keys.ts';
import { openSignIn } from './sign-in.ts';

export const VERSION = '0.1.0';
const POLL_MS = 2_000;

export interface ServerParts {
  config: Config;
  /** The owner's token; see `owner-token.ts`. */
  authToken: string;
  /** The environment agents are given an allow-listed part of. */
  environment: Record<string, string | undefined>;
  logger: Logger;
  clock?: Clock;
  /** Where the template of new embedded databases is kept; with the data when unset. */
  cacheDir?: string | undefined;
  /** Delay between two fragments of the demo model, in milliseconds. */
  demoPaceMs?: number;
}

export interface RunningServer {
  url: string;
  port: number;
  model: Pick<ModelAccess, 'kind' | 'label'>;
  /** For people; no whole number. */
  phone: string;
  simulatedPhone: boolean;
  /** What does not work although the server runs, one sentence each. */
  notices: string[];
  /** The disk has what was acknowledged even if the power fails. */
  durable: boolean;
  /** Stops taking work, waits up to `graceMs` (default SHUTDOWN_GRACE_S) for running turns, then closes everything. */
  close(options?: { graceMs?: number }): Promise<void>;
}

const ids: Ids = { uuid: () => randomUUID(), bytes: (count) => randomBytes(count) };

export async function startServer(parts: ServerParts): Promise<RunningServer> {
  const { config, logger, authToken, environment } = parts;
  const clock = parts.clock ?? systemClock;
  const executable = await findExecutable(config.CLAUDE_EXECUTABLE);
  const dataDir = resolve(config.DATA_DIR);
  const projectsDir = resolve(config.PROJECTS_DIR);
  const gatewayConfig = await loadGatewayConfig(config.GATEWAY_CONFIG, environment);
  const undo: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };

  try {
    // 1. The store: nothing can be promised before it is open.
    const dataKey = await keptSecret({ dataDir, name: 'data-key', bytes: 32, minLength: 43 }, config.DATA_KEY);
    const store = await openStore({
      databaseUrl: config.DATABASE_URL,
      dataDir,
      cacheDir: parts.cacheDir,
      dataKey: Buffer.from(dataKey.secret, 'base64'),
      logger,
      clock,
    });
    undo.push(() => store.close());
    const owner = await ensureOwner(store.db, { id: ids.uuid(), now: clock.now().toISOString() });

    // 2. The port, still closed to requests: agents and links need its number.
    const keys = new ProcessKeys();
    const identify = createIdentify({
      authToken,
      ownerId: owner.id,
      agentKeys: keys,
      stored: [(token) => verifyAccessToken(signIn.context, token), (token) => findSessionToken(context, token)],
    });
    const policy: Policy = {
      projectsDir,
      defaultProject: config.DEFAULT_PROJECT ?? null,
      defaultModel: config.ANTHROPIC_MODEL ?? null,
      permissionTimeoutS: config.PERMISSION_TIMEOUT_S ?? null,
      textAfterSeconds: config.TEXT_AFTER_SECONDS,
      holdDownSeconds: config.HOLD_DOWN_SECONDS,
      foldSeconds: config.FOLD_SECONDS,
      textCeiling: config.TEXT_CEILING,
      quietHours: quietHours(config),
      timeZone: config.TIME_ZONE,
      publicUrl: config.PUBLIC_URL ?? '',
      hostPhones: new Set(config.ALLOWED_PHONES),
      canText: true,
    };
    const base = { store, clock, logger, policy };
    const opened = openGateway({
      given: gatewayConfig,
      environment,
      base,
      identify,
      keys,
      demoPaceMs: parts.demoPaceMs ?? 15,
    });
    undo.push(() => opened.close());
    const { gateway, models, meter, usage } = opened;
    const context: Context = { ...base, ids, owner, models, usage };
    const liveText = new LiveText();

    // 3. The phone. Without a carrier it is simulated, and announced as such everywhere.
    const phone = await openPhoneChannel(config, context);
    undo.push(() => phone.close());
    policy.canText = phone.canText;

    const signIn = await openSignIn(context, { config, dataDir });
    undo.push(() => signIn.close());

    // 4. Doors, built but not yet listening.
    const configDir = resolve(config.CLAUDE_CONFIG_DIR ?? join(dataDir, 'claude'));
    // Requests may arrive before there is a runner: agents need the number of the port.
    const agents = Promise.withResolvers<AgentRunner>();
    let port = config.PORT;
    const http = createHttpServer({
      doors: {
        context,
        follow: (request) => followSession({ ...context, liveText }, request),
        agentInfo: async (place) => (await agents.promise).info(place),
        savedConversations: savedTranscripts(configDir),
        signIn: signIn.context,
        trustedProxies: config.TRUSTED_PROXIES ?? [],
        simulatedPhone: phone.simulated,
        carrier: phone.settings,
        about: {
          version: VERSION,
          startedAt: clock.now(),
          model: models.label,
          phone: phone.label,
          projectsDir,
          agentAvailable: true,
        },
      },
      gateway,
      webhook: phone.webhook,
      identify,
      knownHosts: () => ({ port, host: config.HOST, publicUrl: config.PUBLIC_URL }),
      logger,
    });
    await listen(http, config);
    undo.push(() => http.close());
    port = (http.server.address() as AddressInfo).port;
    const url = `http://${config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${port}`;
    policy.publicUrl ||= url;

    // 5. Agents: they call back through the port.
    const runtimeDir = join(dataDir, 'run');
    await mkdir(configDir, { recursive: true, mode: 0o700 });
    await mkdir(runtimeDir, { recursive: true, mode: 0o700 });
    const runner = createClaudeRunner({
      configDir,
      runtimeDir,
      sourceEnv: environment,
      access: (wish) => models.forProcess({ ...wish, gatewayUrl: loopbackUrl(config.HOST, port), keys }),
      ...(models.usual && { usual: models.usual }),
      stored: new StoredTranscripts(store.db),
      executable,
      clock,
      logger,
    });
    undo.push(() => runner.close());
    agents.resolve(runner);
    const supervisor = new Supervisor(
      {
        context,
        runner,
        liveText,
        meter,
        holder: ids.uuid(),
        leaseTtlMs: config.SESSION_LEASE_S * 1000,
        parkMs: config.AGENT_PARK_MINUTES * 60_000,
      },
      {
        idleMs: config.AGENT_IDLE_MINUTES * 60_000,
        pollMs: POLL_MS,
        maxLive: config.MAX_LIVE_AGENTS ?? liveAgentsFor(totalmem()),
      },
    );

    // 6. Work: deadlines first, so that an ask that expired while the server was down cannot be answered any more.
    const deadlines = new DeadlineClock(context);
    const deliveries = new DeliveryWorker(context, { sms: phone.sms });
    const stopHousekeeping = startHousekeeping({ store, clock, logger });
    undo.push(async () => stopHousekeeping());
    undo.push(startExpirySweep(context));
    deadlines.start();
    undo.push(() => deadlines.stop());
    await deliveries.start();
    undo.push(() => deliveries.stop());
    await supervisor.start();
    let graceMs = config.SHUTDOWN_GRACE_S * 1000;
    undo.push(() => supervisor.stop(graceMs));
    if (config.WARM_AGENTS && models.usual) runner.warm();

    return {
      url,
      port,
      model: models,
      phone: phone.label,
      simulatedPhone: phone.simulated !== null,
      notices: phone.notices,
      durable: store.durable,
      close: (options) => {
        graceMs = options?.graceMs ?? graceMs;
        return close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A live process takes 180 to 270 MB; half of the memory is for what the agents run. */
const liveAgentsFor = (memoryBytes: number): number => Math.max(1, Math.min(8, Math.floor(memoryBytes / 2 ** 30 / 2)));

/** Agents run on this machine: they reach the gateway over loopback whatever address the server listens on. */
function loopbackUrl(host: string, port: number): string {
  return host === '::1' ? `http://[::1]:${port}` : `http://127.0.0.1:${port}`;
}

function quietHours(config: Config): Policy['quietHours'] {
  const [from, to] = config.QUIET_HOURS?.split('-') ?? [];
  return from && to ? { from, to, timeZone: config.TIME_ZONE } : null;
}

async function listen(http: ReturnType<typeof createHttpServer>, config: Config): Promise<void> {
  const { HOST, PORT } = config;
  try {
    await http.listen({ host: HOST, port: PORT });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const said: Record<string, string> = {
      EADDRINUSE: `Port ${PORT} is taken. Stop what uses it, or choose another: PORT=${PORT + 1}.`,
      EACCES: `This user may not listen on port ${PORT}. Choose one above 1023: PORT=3001.`,
      EADDRNOTAVAIL: `This machine has no address ${HOST}. Set HOST to one it has; 127.0.0.1 is always there.`,
      ENOTFOUND: `The host name ${HOST} is not known. Set HOST to an address of this machine, such as 127.0.0.1.`,
    };
    throw new CompanionError('SERVER_ERROR', said[code ?? ''] ?? `The server cannot listen on ${HOST}:${PORT}.`, {
      cause: error,
    });
  }
}

/** A session in somebody's terminal begins to report here. */
import { lockLog } from '../../store/log-lock.ts';
import {
  addSessionToken,
  findMonitoredByName,
  insertMonitored,
  updateMonitored,
} from '../../store/monitored-sessions.ts';
import { insertSession, lockSession } from '../../store/sessions.ts';
import type { SessionChangeFrame } from '../change-session.ts';
import { type Context, nowOf } from '../context.ts';
import { endMonitored } from './end-monitored.ts';
import { hashOfToken, newSessionToken } from './find-session-token.ts';
import { livenessNow } from './own-session.ts';

export interface StartMonitoring {
  personId: string;
  /** The session as its own machine calls it. */
  claudeSessionId: string;
  description: string;
  hostname?: string | undefined;
  /** By the clock of that machine; default now. */
  startedAt?: string | undefined;
  heartbeatIntervalMs: number;
}

export interface MonitoringStarted {
  /** Told only now. */
  sessionToken: string;
  monitoringId: string;
}

/**
 * Of a session that is started again and again. An older token stays good: of two starts that cross, both callers have one that
 * works, and a machine that lost the answer gets another.
 */
const TOKENS_OF_A_SESSION = 5;

/** The same name by the same person, while the session has not ended, is the same session: it gets one more token. */
export async function startMonitoring(context: Context, start: StartMonitoring): Promise<MonitoringStarted> {
  const { store, ids } = context;
  return store.db.transaction(async (tx) => {
    // Starts of one name come here one after another: each sees what the one before made.
    await lockLog(tx);
    const now = nowOf(context);
    const append: SessionChangeFrame['append'] = async (...events) => {
      await store.log.appendIn(tx, events);
    };
    let known = await findMonitoredByName(tx, start);
    const session = known && (await lockSession(tx, known.sessionId));
    if (known && session && livenessNow(known, now) === 'expired') {
      await endMonitored({ tx, session, now, append }, { reason: 'expired', endedAt: known.lastHeardAt });
      known = undefined;
    }
    const sessionId = known?.sessionId ?? ids.uuid();
    const { description, hostname, heartbeatIntervalMs } = start;
    if (known) {
      const said = hostname === undefined ? {} : { hostname };
      await updateMonitored(tx, sessionId, { description, heartbeatIntervalMs, lastHeardAt: now, ...said });
    } else {
      await insertNew(tx, { ...start, sessionId, now });
      const data = {
        kind: 'monitored' as const,
        project: null,
        cwd: '',
        model: null,
        permissionMode: 'default' as const,
        description,
        hostname: hostname ?? null,
      };
      await append({ sessionId, kind: 'session.started', data, at: now });
    }
    const sessionToken = newSessionToken(ids);
    await addSessionToken(tx, { hash: hashOfToken(sessionToken), sessionId, now, keep: TOKENS_OF_A_SESSION });
    return { sessionToken, monitoringId: sessionId };
  });
}

async function insertNew(
  tx: SessionChangeFrame['tx'],
  start: StartMonitoring & { sessionId: string; now: string },
): Promise<void> {
  const { sessionId, personId, now } = start;
  await insertSession(tx, {
    id: sessionId,
    kind: 'monitored',
    personId,
    project: null,
    // Its directory is on another machine and is not told.
    cwd: '',
    state: 'running',
    model: null,
    permissionMode: 'default',
    systemPrompt: null,
    allowedTools: [],
    permissionTimeoutS: null,
    maxBudgetUsd: null,
    turnPromptId: null,
    turnRestarts: 0,
    messageCount: 0,
    totalCostUsd: null,
    createdAt: now,
    lastActivityAt: now,
    endedAt: null,
  });
  await insertMonitored(tx, {
    sessionId,
    personId,
    claudeSessionId: start.claudeSessionId,
    description: start.description,
    hostname: start.hostname ?? null,
    startedAt: start.startedAt ?? now,
    heartbeatIntervalMs: start.heartbeatIntervalMs,
    lastHeardAt: now,
  });
}

/**
 * The kinds of durable facts a session is made of.
 *
 * An event is never changed after it is committed. Its `seq` counts 1, 2, 3 … without gaps within its session; its `id` is
 * its place in the whole log. A kind may gain optional fields, never lose or retype one: readers of old logs depend on it.
 */
import { z } from 'zod';
import { AnswerSchema, AskKindSchema, AskStateSchema, RiskSchema } from './asks.ts';
import { MonitoredEventTypeSchema, NoTextReasonSchema } from './notifier-api/monitoring.ts';
import { DoorSchema, ImageMediaTypeSchema, PermissionModeSchema, SessionKindSchema } from './vocabulary.ts';

const usage = z.object({
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number().default(0),
  cacheWriteTokens: z.number().default(0),
});

/** One schema per event kind. The keys of this table are the closed set of kinds. */
export const EVENT_DATA = {
  /** The session exists; `reopened`: somebody took it up again after it had ended. */
  'session.started': z.object({
    kind: SessionKindSchema,
    project: z.string().nullable(),
    cwd: z.string(),
    model: z.string().nullable(),
    permissionMode: PermissionModeSchema,
    reopened: z.boolean().optional(),
    /** Of a monitored session: what it is about, and the machine it runs on. */
    description: z.string().optional(),
    hostname: z.string().nullable().optional(),
  }),
  /** Its model or permission mode was changed by somebody. */
  'session.configured': z.object({
    model: z.string().nullable().optional(),
    permissionMode: PermissionModeSchema.optional(),
    via: DoorSchema,
  }),
  /** It is over; nothing follows unless somebody takes it up again. */
  'session.ended': z.object({ reason: z.enum(['closed', 'failed', 'expired']), detail: z.string().optional() }),
  /** Somebody said something to the agent. `source: 'server'` is a note the server itself wrote, after a restart for example. */
  'prompt.accepted': z.object({
    promptId: z.string(),
    text: z.string(),
    source: z.enum(['person', 'server']),
    via: DoorSchema,
    /** Pictures that went with it; the log keeps what they were, not the pictures. */
    images: z.array(z.object({ mediaType: ImageMediaTypeSchema, bytes: z.number() })).optional(),
  }),
  /** The agent began to work on a prompt. */
  'turn.started': z.object({ promptId: z.string() }),
  /** The agent stopped working: it finished, was interrupted, failed, or its process was lost. */
  'turn.ended': z.object({
    outcome: z.enum(['completed', 'interrupted', 'failed', 'lost']),
    text: z.string().optional(),
    error: z.object({ code: z.string(), message: z.string() }).optional(),
    numTurns: z.number().optional(),
    durationMs: z.number().optional(),
    /** Running total of the session in US dollars, not this turn's. Unknown prices are absent, never 0. */
    totalCostUsd: z.number().optional(),
    usage: usage.optional(),
  }),
  'message.assistant': z.object({ messageId: z.string(), text: z.string(), parentToolUseId: z.string().optional() }),
  'message.thinking': z.object({ messageId: z.string(), text: z.string(), parentToolUseId: z.string().optional() }),
  'tool.started': z.object({
    toolUseId: z.string(),
    tool: z.string(),
    input: z.record(z.string(), z.unknown()),
    parentToolUseId: z.string().optional(),
  }),
  /** `output` is what the agent saw, cut to 8,000 characters. */
  'tool.finished': z.object({
    toolUseId: z.string(),
    ok: z.boolean(),
    output: z.string(),
    parentToolUseId: z.string().optional(),
  }),
  'ask.opened': z.object({
    askId: z.string(),
    kind: AskKindSchema,
    title: z.string(),
    tool: z.string().nullable(),
    risk: RiskSchema,
    deadline: z.string(),
  }),
  'ask.answered': z.object({ askId: z.string(), answer: AnswerSchema, via: DoorSchema }),
  /** The agent has the answer. */
  'ask.applied': z.object({ askId: z.string(), outcome: z.enum(['delivered', 'unknown']) }),
  /** The ask ended without an answer being applied. */
  'ask.closed': z.object({ askId: z.string(), state: AskStateSchema, reason: z.string() }),
  /** All live processes are taken: the session stands in line at this place, from 1. `agent.started` ends it. */
  'agent.queued': z.object({ position: z.number() }),
  /** A live process serves the session now (`resumed`: it continues an earlier transcript). */
  'agent.started': z.object({ resumed: z.boolean() }),
  'agent.stopped': z.object({
    reason: z.enum(['idle', 'closed', 'crashed', 'server_stopped']),
    detail: z.string().optional(),
  }),
  /** A monitored session told something. `text`: what became of the text about it when it was reported. */
  'monitor.reported': z.object({
    event: MonitoredEventTypeSchema,
    /** By the clock of its machine. */
    timestamp: z.string(),
    details: z.record(z.string(), z.unknown()),
    text: z.union([z.literal('planned'), NoTextReasonSchema]),
    deliveryId: z.string().optional(),
  }),
  /** A text or push about an ask, or about what a monitored session told, changed its state. */
  'delivery.updated': z.object({
    deliveryId: z.string(),
    askId: z.string().nullable(),
    channel: z.string(),
    state: z.string(),
    reason: z.string().optional(),
  }),
} as const;

export type EventKind = keyof typeof EVENT_DATA;
export const EVENT_KINDS = Object.keys(EVENT_DATA) as EventKind[];
export type EventData<K extends EventKind> = z.infer<(typeof EVENT_DATA)[K]>;

/** One committed fact. */
export type SessionEvent = {
  [K in EventKind]: {
    /** Place in the whole log of this server; strictly increasing. */
    id: number;
    sessionId: string;
    /** Place in the session, from 1, without gaps. */
    seq: number;
    kind: K;
    data: EventData<K>;
    /** ISO 8601, UTC. */
    at: string;
  };
}[EventKind];

/** A fact about to be committed. */
export type NewEvent = {
  [K in EventKind]: { sessionId: string; kind: K; data: EventData<K>; at: string };
}[EventKind];

/** A live fragment of a message still being written: shown, never stored; the finished message follows as an event. */
export interface Delta {
  sessionId: string;
  messageId: string;
  kind: 'text' | 'thinking';
  /** The new fragment, or everything so far when `snapshot` is true (sent to a reader who joins in the middle). */
  text: string;
  snapshot: boolean;
}

/** Where a reader stands in a session: resume with it to get every later event. A changed epoch means start over. */
export interface Cursor {
  epoch: string;
  seq: number;
}

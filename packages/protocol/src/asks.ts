/** What a session needs from a person, and what the person decided. */
import { z } from 'zod';
import { DoorSchema } from './vocabulary.ts';

/** `done` and `error` are to be told, not answered. */
export const AskKindSchema = z.enum(['permission', 'question', 'plan', 'waiting', 'limit', 'done', 'error']);
export type AskKind = z.infer<typeof AskKindSchema>;

/**
 * `open → answered → applied`, or an end without effect: `superseded` (answered at the desk), `expired` (the deadline
 * passed, which denies), `withdrawn` (the agent no longer needs it), `refused` (an answer came that may not be applied).
 */
export const AskStateSchema = z.enum(['open', 'answered', 'applied', 'superseded', 'expired', 'withdrawn', 'refused']);
export type AskState = z.infer<typeof AskStateSchema>;

/** `low` may be allowed by text. `elevated` only where the operator says so. `high` needs a signed-in screen. */
export const RiskSchema = z.enum(['low', 'elevated', 'high']);
export type Risk = z.infer<typeof RiskSchema>;

export const QuestionSchema = z.object({
  question: z.string(),
  header: z.string().optional(),
  multiSelect: z.boolean().default(false),
  options: z.array(z.object({ label: z.string(), description: z.string().optional() })).default([]),
});
export type Question = z.infer<typeof QuestionSchema>;

/** What a person decided. `allow` and `deny` are for permission, plan and limit asks; `reply` is for questions and waiting. */
export const AnswerSchema = z.discriminatedUnion('decision', [
  z.object({
    decision: z.literal('allow'),
    message: z.string().max(10_000).optional(),
    /** Also accept the agent's suggestions (such as switching to acceptEdits) for this session. Never by text. */
    applySuggestions: z.boolean().default(false),
  }),
  z.object({ decision: z.literal('deny'), message: z.string().max(10_000).optional() }),
  z.object({
    decision: z.literal('reply'),
    /** Free text: the answer to the only question, or to the waiting session. */
    message: z.string().max(10_000).optional(),
    /** Question text → chosen labels, or one free text. */
    answers: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  }),
]);
export type Answer = z.infer<typeof AnswerSchema>;

/** An ask as every door shows it. */
export const AskSchema = z.object({
  id: z.string(),
  sessionId: z.string(),
  kind: AskKindSchema,
  state: AskStateSchema,
  /** One line a person can read: `my-app: Bash: npm test`. */
  title: z.string(),
  project: z.string().nullable(),
  cwd: z.string(),
  tool: z.string().nullable(),
  input: z.record(z.string(), z.unknown()).nullable(),
  questions: z.array(QuestionSchema),
  plan: z.string().nullable(),
  message: z.string().nullable(),
  suggestions: z.array(z.unknown()),
  risk: RiskSchema,
  /** Why the risk is what it is, in words. */
  riskReasons: z.array(z.string()),
  /** SHA-256 of the canonical (tool, full input, cwd, session): the only thing an approval approves. */
  hash: z.string(),
  openedAt: z.string(),
  deadline: z.string(),
  answer: AnswerSchema.nullable(),
  answeredVia: DoorSchema.nullable(),
  answeredAt: z.string().nullable(),
  closedAt: z.string().nullable(),
  closedReason: z.string().nullable(),
});
export type Ask = z.infer<typeof AskSchema>;

export const AnswerResultSchema = z.object({
  /** What became of this answer. Only `answered` and `applied` changed something. */
  outcome: z.enum([
    'answered',
    'applied',
    'already_answered',
    'expired',
    'superseded',
    'withdrawn',
    'refused',
    'not_found',
  ]),
  /** One sentence for the person who answered. */
  message: z.string(),
  ask: AskSchema.nullable(),
});
export type AnswerResult = z.infer<typeof AnswerResultSchema>;

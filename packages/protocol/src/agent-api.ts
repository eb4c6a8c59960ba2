/** Bodies of the agent API (agent-api-server.md), in its own spelling. */
import { z } from 'zod';
import { PermissionModeSchema } from './vocabulary.ts';

const prompt = z.string().min(1).max(1_000_000);

export const CreateSessionSchema = z.object({
  resume_session_id: z.string().optional(),
  system_prompt: z.string().max(200_000).optional(),
  model: z.string().min(1).max(200).optional(),
  enable_proxy: z.boolean().default(false),
  /** A directory of PROJECTS_DIR, by name. */
  project: z.string().min(1).max(4096).optional(),
  /** The same by absolute path. */
  cwd: z.string().min(1).max(4096).optional(),
  permission_mode: PermissionModeSchema.optional(),
  permission_timeout_s: z.int().min(1).max(604_800).optional(),
  allowed_tools: z.array(z.string().min(1)).max(200).optional(),
  /** Something to do at once. */
  message: prompt.optional(),
});

export const SessionCreatedSchema = z.object({
  session_id: z.string(),
  created_at: z.string(),
  status: z.string(),
});

export const SessionListSchema = z.object({
  sessions: z.array(
    z.object({
      session_id: z.string(),
      created_at: z.string(),
      last_activity: z.string(),
      status: z.string(),
      message_count: z.number(),
      project: z.string().nullable(),
      state: z.string(),
    }),
  ),
});

export const PendingPermissionSchema = z.object({
  request_id: z.string(),
  tool_name: z.string(),
  tool_input: z.record(z.string(), z.unknown()),
  suggestions: z.array(z.unknown()),
});

export const SessionStatusSchema = z.object({
  session_id: z.string(),
  status: z.string(),
  state: z.string(),
  pending_permission: PendingPermissionSchema.nullable(),
});

export const SendMessageSchema = z.object({ message: prompt });

export const MessagesSchema = z.object({
  messages: z.array(
    z.union([
      z.object({ type: z.literal('text'), content: z.string() }),
      z.object({
        type: z.literal('tool_use'),
        tool_name: z.string(),
        tool_input: z.record(z.string(), z.unknown()),
      }),
    ]),
  ),
  session_id: z.string(),
  cost_usd: z.number().nullable(),
  num_turns: z.number(),
  is_error: z.boolean(),
});

export const RespondPermissionSchema = z.object({
  request_id: z.string().min(1),
  allowed: z.boolean(),
  apply_suggestions: z.boolean().default(false),
  message: z.string().max(10_000).optional(),
});

export const HealthSchema = z.object({
  status: z.literal('healthy'),
  active_sessions: z.number(),
  timestamp: z.string(),
  uptime: z.number(),
  version: z.string(),
  aicliAvailable: z.boolean(),
});

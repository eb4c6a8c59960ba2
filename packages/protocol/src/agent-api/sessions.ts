/** Bodies of the agent API (agent-api-server.md) about sessions: create, list, look at, close. */
import { z } from 'zod';
import { PermissionModeSchema, SessionKindSchema, SessionStateSchema } from '../vocabulary.ts';
import { EXAMPLE_REQUEST_ID, EXAMPLE_SESSION_ID, EXAMPLE_TIME } from './examples.ts';

export const PromptSchema = z.string().min(1).max(1_000_000).describe('What the agent is told.');

/** Handed to the agent program as an argument: it must not look like one of its options. */
export const ModelNameSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(
    /^[A-Za-z0-9][\w.:/@+[\] -]*$/,
    'must begin with a letter or digit and hold no other signs than . : / @ + - _ [ ]',
  )
  .describe(
    'Any name is taken: whether a model of this name exists is known to its provider alone. A name nobody knows becomes a turn that fails, with the words of the provider.',
  );

const ToolRuleSchema = z
  .string()
  .min(1)
  .max(1_000)
  .regex(/^[A-Za-z][^\n\r]*$/, 'must begin with the name of a tool');

export const CreateSessionSchema = z
  .strictObject({
    resume_session_id: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Go on with this session: one of GET /sessions/available, also one that has ended.'),
    system_prompt: z.string().min(1).max(200_000).optional().describe('In place of the agent’s own system prompt.'),
    model: ModelNameSchema.nullable()
      .optional()
      .describe('Default, and null: ANTHROPIC_MODEL of the server, else the agent’s own.'),
    enable_proxy: z
      .boolean()
      .optional()
      .describe('Send the model requests of this session through this server’s own /v1/messages. Default: false.'),
    project: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('A directory of PROJECTS_DIR, by name. Default: DEFAULT_PROJECT, else the only directory there is.'),
    cwd: z.string().min(1).max(4096).optional().describe('The same by absolute path. Not together with "project".'),
    permission_mode: PermissionModeSchema.optional().describe('Default: "default". bypassPermissions is refused.'),
    permission_timeout_s: z
      .int()
      .min(1)
      .max(604_800)
      .optional()
      .describe('Seconds until a permission request that nobody answers is denied.'),
    allowed_tools: z
      .array(ToolRuleSchema)
      .max(200)
      .optional()
      .describe('Tools that run without asking, such as "Read" or "Bash(npm test)".'),
    max_budget_usd: z
      .number()
      .positive()
      .max(1_000_000)
      .optional()
      .describe('The agent stops a turn when one process of the session has spent this much, in US dollars.'),
    message: PromptSchema.optional().describe('Something to do at once. The answer does not wait for it.'),
  })
  .meta({
    title: 'CreateSession',
    examples: [
      {},
      { system_prompt: 'You are brief.', model: 'claude-3-5-sonnet-20241022', enable_proxy: false },
      { project: 'my-app', permission_mode: 'acceptEdits', permission_timeout_s: 600, max_budget_usd: 5 },
      { resume_session_id: EXAMPLE_SESSION_ID },
    ],
  });

const Status = z.enum(['connected', 'closed']).describe('"connected" while the session can be used.');

export const SessionCreatedSchema = z
  .object({ session_id: z.uuid(), created_at: z.iso.datetime(), status: Status })
  .meta({
    title: 'SessionCreated',
    examples: [{ session_id: EXAMPLE_SESSION_ID, created_at: EXAMPLE_TIME, status: 'connected' }],
  });

export const SessionListSchema = z
  .object({
    sessions: z.array(
      z.object({
        session_id: z.uuid(),
        created_at: z.iso.datetime(),
        last_activity: z.iso.datetime(),
        status: Status,
        message_count: z.int().min(0).describe('Messages of people and answered turns.'),
        project: z.string().nullable(),
        state: SessionStateSchema,
        kind: SessionKindSchema.describe(
          'hosted: this server runs it. monitored: it runs in a terminal and reports here.',
        ),
        monitored: z
          .object({
            description: z.string(),
            hostname: z.string().nullable(),
            stale: z.boolean().describe('Three heartbeats were missed.'),
          })
          .nullable()
          .describe('What a monitored session says of itself; null for a hosted one.'),
      }),
    ),
  })
  .meta({
    title: 'SessionList',
    examples: [
      {
        sessions: [
          {
            session_id: EXAMPLE_SESSION_ID,
            created_at: EXAMPLE_TIME,
            last_activity: EXAMPLE_TIME,
            status: 'connected',
            message_count: 4,
            project: 'my-app',
            state: 'idle',
            kind: 'hosted',
            monitored: null,
          },
        ],
      },
    ],
  });

export const AvailableSessionsSchema = z
  .object({
    sessions: z.array(
      z.object({
        session_id: z.uuid(),
        modified: z.iso.datetime(),
        preview: z.string().describe('The first words that were said in it.'),
        project: z.string().nullable(),
      }),
    ),
  })
  .meta({
    title: 'AvailableSessions',
    examples: [
      {
        sessions: [
          { session_id: EXAMPLE_SESSION_ID, modified: EXAMPLE_TIME, preview: 'Say hello.', project: 'my-app' },
        ],
      },
    ],
  });

const PendingPermissionSchema = z.object({
  request_id: z.uuid(),
  tool_name: z.string(),
  tool_input: z.record(z.string(), z.unknown()).describe('The whole input.'),
  suggestions: z.array(z.unknown()).describe('Standing rules that "apply_suggestions" would accept for this session.'),
  expires_at: z.iso.datetime().describe('When it is denied if nobody answers.'),
});

export const SessionStatusSchema = z
  .object({
    session_id: z.uuid(),
    status: Status,
    state: SessionStateSchema,
    pending_permission: PendingPermissionSchema.nullable().describe(
      'The oldest open request; null when there is none.',
    ),
  })
  .meta({
    title: 'SessionStatus',
    examples: [
      {
        session_id: EXAMPLE_SESSION_ID,
        status: 'connected',
        state: 'waiting',
        pending_permission: {
          request_id: EXAMPLE_REQUEST_ID,
          tool_name: 'Bash',
          tool_input: { command: 'ls -la' },
          suggestions: [],
          expires_at: EXAMPLE_TIME,
        },
      },
    ],
  });

export const SessionClosedSchema = z
  .object({ status: z.literal('closed'), session_id: z.uuid() })
  .meta({ title: 'SessionClosed', examples: [{ status: 'closed', session_id: EXAMPLE_SESSION_ID }] });

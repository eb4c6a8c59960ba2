/** Bodies that steer a session: model, mode, what the agent can do, permission requests. */
import { z } from 'zod';
import { PermissionModeSchema } from '../vocabulary.ts';
import { EXAMPLE_REQUEST_ID } from './examples.ts';
import { ModelNameSchema } from './sessions.ts';

export const SetModelSchema = z
  .strictObject({ model: ModelNameSchema.nullable().describe('null: the default model of the server.') })
  .meta({ title: 'SetModel', examples: [{ model: 'claude-3-5-haiku-20241022' }, { model: null }] });

export const ModelSetSchema = z
  .object({ status: z.literal('ok'), model: z.string().nullable() })
  .meta({ title: 'ModelSet', examples: [{ status: 'ok', model: 'claude-3-5-haiku-20241022' }] });

export const SetPermissionModeSchema = z
  .strictObject({ mode: PermissionModeSchema.describe('bypassPermissions is known and refused.') })
  .meta({ title: 'SetPermissionMode', examples: [{ mode: 'acceptEdits' }] });

export const PermissionModeSetSchema = z
  .object({ status: z.literal('ok'), mode: PermissionModeSchema })
  .meta({ title: 'PermissionModeSet', examples: [{ status: 'ok', mode: 'acceptEdits' }] });

export const InterruptedSchema = z
  .object({ status: z.literal('interrupted') })
  .meta({ title: 'Interrupted', examples: [{ status: 'interrupted' }] });

export const ServerInfoSchema = z
  .object({
    commands: z.array(z.object({ name: z.string(), description: z.string(), argument_hint: z.string() })),
    output_style: z.string(),
    capabilities: z.record(z.string(), z.unknown()),
  })
  .meta({
    title: 'ServerInfo',
    examples: [
      {
        commands: [{ name: 'compact', description: 'Shorten the conversation.', argument_hint: '' }],
        output_style: 'default',
        capabilities: { output_styles: ['default'], permission_modes: ['default', 'acceptEdits', 'plan'] },
      },
    ],
  });

export const RespondPermissionSchema = z
  .strictObject({
    request_id: z.string().min(1).max(200),
    allowed: z.boolean(),
    apply_suggestions: z
      .boolean()
      .optional()
      .describe(
        'Also accept the suggestions of the request for this session; they are written into no file. Default: false.',
      ),
    message: z.string().max(10_000).optional().describe('Words for the agent: why not, or the answer to its question.'),
    answers: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .optional()
      .describe('For a request of the tool AskUserQuestion: each question with the chosen labels.'),
  })
  .meta({
    title: 'RespondPermission',
    examples: [{ request_id: EXAMPLE_REQUEST_ID, allowed: true, apply_suggestions: false }],
  });

export const PermissionRespondedSchema = z
  .object({ status: z.literal('ok'), request_id: z.uuid(), message: z.string() })
  .meta({
    title: 'PermissionResponded',
    examples: [{ status: 'ok', request_id: EXAMPLE_REQUEST_ID, message: 'The agent gets your answer.' }],
  });

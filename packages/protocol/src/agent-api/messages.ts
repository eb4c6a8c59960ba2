/** Bodies of `POST /sessions/{session_id}/messages`. */
import { z } from 'zod';
import { ImageMediaTypeSchema } from '../vocabulary.ts';
import { EXAMPLE_SESSION_ID } from './examples.ts';
import { PromptSchema } from './sessions.ts';

/** What the model providers take for one picture, as base64. */
const MAX_IMAGE_CHARACTERS = 6_800_000;
const MAX_IMAGES = 10;

const ImageSchema = z.strictObject({
  type: z.literal('image'),
  media_type: ImageMediaTypeSchema,
  data: z
    .base64()
    .min(1)
    .max(MAX_IMAGE_CHARACTERS)
    .describe('The picture as base64, at most 5 MB. It must be what "media_type" says.'),
});

export const SendMessageSchema = z
  .strictObject({
    message: PromptSchema,
    attachments: z
      .array(ImageSchema)
      .max(MAX_IMAGES)
      .optional()
      .describe('Pictures that go with the message. The whole request has at most 8 MB.'),
  })
  .meta({
    title: 'SendMessage',
    examples: [
      { message: 'Say hello.' },
      {
        message: 'What is in this picture?',
        attachments: [
          {
            type: 'image',
            media_type: 'image/png',
            data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
          },
        ],
      },
    ],
  });

export const MessagesSchema = z
  .object({
    messages: z
      .array(
        z.union([
          z.object({ type: z.literal('text'), content: z.string() }),
          z.object({
            type: z.literal('tool_use'),
            tool_name: z.string(),
            tool_input: z.record(z.string(), z.unknown()),
          }),
        ]),
      )
      .describe('What the agent said and did, in its order.'),
    session_id: z.uuid(),
    cost_usd: z
      .number()
      .min(0)
      .nullable()
      .describe('Running total of the session in US dollars; null when the price is not known.'),
    num_turns: z.int().min(0).describe('How often the model was asked.'),
    is_error: z.boolean().describe('The turn did not come to its end.'),
    errors: z
      .array(z.object({ code: z.string(), message: z.string() }))
      .describe('What went wrong in it, such as a permission request that nobody answered in time.'),
  })
  .meta({
    title: 'Messages',
    examples: [
      {
        messages: [
          { type: 'text', content: 'I will look.' },
          { type: 'tool_use', tool_name: 'Read', tool_input: { file_path: '/projects/my-app/README.md' } },
          { type: 'text', content: 'It is a small project.' },
        ],
        session_id: EXAMPLE_SESSION_ID,
        cost_usd: 0.001234,
        num_turns: 2,
        is_error: false,
        errors: [],
      },
    ],
  });

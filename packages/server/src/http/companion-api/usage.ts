/** What models were asked for and what it cost. */
import { z } from 'zod';
import { reportUsage } from '../../operations/usage/report-usage.ts';
import { type Route, route } from '../surface.ts';

const Day = z.iso.date({ error: 'must be a day such as 2026-11-21' });
const UsageQuery = z.object({ from: Day.optional(), to: Day.optional(), sessionId: z.uuid().optional() });

const sum = {
  answers: z.number(),
  inputTokens: z.number().describe('Without those read from or written to a cache.'),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  costUsd: z.number().nullable().describe('US dollars by list price; null: nobody said what some of it costs.'),
  knownCostUsd: z.number().describe('The part whose price is known.'),
  estimated: z.boolean().describe('Some of the tokens are guesses: the provider did not tell them.'),
};

const UsageSchema = z.object({
  currency: z.literal('USD'),
  timeZone: z.string().describe('Of the days.'),
  from: z.string().nullable(),
  to: z.string().nullable(),
  total: z.object(sum),
  sessions: z.array(
    z.object({
      sessionId: z.string().nullable().describe('Null: people’s own clients of the gateway.'),
      project: z.string().nullable(),
      lastDay: z.string(),
      ...sum,
    }),
  ),
  people: z.array(z.object({ personId: z.string(), role: z.string(), phone: z.string().nullable(), ...sum })),
  days: z.array(z.object({ day: z.string(), ...sum })),
  models: z.array(z.object({ provider: z.string(), model: z.string(), ...sum })),
});

export const usageRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/usage',
    auth: 'owner',
    summary: 'Tokens and money, in all and by session, person, day and model',
    schema: { querystring: UsageQuery, response: UsageSchema },
    handle: ({ doors: { context }, query }) => reportUsage(context, query),
  }),
];

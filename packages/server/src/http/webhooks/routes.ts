/** The carrier as its owner sees it: what is configured, what fails, and the webhook's secret path. */
import { CompanionError } from '@claude-companion/protocol';
import { z } from 'zod';
import { describeCarrier } from '../../operations/describe-carrier.ts';
import { rotateWebhook } from '../../operations/webhook-token.ts';
import { type Route, route, type Surface } from '../surface.ts';

const Moment = z.iso.datetime().nullable();

const CarrierSchema = z.object({
  provider: z.enum(['twilio', 'simulated']),
  sender: z.string().nullable(),
  publicUrl: z.string().nullable(),
  webhookUrl: z.string().nullable(),
  ownerPhone: z.string().nullable(),
  ownerOptedOutAt: Moment,
  lastReceivedAt: Moment,
  lastSentAt: Moment,
  unknownSenders: z.array(z.object({ phone: z.string(), texts: z.int(), lastAt: z.iso.datetime() })),
  failures: z.array(z.object({ reason: z.string(), count: z.int(), lastAt: z.iso.datetime() })),
});

const RotateBody = z
  .strictObject({ transitionSeconds: z.int().min(0).max(604_800).optional() })
  .meta({ examples: [{ transitionSeconds: 86_400 }] });

const routes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/carrier',
    auth: 'owner',
    summary: 'How texts go and come, and what went wrong lately; with the address for the carrier’s console',
    schema: { response: CarrierSchema },
    handle: ({ doors: { context, carrier } }) =>
      describeCarrier(context.store, { settings: carrier, ownerId: context.owner.id, now: context.clock.now() }),
  }),
  route({
    method: 'POST',
    path: '/api/webhook/rotate',
    auth: 'owner',
    summary: 'Give the carrier’s webhook a new secret path; the old one works for a day, or as long as is said',
    schema: {
      body: RotateBody.optional(),
      response: z.object({ webhookUrl: z.string(), oldValidUntil: z.iso.datetime() }),
    },
    errors: ['NOT_FOUND'],
    handle: async ({ doors: { context, carrier }, body }) => {
      if (carrier.provider === 'simulated') {
        throw new CompanionError('NOT_FOUND', 'The phone of this server is simulated: no carrier calls it.');
      }
      return rotateWebhook(context, { publicUrl: carrier.publicUrl, transitionSeconds: body?.transitionSeconds });
    },
  }),
];

export const carrierApi: Surface = {
  name: 'carrier-api',
  routes,
  errorSchema: z.object({ error: z.string(), code: z.string(), suggestion: z.string() }),
  errorBody: ({ code, message, suggestion }) => ({ error: message, code, suggestion }),
};

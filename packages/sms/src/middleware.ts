import type { InboundMessage, OutboundMessage } from './message.ts';

/** Whether a message goes on. */
export const ProcessingStatus = { CONTINUE: 'continue', REJECT: 'reject' } as const;

export type ProcessingStatus = (typeof ProcessingStatus)[keyof typeof ProcessingStatus];

/** Goes with one message through all middleware. */
export interface ProcessingContext {
  status: ProcessingStatus;
  /** Why the message was rejected. */
  error?: string;
  /** For middleware and handlers to leave notes for each other. */
  readonly metadata: Map<string, unknown>;
}

/**
 * Sees every message of a bus, in both directions. It returns the context; with `status` REJECT and an `error` in it the
 * message stops there. What it throws is thrown on to whoever handed the message to the bus.
 */
export interface Middleware {
  processInbound(message: InboundMessage, context: ProcessingContext): Promise<ProcessingContext>;
  processOutbound(message: OutboundMessage, context: ProcessingContext): Promise<ProcessingContext>;
}

/** What a carrier can say of a text, in Twilio's words. */
export type DeliveryStatus =
  | 'accepted'
  | 'scheduled'
  | 'queued'
  | 'sending'
  | 'sent'
  | 'partially_delivered'
  | 'delivered'
  | 'undelivered'
  | 'failed'
  | 'canceled'
  | 'read'
  | 'receiving'
  | 'received';

interface StatusRow {
  /** A text goes only to a higher rank. */
  rank: number;
  /** Nothing follows but `read` after `delivered`. */
  terminal: boolean;
}

/**
 * Callbacks come late, twice and in any order, and their times have minute precision, so only the rank decides. Ends that
 * exclude each other share a rank: the first one that arrives stays.
 */
export const DELIVERY_STATUSES: Readonly<Record<DeliveryStatus, StatusRow>> = {
  accepted: { rank: 0, terminal: false },
  scheduled: { rank: 1, terminal: false },
  receiving: { rank: 1, terminal: false },
  queued: { rank: 2, terminal: false },
  sending: { rank: 3, terminal: false },
  sent: { rank: 4, terminal: false },
  partially_delivered: { rank: 5, terminal: false },
  received: { rank: 6, terminal: true },
  delivered: { rank: 6, terminal: true },
  undelivered: { rank: 6, terminal: true },
  failed: { rank: 6, terminal: true },
  canceled: { rank: 6, terminal: true },
  read: { rank: 7, terminal: true },
};

export function isDeliveryStatus(value: string): value is DeliveryStatus {
  return Object.hasOwn(DELIVERY_STATUSES, value);
}

/** The status after `next` was reported: it only moves forward, and an end stays an end. */
export function advanceStatus(current: DeliveryStatus | undefined, next: DeliveryStatus): DeliveryStatus {
  if (current === undefined) return next;
  const [from, to] = [DELIVERY_STATUSES[current], DELIVERY_STATUSES[next]];
  const over = from.terminal && !(current === 'delivered' && next === 'read');
  return !over && to.rank > from.rank ? next : current;
}

import { type Clock, systemClock } from './clock.ts';
import { maskPhoneNumber } from './phone-number.ts';

/** What happened to one text. Without a text's body and with the number masked, unless the store was asked to keep them. */
export interface AuditRecord {
  at: Date;
  direction: 'inbound' | 'outbound';
  channelId: string;
  /** Masked (`+1***8912`) by default. */
  userKey: string;
  /** `received`, `keyword`, `sent`, or the error code of a text that was not sent. */
  outcome: string;
  messageSid?: string;
  segmentsCount?: number;
  cost?: number;
  /** Only with `keepBodies`. */
  text?: string;
}

/** What the adapter hands over; the store decides how much of it is kept. */
export interface AuditEntry extends Omit<AuditRecord, 'at' | 'text'> {
  text: string;
}

/** Anything that takes audit entries: implement it for a durable one. */
export interface AuditSink {
  record(entry: AuditEntry): void | Promise<void>;
}

/** How much the audit trail keeps, and for how long. */
export interface AuditStoreOptions {
  /** Records kept; the oldest go first. Default 10,000. */
  limit?: number;
  /** Keeps whole phone numbers. Default false. */
  keepNumbers?: boolean;
  /** Keeps the texts themselves. Default false. */
  keepBodies?: boolean;
  clock?: Clock;
}

/** The audit trail in memory, bounded. */
export class AuditStore implements AuditSink {
  readonly #records: AuditRecord[] = [];
  readonly #limit: number;
  readonly #keepNumbers: boolean;
  readonly #keepBodies: boolean;
  readonly #clock: Clock;

  constructor({
    limit = 10_000,
    keepNumbers = false,
    keepBodies = false,
    clock = systemClock,
  }: AuditStoreOptions = {}) {
    this.#limit = limit;
    this.#keepNumbers = keepNumbers;
    this.#keepBodies = keepBodies;
    this.#clock = clock;
  }

  record({ text, userKey, ...entry }: AuditEntry): void {
    this.#records.push({
      at: new Date(this.#clock.now()),
      ...entry,
      userKey: this.#keepNumbers ? userKey : maskPhoneNumber(userKey),
      ...(this.#keepBodies && { text }),
    });
    if (this.#records.length > this.#limit) this.#records.shift();
  }

  /** The records, oldest first. */
  list(): readonly AuditRecord[] {
    return [...this.#records];
  }
}

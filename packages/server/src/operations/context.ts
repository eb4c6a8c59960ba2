/** What every operation works with. Built once, in app/. */
import type { QuietHours } from '../asks/quiet-hours.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/open.ts';
import type { Person } from '../store/people.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { SessionModels } from './usage/session-models.ts';
import type { UsageRecorder } from './usage/usage-recorder.ts';

export interface Ids {
  uuid(): string;
  bytes(count: number): Uint8Array;
}

/** The settings that decide how operations behave. */
export interface Policy {
  projectsDir: string;
  /** Where sessions work that name no project; null: in the only directory of `projectsDir`, if there is only one. */
  defaultProject: string | null;
  defaultModel: string | null;
  /** Deadline of asks in seconds; null chooses by whether the owner can be reached. */
  permissionTimeoutS: number | null;
  textAfterSeconds: number;
  /** How long an ask of a monitored session waits for an answer at the desk before anybody is told elsewhere. */
  holdDownSeconds: number;
  /** How long a text waits for others to the same person; see `asks/fold.ts`. */
  foldSeconds: number;
  textCeiling: 'low' | 'elevated';
  quietHours: QuietHours | null;
  /** Of times in texts. */
  timeZone: string;
  /** Where a person opens an ask that does not fit in a text. */
  publicUrl: string;
  /** Numbers (E.164) besides the owner's from which sessions may be started by text. */
  hostPhones: ReadonlySet<string>;
  /** A text can reach the owner: there is a provider and a number. */
  canText: boolean;
}

export interface Context {
  store: Store;
  clock: Clock;
  ids: Ids;
  logger: Logger;
  policy: Policy;
  owner: Person;
  models: SessionModels;
  usage: Pick<UsageRecorder, 'add' | 'settled'>;
}

export const nowOf = (context: Pick<Context, 'clock'>): string => context.clock.now().toISOString();

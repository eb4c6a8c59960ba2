/**
 * Who is told when, and through what: screens at once, push next, a text when nobody has looked.
 *
 * What must stay true: an ask never goes quiet. Quiet hours, a pause, the hold-down and folding only move a notice; none
 * moves it past the last useful moment before the deadline, and a better channel never cancels the text behind it.
 */
import type { AskKind, SessionKind } from '@claude-companion/protocol';
import { afterQuietHours, type QuietHours } from './quiet-hours.ts';

export type NoticeChannel = 'live' | 'push' | 'sms';

export interface LadderSettings {
  /** A better channel gets this long before a text follows. */
  textAfterSeconds: number;
  /** How long an ask of a monitored session waits for an answer at the desk before push and text. */
  holdDownSeconds: number;
  quietHours: QuietHours | null;
  /** Milliseconds since the epoch; null when not paused. */
  pausedUntil: number | null;
}

export interface LadderRequest {
  /** Times in milliseconds since the epoch. */
  ask: { id: string; kind: AskKind; openedAt: number; deadline: number };
  now: number;
  sessionKind: SessionKind;
  /** True when a sub-agent asks. */
  isSubAgent: boolean;
  /** When the main agent's own ask of this session goes out by text; null when it has none. */
  mainTextAt: number | null;
  /** Which channels can reach the owner now. */
  channels: Record<NoticeChannel, boolean>;
  /** When the owner last looked at a screen of ours; null for never. */
  lastSeenAt: number | null;
  settings: LadderSettings;
  /** Notices already given for this ask: none is given twice through one channel. */
  given: readonly NoticeChannel[];
}

export type NoticeReason =
  | 'opened'
  | 'held_down'
  | 'nobody_looked'
  | 'no_better_channel'
  | 'after_main_agent'
  | 'after_quiet_hours'
  | 'after_pause'
  | 'deadline_near';

export interface Notice {
  askId: string;
  channel: NoticeChannel;
  /** Milliseconds since the epoch; never before `now`. */
  at: number;
  /** The latest useful moment: folding must not move the notice past it. */
  latest: number;
  reason: NoticeReason;
  isSubAgent: boolean;
}

/** Texts due this close together go out as one; a sub-agent's ask waits this long for the main agent's. */
export const FOLD_WINDOW_MS = 20_000;
/** The time a person needs to read and answer: a quarter of the ask's life, at most half an hour. */
const MAX_MARGIN_MS = 1_800_000;

/** Planned again whenever something it looks at changes. Empty when the ask is over or no channel reaches the owner. */
export function planNotices(request: LadderRequest): Notice[] {
  const { ask, now, channels, given } = request;
  if (now >= ask.deadline) return [];
  const plans: Record<NoticeChannel, (request: LadderRequest) => Moment> = {
    live: planLive,
    push: planPush,
    sms: planText,
  };
  return (['live', 'push', 'sms'] as const)
    .filter((channel) => channels[channel] && !given.includes(channel))
    .map((channel) => {
      const { at, reason } = plans[channel](request);
      return {
        askId: ask.id,
        channel,
        at: Math.max(at, now),
        latest: latestFor(request),
        reason,
        isSubAgent: request.isSubAgent,
      };
    });
}

interface Moment {
  at: number;
  reason: NoticeReason;
}

function planLive({ ask }: LadderRequest): Moment {
  return { at: ask.openedAt, reason: 'opened' };
}

/** Phones keep their own quiet hours for push. */
function planPush(request: LadderRequest): Moment {
  return beforeDeadline(heldDown(request), request);
}

function planText(request: LadderRequest): Moment {
  const moments = [heldDown, onceNobodyLooked, afterMainAgent, afterPauseAndQuiet].reduce<Moment>(
    (moment, delay) => delay(request, moment),
    { at: request.ask.openedAt, reason: 'opened' },
  );
  return beforeDeadline(moments, request);
}

function heldDown({ ask, sessionKind, settings }: LadderRequest): Moment {
  const wait: Record<SessionKind, number> = { hosted: 0, monitored: settings.holdDownSeconds * 1_000 };
  return wait[sessionKind] > 0
    ? { at: ask.openedAt + wait[sessionKind], reason: 'held_down' }
    : { at: ask.openedAt, reason: 'opened' };
}

function onceNobodyLooked(request: LadderRequest, moment: Moment): Moment {
  const { ask, channels, lastSeenAt, settings } = request;
  if (!channels.live && !channels.push) return { at: moment.at, reason: 'no_better_channel' };
  // The better channel's notice comes first; looking at a screen later starts the time again.
  const told = channels.live ? ask.openedAt : moment.at;
  const since = Math.max(told, lastSeenAt ?? told);
  return { at: Math.max(moment.at, since + settings.textAfterSeconds * 1_000), reason: 'nobody_looked' };
}

function afterMainAgent({ isSubAgent, mainTextAt }: LadderRequest, moment: Moment): Moment {
  if (!isSubAgent) return moment;
  return { at: Math.max(moment.at + FOLD_WINDOW_MS, mainTextAt ?? 0), reason: 'after_main_agent' };
}

function afterPauseAndQuiet({ settings, now }: LadderRequest, moment: Moment): Moment {
  // A text that was due in the past goes out now, and now may be quiet.
  const due = { ...moment, at: Math.max(moment.at, now) };
  const paused: Moment =
    settings.pausedUntil !== null && settings.pausedUntil > due.at
      ? { at: settings.pausedUntil, reason: 'after_pause' }
      : due;
  const awake = afterQuietHours(paused.at, settings.quietHours);
  return awake > paused.at ? { at: awake, reason: 'after_quiet_hours' } : paused;
}

function beforeDeadline(moment: Moment, request: LadderRequest): Moment {
  const latest = latestFor(request);
  return moment.at > latest ? { at: latest, reason: 'deadline_near' } : moment;
}

function latestFor({ ask }: LadderRequest): number {
  return ask.deadline - Math.min(MAX_MARGIN_MS, (ask.deadline - ask.openedAt) / 4);
}

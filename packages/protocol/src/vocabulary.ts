/** The closed sets that several schemas share. Each word is defined in ARCHITECTURE.md. */
import { z } from 'zod';

export const SessionKindSchema = z.enum(['hosted', 'monitored']);
export type SessionKind = z.infer<typeof SessionKindSchema>;

/**
 * `idle`: nothing to do. `running`: a turn is in progress. `waiting`: the turn stands still until a person answers.
 * `parked`: a turn is unfinished and no process serves it (the server or the agent stopped); it goes on by itself.
 * `ended`: over.
 */
export const SessionStateSchema = z.enum(['idle', 'running', 'waiting', 'parked', 'ended']);
export type SessionState = z.infer<typeof SessionStateSchema>;

export const PermissionModeSchema = z.enum(['default', 'acceptEdits', 'plan', 'bypassPermissions']);
export type PermissionMode = z.infer<typeof PermissionModeSchema>;

/** The way a command came in. */
export const DoorSchema = z.enum(['api', 'screen', 'sms', 'push', 'socket', 'terminal', 'desk', 'deadline', 'server']);
export type Door = z.infer<typeof DoorSchema>;

/** The kinds of pictures that models read. */
export const ImageMediaTypeSchema = z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
export type ImageMediaType = z.infer<typeof ImageMediaTypeSchema>;

/** A picture that goes with a prompt. */
export interface PromptImage {
  mediaType: ImageMediaType;
  /** Base64. */
  data: string;
}

export {
  CreateSessionSchema,
  HealthSchema,
  MessagesSchema,
  PendingPermissionSchema,
  RespondPermissionSchema,
  SendMessageSchema,
  SessionCreatedSchema,
  SessionListSchema,
  SessionStatusSchema,
} from './agent-api.ts';
export {
  type Answer,
  type AnswerResult,
  AnswerResultSchema,
  AnswerSchema,
  type Ask,
  type AskKind,
  AskKindSchema,
  AskSchema,
  type AskState,
  AskStateSchema,
  type Question,
  QuestionSchema,
  type Risk,
  RiskSchema,
} from './asks.ts';
export { CompanionError, ERROR_CODES, type ErrorCode } from './errors.ts';
export {
  type Cursor,
  type Delta,
  EVENT_DATA,
  EVENT_KINDS,
  type EventData,
  type EventKind,
  type NewEvent,
  type SessionEvent,
} from './events.ts';
export {
  type Door,
  DoorSchema,
  type PermissionMode,
  PermissionModeSchema,
  type SessionKind,
  SessionKindSchema,
  type SessionState,
  SessionStateSchema,
} from './vocabulary.ts';

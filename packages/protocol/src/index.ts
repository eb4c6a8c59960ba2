export {
  InterruptedSchema,
  ModelSetSchema,
  PermissionModeSetSchema,
  PermissionRespondedSchema,
  RespondPermissionSchema,
  ServerInfoSchema,
  SetModelSchema,
  SetPermissionModeSchema,
} from './agent-api/control.ts';
export { EXAMPLE_REQUEST_ID, EXAMPLE_SESSION_ID } from './agent-api/examples.ts';
export { MessagesSchema, SendMessageSchema } from './agent-api/messages.ts';
export { HealthSchema, InvocationSchema } from './agent-api/service.ts';
export {
  AvailableSessionsSchema,
  CreateSessionSchema,
  SessionClosedSchema,
  SessionCreatedSchema,
  SessionListSchema,
  SessionStatusSchema,
} from './agent-api/sessions.ts';
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
  type ImageMediaType,
  ImageMediaTypeSchema,
  type PermissionMode,
  PermissionModeSchema,
  type PromptImage,
  type SessionKind,
  SessionKindSchema,
  type SessionState,
  SessionStateSchema,
} from './vocabulary.ts';

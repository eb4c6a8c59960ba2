export {
  ClaudeCompanionClient,
  type FollowItem,
  type PhoneText,
  reconnectDelay,
  type SessionSummary,
  type StartSessionOptions,
} from './client.ts';
export type { ConnectionOptions } from './http.ts';

export {
  ClaudeCompanionClient,
  type FollowItem,
  type PhoneText,
  reconnectDelay,
  type SessionSummary,
  type StartSessionOptions,
  type UsageReport,
  type UsageSum,
} from './client.ts';
export type { ConnectionOptions } from './http.ts';

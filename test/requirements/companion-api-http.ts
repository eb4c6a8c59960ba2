/** Requirements of the companion API: tokens, discovery and the HTTP endpoints. "aicli" is the Claude Code command line. */
import { requirementsOf } from './table.ts';

export const COMPANION_API_HTTP = requirementsOf('companion-api')`
## Base URL
base-url | The API is served at http://localhost:3001 by default.
base-url-tls | With a certificate and key configured the same API is served over https on the same port.

## Authentication
auth-required-everywhere | Every endpoint not marked otherwise answers 401 with code AUTH_REQUIRED without a token.

## Authentication > Methods
auth-bearer | "Authorization: Bearer <token>" is accepted on every HTTP endpoint.
auth-query-token | /ws?token=<token> is accepted for the socket, and the query never appears in a log.
auth-environment-token | AUTH_TOKEN sets the owner's token: requests with it are allowed, with another one refused (AUTH_INVALID).

## Authentication > Token Generation
token-at-startup | Without AUTH_TOKEN the server makes a token at start and shows on the console how to sign in with it; it does not go
  into the log.
token-manual-uuid | A UUID chosen by the operator works as AUTH_TOKEN.
token-keychain | A token that our client stores on macOS lies in the Keychain.

## Service Discovery
mdns-service-type | The server announces itself by Bonjour/mDNS as _aiclicompanion._tcp (only when it listens beyond loopback).
mdns-txt-version | The TXT record has version, the server's version.
mdns-txt-auth | The TXT record has auth, "true" or "false": whether a token is required.
mdns-txt-port | The TXT record has port, the port the server listens on.
mdns-txt-token | The TXT record never has a token: the document's token entry is only for servers without authentication, and there is
  no such server beyond loopback.

## Health & Status > Health Check
health-no-token | GET /health answers 200 without a token.
health-fields | GET /health answers status "healthy", uptime (a number), version, aicliAvailable (boolean), timestamp (ISO 8601 with
  milliseconds and Z) and activeSessions, among the union of the fields of the three documents that describe /health.
health-active-sessions | activeSessions is a list with {sessionId, deviceName} for each active session.
health-aicli-unavailable | aicliAvailable is false when the Claude Code executable cannot be run.

## Health & Status > Server Info
info | GET /api/info answers version, capabilities, aicli and config.
info-capabilities | capabilities has chat, streaming, permissions, file-operations, session-management, push-notifications.
info-aicli | aicli has available (boolean), version and executable (its path).
info-config | config has authRequired, tlsEnabled, bonjourEnabled (booleans that tell the truth), maxSessions 5 and sessionTimeout
  86400000 by default.

## Session Management > List All Sessions
sessions-list | GET /api/sessions answers sessions, total and active.
sessions-list-fields | Each entry has sessionId, workingDirectory, projectName, isActive, isProcessing, createdAt and lastActivity (both
  in milliseconds), messageCount and metadata.
sessions-list-metadata | metadata has deviceId, clientVersion and platform of the client that started the session.
sessions-list-counts | total counts the listed sessions, active those of them that are active.
sessions-list-filter-active | ?active=true lists only active sessions.
sessions-list-filter-project | ?projectPath=<path> lists only the sessions of that project path.
sessions-list-invalid-query | A query value of a wrong type is answered with 400 and code INVALID_PARAMETERS.

## Session Management > Get Session Details
session-details | GET /api/sessions/:sessionId answers sessionId, workingDirectory, projectName, isActive, isProcessing, createdAt,
  lastActivity, conversationStarted and messageCount.
session-details-conversation-started | conversationStarted is false before the first message and true after it.
session-details-buffer | buffer has size (bytes) and messages (a count).
session-details-process | process has pid, uptime (milliseconds) and memoryUsage (bytes) of the live agent process.
session-details-metadata | metadata has deviceId, clientVersion, platform and lastCommand, the last prompt.
session-details-not-found | An unknown session is answered with 404 {"error": "Session not found", "code": "SESSION_NOT_FOUND"}.

## Session Management > Continue Session
session-continue | POST /api/sessions/continue with sessionId, workingDirectory, deviceId and metadata {clientVersion, platform} connects
  to an existing session again.
session-continue-response | It answers success true, sessionId, message "Session continued successfully", workingDirectory,
  messageHistory and isNew false.
session-continue-history | messageHistory lists {role, content, timestamp} with role user or assistant and timestamp in milliseconds, in order.
session-continue-not-found | An unknown sessionId is answered with 404 and code SESSION_NOT_FOUND.
session-continue-after-restart | A session of before a restart of the server can be continued with its history.

## Session Management > Get Message History
history | GET /api/sessions/:sessionId/messages answers sessionId, messages, total and hasMore.
history-message-fields | A message has id, role, content and timestamp (milliseconds).
history-message-metadata | A message of the assistant has metadata with toolsUsed (names) and processingTime (milliseconds).
history-limit | limit is the most messages returned; 50 by default.
history-offset | offset skips that many messages; 0 by default.
history-since | since=<timestamp> returns only the messages after it.
history-has-more | hasMore is true exactly when messages remain behind the returned ones; total counts all messages.
history-pages-join | Pages read one after another by offset give every message once.
history-not-found | An unknown session is answered with 404 and code SESSION_NOT_FOUND.

## Project Management > List Projects
projects-list | GET /api/projects answers rootDirectory, projects and total.
projects-fields | Each entry has name, path, hasSession, lastModified (milliseconds) and size (bytes).
projects-session-fields | An entry with a session also has sessionId and sessionActive; one without a session has hasSession false.
projects-metadata | metadata tells hasGitRepo, hasPackageJson and hasReadme.
projects-include-hidden | Hidden directories are listed only with ?includeHidden=true.
projects-with-sessions | ?withSessions=true lists only projects with active sessions.

## Project Management > Start Project Session
project-start | POST /api/projects/:name/start starts a session in that project, or reuses the one it has.
project-start-initial-prompt | initialPrompt is sent to the session as its first message.
project-start-skip-permissions | skipPermissions is false by default; true is refused with the reason unless the operator allowed
  bypassPermissions for this server when starting it.
project-start-allowed-tools | allowedTools names the tools that run without asking; every other tool still asks.
project-start-metadata | metadata {deviceId, clientVersion, platform} is kept with the session and shown in its metadata.
project-start-response | It answers 200 with sessionId, success true, message "Session ready for commands", reused, workingDirectory,
  projectName and permissions {skipPermissions, allowedTools}.
project-start-reused | reused is false for a new session; a second start of the project answers the same sessionId with reused true.
project-start-not-found | An unknown project is answered with 400 {"error": "Project not found", "code": "PROJECT_NOT_FOUND", "suggestion":
  "Check project name and ensure it exists in the configured directory"}.
project-start-outside | A name that leads outside the configured directory (.., a link) starts nothing.

## AICLI Integration > Get AICLI Status
aicli-status | GET /api/aicli/status answers available, version, executable and commands (a list such as ["claude", "aicli"]).
aicli-status-environment | environment has skipPermissions (false) and allowedTools, the server's defaults.
aicli-status-sessions | sessions has active and max (5 by default).

## AICLI Integration > Test AICLI
aicli-test | POST /api/aicli/test with prompt and timeout runs the prompt and answers success true, response, executionTime
  (milliseconds) and command.
aicli-test-timeout | timeout is in milliseconds (the example has 10000); when it passes, the answer is the error AICLI_TIMEOUT.

## AICLI Integration > One-time Query
aicli-ask | POST /api/aicli/ask with prompt, context and timeout answers response and executionTime (milliseconds).
aicli-ask-context | context is optional and reaches the model with the prompt.
aicli-ask-timeout | timeout is in milliseconds (the example has 30000); when it passes, the answer is the error AICLI_TIMEOUT.
aicli-ask-no-session | The query leaves no session behind: GET /api/sessions lists the same ones as before.

## Telemetry & Monitoring > Get Comprehensive Metrics
telemetry | GET /api/telemetry answers timestamp (milliseconds), period, uptime (milliseconds), websocket, sessions, messages, aicli,
  performance and errors.
telemetry-period | ?period takes 1h, 24h, 7d and 30d; the numbers are of that period and period names it; another value is refused with 400.
telemetry-details | ?includeDetails=true includes the detailed breakdowns.
telemetry-websocket | websocket has activeConnections, totalConnections, uniqueClients, messages, reconnections and errors, and they move
  with real connections.
telemetry-websocket-messages | websocket.messages has sent, received, failed and avgSize.
telemetry-websocket-errors | websocket.errors has authentication, timeout and protocol.
telemetry-sessions | sessions has created, resumed, expired, active, duplicatesPrevented, averageDuration and byProject.
telemetry-sessions-duplicates | duplicatesPrevented counts the starts that were answered with the session the project already had.
telemetry-messages | messages has queued, delivered, expired, filtered, avgDeliveryTime and maxQueueSize.
telemetry-aicli | aicli has processesSpawned, processesCrashed, avgResponseTime and toolUsage (a count per tool name).
telemetry-performance-machine | performance has cpu {usage, load with three numbers} and memory {used, total, percentage}.
telemetry-performance-times | performance has avgMessageProcessingTime, avgQueueDeliveryTime, p95ResponseTime and p99ResponseTime.
telemetry-errors | errors has total and byType, a count per error code (INVALID_SESSION, PERMISSION_DENIED, TIMEOUT, PROCESS_CRASH in the
  example).

## Telemetry & Monitoring > Get Client Metrics
telemetry-client | GET /api/telemetry/client/:clientId answers clientId, deviceId, connection, messages, sessions and errors.
telemetry-client-connection | connection has status, connectedAt, duration, reconnections and lastActivity.
telemetry-client-messages | messages has sent, received, queued and avgLatency.
telemetry-client-sessions | sessions lists sessionId, projectName, messageCount and duration.
telemetry-client-errors | errors has total and recent, a list of {timestamp, type, message}.
telemetry-client-unknown | An unknown clientId is answered with 404 and an error with a code.

## Telemetry & Monitoring > Export Metrics
telemetry-export-json | GET /api/telemetry/export?format=json answers application/json.
telemetry-export-csv | format=csv answers text/csv.
telemetry-export-prometheus | format=prometheus answers text/plain in the Prometheus exposition format.
telemetry-export-period | period chooses the time period to export.
telemetry-export-invalid | Another format is answered with 400 and code INVALID_PARAMETERS.

## Telemetry & Monitoring > Reset Metrics
telemetry-reset | POST /api/telemetry/reset with confirm true and metrics (websocket, sessions, messages, errors) sets those to zero and
  answers success true, message "Metrics reset successfully" and resetCount, the number of groups reset.
telemetry-reset-admin | Only the owner may reset; another token is answered with 403 and code AUTH_INSUFFICIENT.
telemetry-reset-confirm | Without confirm true nothing is reset and the answer is 400.

## Push Notifications > Get Push Notification Statistics
push-stats | GET /api/push-notifications/stats answers enabled, provider ("apns"), statistics and recentActivity.
push-stats-sent | statistics.sent has total, successful and failed.
push-stats-devices | statistics.devices has registered, active, badTokens and retrying.
push-stats-performance | statistics.performance has avgDeliveryTime, p95DeliveryTime and queueSize.
push-stats-recent-activity | recentActivity lists {timestamp, deviceId, status, type}, such as status "delivered" and type "task_complete".

## Push Notifications > Send Test Notification
push-test | POST /api/push-notifications/test sends one notification to the client's device and answers success true, messageId,
  deviceToken and deliveryTime (milliseconds).
push-test-target | clientId chooses the device; deviceToken is optional and chooses one token.
push-test-content | notification {title, body, sound, badge, data {sessionId, action}} reaches the device as sent.
push-test-token-hidden | deviceToken in the answer is a hash of the token, not the token.
push-test-failure | With no such device, or a refusal of the push service, the answer is an error that says why.

## Push Notifications > Manage Device Tokens
push-tokens-remove-invalid | DELETE /api/push-notifications/tokens/invalid removes the tokens known to be invalid and answers removed,
  tokens (each cut to its first characters and "...") and remaining.
push-tokens-remove-grace | Without force tokens within their grace period stay; ?force=true removes them too.

## Push Notifications > Update Device Token
push-token-update | PUT /api/push-notifications/tokens/:deviceId with oldToken, newToken and platform answers success true, deviceId and
  message "Token updated successfully"; later notifications go to newToken only.
push-token-update-mismatch | An oldToken that is not the device's is refused and changes nothing.
push-token-update-unknown | An unknown deviceId is answered with an error and changes nothing.
`;

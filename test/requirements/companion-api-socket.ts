/** Requirements of the companion API: the WebSocket. */
import { requirementsOf } from './table.ts';

export const COMPANION_API_SOCKET = requirementsOf('companion-api')`
## WebSocket API > Connection > Endpoint
ws-connect | A socket opens at /ws?token=<token> on the HTTP port.
ws-connect-tls | On a server with TLS the same socket opens over wss.

## WebSocket API > Connection > Connection Headers
ws-header-device-id | X-Device-ID names the device; the welcome repeats it as deviceId.
ws-header-client-version | X-Client-Version is kept with the connection and with the sessions it starts (clientVersion).
ws-header-platform | X-Platform is kept with the connection and with the sessions it starts (platform).
ws-headers-optional | A client that sends none of the X- headers (a browser) is accepted and is given a deviceId.

## WebSocket API > Connection > Connection Process
ws-token-checked-first | A connection without a valid token is refused and receives no message of any session.
ws-welcome-first | The first message after the connection is the welcome; events follow only after it.

## WebSocket API > Connection > Reconnection
ws-reconnect-backoff | Our client reconnects by itself after 1s, 2s, 4s, 8s and so on, at most 30s.
ws-reconnect-jitter | The waits of our client carry random jitter.
ws-reconnect-device-id | Our client sends the same device id again, and the server restores the sessions of that device.
ws-reconnect-nothing-lost | After a reconnect our client has every event that happened in between, each once and in order.

## WebSocket API > Message Format
ws-envelope | Every message in both directions is one JSON object with type (string), timestamp (ISO 8601) and data.
ws-envelope-request-id | requestId is optional; the answer to a message with requestId repeats it.
ws-envelope-error | error is {code, message, details?} where it applies.
ws-envelope-metadata | metadata is optional: {clientVersion?, platform?} and any other key.
ws-envelope-unknown-fields | Unknown fields in a message are ignored.

## WebSocket API > Message Format > Message Compression
ws-compression | Messages larger than 1KB are compressed with permessage-deflate; smaller ones are not.

## Client-to-Server Messages > Send Command
ws-send-command | sendCommand with data {sessionId, prompt, context} sends prompt to that session.
ws-send-command-context | context {previousMessageId, isFollowUp} is optional and accepted.
ws-send-command-metadata | metadata {clientVersion, platform} of the message is accepted.
ws-command-ack | It is acknowledged with commandAck: the same requestId and data {messageId, status "processing"}.
ws-command-ack-message-id | The assistantMessage and streamData of the answer carry the messageId of the commandAck.
ws-command-ack-durable | The commandAck goes out only after the command is stored: it survives a kill of the server.
ws-command-same-request-id | The same requestId sent again by the client runs the command once and gives the same messageId.
ws-command-unknown-session | An unknown sessionId is answered with an error of code SESSION_NOT_FOUND and the requestId.

## Client-to-Server Messages > Subscribe to Events
ws-subscribe | subscribe with data {events, sessionIds} sends from then on exactly these events of these sessions.
ws-subscribe-other-events | An event type not subscribed to is not sent, and neither are events of sessions not named.
ws-subscribe-unknown-event | An unknown event name is answered with an error that names it.
ws-subscribe-foreign-session | A session the caller may not see cannot be subscribed to.
ws-event-assistant-message | assistantMessage: complete responses of Claude can be subscribed to.
ws-event-stream-data | streamData: chunks of a response in progress can be subscribed to.
ws-event-session-status | sessionStatus: changes of a session's state can be subscribed to.
ws-event-tool-execution | toolExecution: the use of a tool is notified to subscribers.
ws-event-error | error: errors of a session are notified to subscribers.
ws-event-heartbeat | heartbeat: subscribers get keep-alive messages of the server.
ws-event-queue-status | queueStatus: updates of the message queue are notified to subscribers.

## Client-to-Server Messages > Register Device for Push Notifications
ws-register-device | registerDevice with data {deviceToken, platform, deviceInfo, preferences} registers the device for push.
ws-register-device-info | deviceInfo {model, osVersion, appVersion, locale, timezone} is kept with the device.
ws-register-preferences-enabled | preferences.enabled false sends no push to the device.
ws-register-preferences-sounds | preferences.sounds false sends pushes without sound.
ws-register-preferences-task-complete | preferences.taskComplete false sends no push for a completed task.
ws-register-preferences-errors | preferences.errors false sends no push for an error.
ws-device-registered | It is answered with deviceRegistered: the same requestId and data {success true, deviceId, message "Device registered
  for push notifications"}.
ws-register-again | Registering the device again replaces its token instead of adding a second one.

## Client-to-Server Messages > Session Lifecycle Events
ws-session-backgrounded | sessionBackgrounded with data {sessionId, expectedDuration, enableNotifications} is accepted.
ws-session-backgrounded-notifications | With enableNotifications true what would have been shown live is pushed to the device while it is in
  the background; with false it is not.
ws-session-backgrounded-duration | expectedDuration such as "short" is accepted.
ws-session-foregrounded | sessionForegrounded with data {sessionId, requestQueuedMessages, requestMissedUpdates} is accepted and ends the
  pushes that the background began.
ws-session-foregrounded-queued | requestQueuedMessages true delivers the messages queued meanwhile, in order, each once.
ws-session-foregrounded-missed | requestMissedUpdates true delivers the session's changes of state missed meanwhile.

## Client-to-Server Messages > Get Message History
ws-get-history | getMessageHistory with data {sessionId, limit, offset, since} asks for messages; since is an ISO 8601 time.

## Client-to-Server Messages > Heartbeat
ws-ping | ping, which needs only type and timestamp, is answered with pong.

## Server-to-Client Messages > Welcome Message
ws-welcome | welcome is sent right after the connection with data clientId, deviceId, serverVersion and aicliVersion.
ws-welcome-capabilities | capabilities has chat, streaming, permissions, file-operations, session-management, push-notifications,
  message-queue and telemetry.
ws-welcome-limits | limits has maxSessions 5, maxMessageSize 1048576 and maxQueueSize 1000 by default.
ws-welcome-config | config has authRequired, tlsEnabled and compressionEnabled, and they tell the truth.
ws-welcome-restored-sessions | restoredSessions lists {sessionId, projectName, messageCount} of the device's earlier sessions; a new device
  gets an empty list.

## Server-to-Client Messages > Assistant Message
ws-assistant-message | assistantMessage has data {sessionId, messageId, content, isStreaming false, isComplete true, metadata}: the whole text.
ws-assistant-message-metadata | metadata has processingTime (milliseconds), tokensUsed, toolsUsed (names) and requestId of the command.

## Server-to-Client Messages > Stream Data
ws-stream-data | streamData has data {sessionId, messageId, sequenceNumber, chunk {type, data}, metadata}.
ws-stream-sequence | sequenceNumber starts at 1 for a message and goes up by one with each chunk.
ws-stream-metadata | metadata has requestId, isFirst (true on the first chunk only) and estimatedCompletion (milliseconds).
ws-chunk-content | A chunk of type content has data {content, isCode false}: regular text.
ws-chunk-code | A chunk of type code has data {language, content, filename, lineStart}: a part of a code block.
ws-chunk-tool-use | A chunk of type tool_use has data {tool, parameters, status} with status such as "executing".
ws-chunk-thinking | A chunk of type thinking carries the reasoning of Claude.
ws-chunk-section | A chunk of type section marks a section of the document.
ws-stream-joins | The content and code chunks of a message, joined in order, are the text of its assistantMessage.

## Server-to-Client Messages > Error Message
ws-error | error has data {sessionId, messageId, error, code, severity, recoverable, details, suggestions, metadata {requestId}}.
ws-error-actionable | suggestions has at least one step that can be taken; severity is a word such as "warning"; recoverable is a boolean.
ws-error-session-timeout | A session idle for 24 hours is told with "Session timeout - no activity for 24 hours", code SESSION_TIMEOUT,
  severity "warning", recoverable true, details {lastActivity, timeout 86400000} and suggestions "Start a new session" and
  "Restore from saved state".

## Server-to-Client Messages > Session Status Update
ws-session-status | sessionStatus has data {sessionId, status, previousStatus, reason, metadata}, such as status "active",
  previousStatus "idle", reason "User activity".
ws-session-status-metadata | metadata has lastActivity (ISO 8601), messageCount and uptime (milliseconds).

## Server-to-Client Messages > Message History Response
ws-history-response | getMessageHistoryResponse has the requestId and data {sessionId, messages, total, offset, limit, hasMore}.
ws-history-response-messages | messages are {id, role, content, timestamp} with an ISO 8601 timestamp, the same messages as over HTTP.

## Server-to-Client Messages > Heartbeat
ws-pong | pong has data {serverTime in milliseconds, latency in milliseconds}.
`;

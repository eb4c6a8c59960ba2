/** Requirements of the companion API: error codes, limits, client libraries, practices and versions. */
import { requirementsOf } from './table.ts';

export const COMPANION_API_LIMITS = requirementsOf('companion-api')`
## Overview
overview-real-time | What an agent writes reaches a connected client while it is written.
overview-persistence | Sessions and their messages are there again after a restart of the server.

## Error Codes
error-shape | Every error answer under /api is {"error": text, "code": one of the documented codes, "suggestion"?: what to do next}.

## Error Codes > Session Errors
error-session-not-found | SESSION_NOT_FOUND: the session id does not exist.
error-session-expired | SESSION_EXPIRED: the session was without activity for longer than its time limit.
error-session-limit | SESSION_LIMIT: the most concurrent sessions are reached.
error-session-invalid-state | SESSION_INVALID_STATE: the operation is not allowed in the session's current state.
error-session-duplicate | SESSION_DUPLICATE: a session that must be new was asked for where the project already has one.

## Error Codes > Authentication Errors
error-auth-required | AUTH_REQUIRED (401): no token was sent.
error-auth-invalid | AUTH_INVALID (401): the token is not valid.
error-auth-expired | AUTH_EXPIRED (401): the token is past its end.
error-auth-insufficient | AUTH_INSUFFICIENT (403): the token may not do this.

## Error Codes > Request Errors
error-invalid-request | INVALID_REQUEST (400): the request is malformed (not JSON, no object).
error-invalid-parameters | INVALID_PARAMETERS (400): a parameter is missing or wrong; the text names it.
error-request-too-large | REQUEST_TOO_LARGE (413): the request exceeds the size limit.
error-rate-limit | RATE_LIMIT (429): too many requests.

## Error Codes > System Errors
error-aicli-unavailable | AICLI_UNAVAILABLE: the Claude CLI was not found or does not respond.
error-aicli-timeout | AICLI_TIMEOUT: the Claude CLI ran into its time limit.
error-aicli-crash | AICLI_CRASH: the agent process crashed; the session can go on afterwards.
error-server-error | SERVER_ERROR (500): an internal error; the answer holds no stack, path or secret.
error-resource-exhausted | RESOURCE_EXHAUSTED: a resource of the system (memory, disk, file quota) is used up.

## Error Codes > WebSocket Errors
error-ws-protocol | WS_PROTOCOL_ERROR: the client broke the protocol of the socket (for example a binary message).
error-ws-message-invalid | WS_MESSAGE_INVALID: a message is no valid message; the socket stays open and the next message works.
error-ws-connection-limit | WS_CONNECTION_LIMIT: too many connections from one address.

## Error Codes > Tool Errors
error-permission-denied | PERMISSION_DENIED: the use of a tool was not permitted.
error-tool-execution-failed | TOOL_EXECUTION_FAILED: a tool failed.
error-file-not-found | FILE_NOT_FOUND: a requested file does not exist.
error-file-access-denied | FILE_ACCESS_DENIED: access to a file is not permitted.

## Rate Limits & Quotas > Connection Limits
limit-ws-connections | 100 sockets per IP address; the 101st is refused with WS_CONNECTION_LIMIT, and one may open after another closed.
limit-http-requests | 1000 HTTP requests per minute per IP; the next one is answered with 429 and RATE_LIMIT until the minute is over.
limit-concurrent-sessions | 5 concurrent sessions per client; the 6th is refused with SESSION_LIMIT.
limit-message-queue | 1000 queued messages per session; one more is refused or the oldest one expires, and queueStatus says so.

## Rate Limits & Quotas > Message Limits
limit-messages-per-second | 10 socket messages per second per client; more are refused with RATE_LIMIT and are not lost silently.
limit-message-size | A message of more than 1MB (1048576 bytes) is refused; one of exactly that size is taken.
limit-stream-chunk | No streamData chunk is larger than 64KB; a larger one is split without loss.
limit-batch | A batch (such as the session ids of one subscribe) of more than 100 items is refused.

## Rate Limits & Quotas > Resource Quotas
quota-session-duration | A session without activity for 24 hours expires; the time can be configured.
quota-message-history | 10,000 messages of history per session can be read.
quota-file-storage | 100MB of file storage per session; more is refused.
quota-process-memory | An agent process may use 512MB; one that uses more is ended, the person is told, and the session can go on.

## Rate Limits & Quotas > Push Notification Limits
push-limit-hourly | 100 notifications per hour per device; more are not sent and are counted.
push-limit-size | The payload of a notification is never larger than 4KB; longer text is cut, not the notification dropped.
push-limit-devices | 10 device registrations per user; the 11th is refused or replaces the oldest one.
push-limit-retries | A failed notification is tried again 3 times with exponential backoff, then it is failed.

## Rate Limits & Quotas > Rate Limit Headers
rate-headers | Every HTTP response has X-RateLimit-Limit (1000), X-RateLimit-Remaining, which goes down with each request, and
  X-RateLimit-Reset (Unix time in seconds).
rate-header-retry-after | A refused response (429) has Retry-After in seconds, and a request after that time is taken.

## SDKs and Client Libraries > Official SDKs
sdk-npm | The package @claude-companion/client installs with npm and works in Node and in a browser.
sdk-python | The package claude-companion installs with pip and speaks the same API.
sdk-swift | The iOS app of the document speaks this API: a client written from the document alone (headers, messages, push registration)
  works against the server.

## SDKs and Client Libraries > Example Usage
sdk-example | The TypeScript example of the document runs as written against a server (with its url, token and a session id).
sdk-constructor | new ClaudeCompanionClient({ url, token, deviceId }) takes these three options.
sdk-connect | await client.connect() resolves when the connection is ready, and rejects with the reason when the token is wrong.
sdk-on-assistant-message | client.on('assistantMessage', (data) => …) is called with the data of each assistantMessage; data.content is
  its text.
sdk-send-message | await client.sendMessage({ sessionId, prompt }) resolves with the response to that prompt.

## Best Practices
practice-reuse-session | A second start for the same project reuses its session.
practice-close-session | A session can be closed when done, and then no longer counts as active.
practice-continue-mobile | A mobile client takes its session up again with the continuation.
practice-ping | Our client sends periodic pings while idle and notices a dead connection by the missing pong.
practice-empty-chunks | Empty stream chunks reach no listener of our client.
practice-queue-metadata | A message delivered from the queue says so in its metadata, and our client passes that on.
practice-all-errors-handled | Our client hands every error, of any message type, to its caller or its error listener.
practice-register-on-launch | A device can be registered on every launch without harm.
practice-token-refresh | A refreshed token takes the place of the old one.
practice-badge | The badge of a push is the number of things waiting for the person, and falls to 0 when nothing is.

## Versioning
version-header | Every HTTP response has X-API-Version: 1.0.0.

## Versioning > Version History > v1.0.0 (2025-01-05)
v1-delivery-guarantees | A queued message is delivered at least once and shown once: no loss over disconnect, server restart or kill.
v1-session-deduplication | Two starts of the same project at the same moment give one session.
v1-stream-chunk-filtering | Empty chunks are not sent and are counted as filtered.

## Versioning > Version History > Future Versions
future-multiple-models | (Planned in the document as v1.1.0.) Sessions with models of several providers run beside each other.
`;

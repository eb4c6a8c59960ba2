/**
 * Requirements of the notifier API and of the clients that use it. "The SDK" is @claude-companion/client. The document's
 * port 3000 is 3001 here, the one default port of all surfaces.
 */
import { requirementsOf } from './table.ts';

export const SMS_SERVER = requirementsOf('sms-server')`
## Agent Instructions
rule-validate-phone | The SDK and our clients check a phone number before they send it; the server checks it again.
rule-clean-up | The SDK stops its session on every way out of a task: result, error and cancellation.

## API Capabilities
token-expiry | A token is valid for ACCESS_TOKEN_TTL, 7 days by default (36 h is a setting), and is answered with 401 after that.

## Task: Authenticate User > Polling Flow (CLI) - RECOMMENDED
login-submit-with-setup | POST /login/submit-with-setup with phone and setup_id sends a 6-digit code to that phone and answers 2xx, without a
  token.
login-setup-id | setup_id is chosen by the client (setup_<ms>_<uuid> in the example); without it, or without phone, the answer is 400.
login-phone-e164 | A phone that is not E.164 is answered with 400 and a message, and no text is sent.
login-setup-rate-limited | A rate-limited request is answered with 429 and a message with "<n> seconds" in it.
exchange-by-setup | POST /auth/exchange-by-setup with setup_id and pairing_code answers access_token, user_id and expires_at.
exchange-by-setup-expired | An unknown, used or expired setup_id is answered with 401.
exchange-by-setup-wrong-code | A wrong pairing_code is answered with 400, and the right one still works afterwards (within the attempts).
exchange-by-setup-once | A setup_id and its code give one token only: a second exchange is answered with 401.
sdk-pairing-prompt | After asking for the code our client says: "Check your phone for the 6-digit SMS code".
sdk-pairing-texts | The SDK says "Rate limited. Retry in <n>s" after 429, "Setup expired. Restart authentication." after 401 and "Invalid pairing
  code. Try again." after 400.
polling-flow-example | The code of the section runs as written against the server.

## Task: Authenticate User > Callback Flow (Web Only)
login-submit | POST /login/submit with phone, callback_uri and state sends the code and answers redirect_to.
login-submit-redirect | redirect_to is callback_uri with temp_token in its query, and with the state that was sent.
login-submit-callback-checked | A callback_uri that is not allowed (another site, another scheme) is answered with 400, and no temp_token is
  given out.
exchange | POST /auth/exchange with temp_token and pairing_code answers access_token, user_id and expires_at.
exchange-expired | An unknown, used or expired temp_token is answered with 401.
exchange-wrong-code | A wrong pairing_code is answered with 400.
temp-token-not-access | A temp_token opens no other endpoint.
callback-flow-example | The code of the section runs as written against the server.

## Task: Start Monitoring Session
session-start | POST /sessions/start with "Authorization: Bearer <access_token>" and claude_session_id, description,
  hostname and started_at answers
  session_token and monitoring_id.
session-start-unauthorized | Without a valid access token it is answered with 401 and a message.
session-start-description | A description has at most 100 characters; a longer one is answered with 400 and a message.
session-start-invalid | A missing claude_session_id or a started_at that is no ISO 8601 time is answered with 400 and a message.
session-start-sdk-text | After 401 the SDK says "Token expired. Re-authenticate required."
session-start-example | The code of the section runs as written against the server.

## Task: Report Session Event (Send SMS)
event-report | POST /sessions/{monitoring_id}/events with "Authorization: Bearer <session_token>" and event_type, timestamp
  and details is accepted.
event-error | event_type error sends the error text.
event-done | event_type done sends the completion text.
event-waiting | event_type waiting sends the waiting text.
event-unknown-type | Another event_type is answered with 400 and a message.
event-details-optional | details is optional and any object; its keys (error, stack, file, result, files_modified, duration_ms, reason,
  action in the examples) are kept.
event-sent | When the text was sent the answer has sms_sent true and sms_id, and rate_limited is not true.
event-rate-limited | Within the limit's window the answer is 2xx with rate_limited true and next_allowed_at, and no text is sent.
event-next-allowed | next_allowed_at is the ISO 8601 time from which a text of this type goes out again, and one reported then is sent.
event-rate-limit | One text per event type per 30 minutes per session.
event-not-found | An unknown or expired session is answered with 404 and a message.
event-unauthorized | A wrong session token, or that of another session, is answered with 401 and a message.
event-sdk-texts | The SDK says "Session not found or expired" after 404 and "Session token invalid" after 401.
event-sdk-rate-limited | A rate-limited event does not fail the SDK's caller, who can read next_allowed_at.
event-example | The code of the section and its three examples (error, done, waiting) run as written against the server.

## Task: Send Heartbeat
heartbeat | POST /sessions/{monitoring_id}/heartbeat with the session token and timestamp and last_activity is accepted.
heartbeat-not-found | For an expired session it is answered with 404, and the SDK says "Session expired".
heartbeat-interval | The interval is the client's choice (5 minutes here, 30 seconds in the plugin's document): a session is stale after 3
  missed of the interval it declared.
heartbeat-expiry | A session without heartbeats expires after 24 h.
heartbeat-revives | A heartbeat of a stale session that has not expired makes it active again.

## Task: Stop Session
stop | POST /sessions/{monitoring_id}/stop with the session token and reason, final_state and ended_at answers stopped and session_summary.
stop-reasons | reason is completed, user_stop or error; another one is answered with 400.
stop-final-states | final_state is success, error or cancelled; another one is answered with 400.
stop-summary | session_summary tells what the session was: its duration and the number of texts sent at least.
stop-again | Stopping a session that is already stopped does no harm and is answered without a server error.
stop-then-events | After the stop events and heartbeats of the session are refused.

## Decision Trees > When to Send SMS Events
sdk-event-error | A task that fails reports an error event with the error's message and stack.
sdk-event-done | A task that ends well reports a done event with a result summary.
sdk-event-waiting | A task that waits for its user reports a waiting event with what is needed.
sdk-heartbeat-running | A task that is running only sends heartbeats.

## Decision Trees > Token Validity Check
sdk-token-missing | Without a token our client starts the pairing instead of a request.
sdk-token-expired | With a token past expires_at our client pairs anew instead of sending the request.
sdk-token-401 | After a 401 our client pairs anew and sends the request again.

## Decision Trees > Error Response Handling
status-400 | Invalid input (phone format, missing fields) is answered with 400 and {"message": …} that names the field.
status-401 | An expired or invalid token is answered with 401 and {"message": …}.
status-404 | An expired or unknown session is answered with 404 and {"message": …}.
status-429 | Too many requests are answered with 429 and {"message": …} with the seconds to wait.
status-500 | An internal error is answered with 500 and {"message": …} without inner detail.

## Agent Implementation Patterns > Pattern 1: Complete Task with Monitoring
monitor-task | monitorTask of the SDK starts a session, runs the task, reports and stops, and returns the task's result.
monitor-task-description | It cuts the description to 100 characters.
monitor-task-hostname | It sends hostname and started_at of the machine it runs on.
monitor-task-heartbeat | It sends heartbeats every 5 minutes while the task runs and none after it.
monitor-task-heartbeat-failure | A failed heartbeat does not fail the task.
monitor-task-done | After success it reports done with details {"result": "success"}.
monitor-task-error | After a failure it reports error with details {error, stack} (stack cut to 200 characters) and throws the task's own error.
monitor-task-stop | It always stops the session: reason "completed" and final_state "success", or "error" after a failure.
monitor-task-stop-failure | A failed stop is ignored: result and error of the task come through unchanged.
monitor-task-start-failure | When the session cannot be started no event and no stop is sent.
monitor-task-example | The usage example runs against the server.

## Agent Implementation Patterns > Pattern 2: Phone Number Validation
phone-strip | validatePhoneNumber removes everything but digits and +: "(415) 555-1234" and "415.555.1234" work.
phone-ten-digits | 10 digits without + are taken as US or Canada: "4155551234" is +14155551234.
phone-eleven-digits | 11 digits that begin with 1 get a +: "14155551234" is +14155551234.
phone-no-country | Any other number without + is refused: "Invalid phone number. Use format: +1234567890".
phone-e164 | A number must match ^\+[1-9]\d{1,14}$, else: "Invalid phone number. Use E.164 format: +[country][number]".

## Agent Implementation Patterns > Pattern 3: Token Storage and Retrieval
token-store-fields | Our client stores access_token, user_id and expires_at.
token-store-environment | CLAUDE_SMS_TOKEN may hold them as JSON: {access_token, user_id, expires_at}.
token-store-file | On disk the token is kept so that no other user can read it (the document: encrypted file, ~/.claude-sms-token).
token-store-keychain | Where the system has a keychain the token is kept there (service claude-sms in the document).
token-load-expired | A stored token past expires_at is loaded as none.
token-load-broken | Stored data that cannot be read is loaded as none, without an error.
token-get-valid | Without a valid stored token: "No valid token. Authentication required."

## Error Handling Rules > HTTP Status Code Actions
sdk-status-success | A 2xx answer gives the SDK's caller its JSON.
sdk-status-400 | 400 throws "Invalid request: <message>".
sdk-status-401 | 401 throws AUTHENTICATION_REQUIRED.
sdk-status-404 | 404 throws SESSION_NOT_FOUND.
sdk-status-429 | 429 throws RATE_LIMITED:<seconds> with the seconds of the message, 600 where it has none.
sdk-status-500 | 500 throws SERVER_ERROR.
sdk-status-other | Any other status throws "HTTP <status>: <message>".

## Error Handling Rules > Retry Strategy
retry-which | The SDK tries again after 500 and network failures only, never after 4xx.
retry-count | It makes at most 3 attempts (maxRetries) and then throws the last error.
retry-backoff | It waits 1s, 2s, 4s between attempts.

## Rate Limits Reference
limit-sms-per-phone | 3 texts per 10 minutes per phone number: the 4th request for a code is answered with 429.
limit-pairing-attempts | 5 attempts at the code per temp_token or setup_id in 10 minutes; then it is invalid, even with the right code.
limit-session-events | 1 text per event type per session in 30 minutes.
limit-concurrent | Requests at the same moment do not pass a limit together: of 20 guesses at once at most 5 are checked.

## Rate Limits Reference > Rate Limit Handling
rate-limit-message | The message of a 429 reads "Rate limit exceeded. Try again in 472 seconds" with the true number of seconds.
rate-limit-wait | The SDK waits that many seconds (600 where the message has none) and then sends the request again.
rate-limit-true | A request sent after the named seconds is taken.

## Rate Limits Reference > Event Reporting Rules
debounce | The SDK reports an event type at most every 30 seconds (eventDebounceMs 30000); one that comes sooner is skipped.
debounce-per-type | error, done and waiting are debounced apart and have limits of their own.

## Security Rules > CRITICAL: Never Log or Expose
secret-tokens | No log, error, URL or metric has an access_token or session_token in it.
secret-pairing-codes | No log has a 6-digit pairing code in it.
secret-phone-numbers | Logs show a phone number only masked, with no more of it than +1415***1234 shows (the plugin's document masks as
  +1***8912); no log has the full number.
secret-temp-tokens | No log has a temp_token in it.

## Security Rules > Secure Storage Requirements
storage-not-plain | Our client never writes a token into a file that another user can read.
storage-mask-code | A masked number in a log keeps the example's form: its first characters (4 in the code of the example), "***", its last 4.

## Configuration > Required Environment Variables
env-base-url | CLAUDE_SMS_BASE_URL sets the server that the SDK talks to.

## Configuration > Optional Configuration
config-base-url-default | baseUrl is http://localhost:3001 by default (the document says 3000; one default port, 3001).
config-heartbeat-default | heartbeatIntervalMs is 300000 (5 minutes) by default.
config-debounce-default | eventDebounceMs is 30000 (30 seconds) by default.
config-retries-default | maxRetries is 3 by default.

## Quick Reference > Endpoint Summary
health | GET /health answers 200 without a token, with the union of the fields of the three documents that describe it.
endpoints-without-token | /health, /login/submit-with-setup and /auth/exchange-by-setup need no token.
endpoints-with-token | /sessions/start, /sessions/:id/events, /sessions/:id/heartbeat and /sessions/:id/stop are answered with 401 without a
  token.

## Quick Reference > Data Types
auth-response | The answer of both exchanges has access_token, user_id (a UUID), expires_at (ISO 8601), token_type "Bearer" and expires_in
  (604800 by default, ACCESS_TOKEN_TTL in seconds).
auth-response-consistent | expires_at is expires_in seconds after the exchange.
start-response | The answer of a start has session_token and monitoring_id (strings); monitoring_id works in the session URLs.
user-id-stable | The same phone paired again has the same user_id.

## Quick Reference > Common Mistakes to Avoid
mistake-tokens-checked | The SDK looks at expires_at before each request.
mistake-cli-polling | Our command line pairs by the polling flow.

## Reference Links
timestamps | Timestamps are ISO 8601, as in YYYY-MM-DDTHH:mm:ss.sssZ, in requests and answers.
`;

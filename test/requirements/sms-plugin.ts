/**
 * Requirements of the Claude Code plugin and of the server behind it. The document's token life of 36 hours is a setting
 * (ACCESS_TOKEN_TTL, 7 days by default, as the API reference types it).
 */
import { requirementsOf } from './table.ts';

export const SMS_PLUGIN = requirementsOf('sms-plugin')`
## Claude SMS Notifier
purpose | With the plugin on, the owner's phone gets a text when Claude Code needs attention, when it finishes and when it hits an error.

## Quick Start
install | claude plugin install installs the plugin from its directory (through a marketplace entry where Claude Code asks for one).
quick-start | The whole quick start works: set CLAUDE_SMS_AUTH_URL, install, /sms-setup, /sms-pair with the code of the text,
  /sms-start "Fixing production bug", then a text when Claude needs the person.

## How It Works > Step-by-Step Flow
flow-setup-browser | /sms-setup opens the browser at the auth server's login page.
flow-setup-phone | The login page asks for the phone number.
flow-setup-code | The server sends a 6-digit pairing code by SMS to that number.
flow-pair-token | /sms-pair with that code gives the plugin a token, valid for ACCESS_TOKEN_TTL: 7 days by default, 36 hours (this document's)
  when set.
flow-start-registers | /sms-start registers the session, and the server answers a session token of its own for it.
flow-heartbeat | While monitoring, the plugin sends a heartbeat every 30 seconds.
flow-inactivity-timer | While monitoring, a timer of 10 minutes of inactivity runs.
flow-hooks-watch | The hooks report only while a session is monitored; without one they do nothing and slow nothing down.
flow-message-resets-timer | A message of the user starts the inactivity timer anew.
flow-tool-failure | A failed tool is reported to the server, which sends an error text unless it is rate limited.
flow-inactivity-waiting | After 10 minutes of silence a waiting event is reported and its text is sent.
flow-session-end-done | The end of the Claude session is reported as done and its text is sent.
rate-limit-window | One text per 30 minutes per event type and session: an error at 14:00 is sent, one at 14:15 is not, one at 14:31 is.
rate-limit-per-type | The types are counted apart: after an error at 14:00 a done at 14:15 is sent.
cleanup-stops-timers | /sms-stop and the end of the session stop the heartbeat and the inactivity timer.
cleanup-final-state | /sms-stop and the end of the session send the final state to the server.
cleanup-temp-files | /sms-stop and the end of the session remove the files of the monitored session.

## Architecture > Plugin Components
component-commands | The plugin has the commands sms-setup, sms-pair, sms-start, sms-stop and sms-logout in commands/*.md.
component-hooks | hooks/hooks.json registers the hooks, and Claude Code accepts it.
component-mcp | .mcp.json configures the local MCP server of the plugin, and Claude Code starts it.
component-validation | What comes from the server and from the hooks is validated before it is used; bad data changes nothing.

## Architecture > Data Flow
auth-local-server | During setup a server listens on localhost, on a free port, for the callback.
auth-login-url | The browser opens <auth url>/login with the callback address (callback_uri; the drawing writes callback) and state.
auth-redirect | After the phone was entered the auth server sends the code by SMS and redirects to the callback with temp_token.
auth-capture | The callback captures temp_token and shows that /sms-pair comes next ("Enter /sms-pair").
auth-exchange | /sms-pair 123456 posts temp_token and pairing_code to /auth/exchange and gets the token.
auth-token-file | The token is kept in ~/.config/claude-sms-notifier/auth.json.
monitor-start-request | /sms-start posts claude_session_id and description to /sessions/start and gets session_token and monitoring_id.
hook-post-tool-use-failure | The hook PostToolUseFailure reports an error event.
hook-user-prompt-submit | The hook UserPromptSubmit starts the inactivity timer anew.
hook-session-end | The hook SessionEnd reports a done event.

## Server API Contract > Authentication
api-login | GET /login is the entry for the browser and accepts callback_uri.
api-login-callback-checked | A callback_uri that is not on localhost or the server itself is refused.
api-auth-exchange | POST /auth/exchange exchanges temp_token and pairing_code for a token.
api-auth-refresh | POST /auth/refresh gives a new token for one that is still valid.
api-auth-refresh-expired | POST /auth/refresh with an expired or revoked token is answered with 401.
api-auth-logout | POST /auth/logout revokes the token: the next request with it is answered with 401.

## Server API Contract > Session Management
api-sessions-start | POST /sessions/start registers a session and returns its session_token.
api-session-events | POST /sessions/{id}/events takes an event error, done or waiting.
api-session-heartbeat | POST /sessions/{id}/heartbeat keeps the session alive.
api-session-stop | POST /sessions/{id}/stop ends the monitoring.
api-schemas | The request and response schemas of these endpoints are documented (docs/api-spec.md in the document; /docs here).

## Configuration > Environment Variables (Plugin)
env-auth-url | CLAUDE_SMS_AUTH_URL names the auth server; without it the commands say that it is missing and how to set it.
env-heartbeat-interval | CLAUDE_SMS_HEARTBEAT_INTERVAL is in milliseconds; 30000 by default.
env-inactivity-threshold | CLAUDE_SMS_INACTIVITY_THRESHOLD is in milliseconds; 600000 by default.
env-log-level | CLAUDE_SMS_LOG_LEVEL is debug, info, warn or error; info by default, and lower messages are not logged.

## Configuration > Environment Variables (Your Server)
env-twilio | TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER make the server send its texts through Twilio from that number.
env-twilio-incomplete | Some of the three without the others are refused at start with a line that names the missing one.
env-database-url | DATABASE_URL=postgresql://… keeps everything in that database, Neon included.
env-jwt-secret | JWT_SECRET signs the tokens: a token signed with another secret is answered with 401.

## Commands Reference
command-sms-setup | /sms-setup starts the pairing, the first time and again when the token has expired.
command-sms-pair | /sms-pair 123456 completes it; without setup before it says to run /sms-setup.
command-sms-start | /sms-start "desc" starts monitoring with that description; without a token it says to run /sms-setup.
command-sms-stop | /sms-stop stops monitoring: no more texts for the session; without a monitored session it says so.
command-sms-logout | /sms-logout revokes the token on the server and deletes it from the disk.

## SMS Message Examples
text-error | The error text is, word for word, ⚠️ Claude: "Fixing Docker build"\nError: npm install failed\n\nReply STOP to disable (with the
  description of the session and the reported error).
text-done | The done text is, word for word, ✅ Claude: "Refactor auth module"\nCompleted successfully!\n\nReply STOP to disable.
text-waiting | The waiting text is, word for word, ⏳ Claude: "Database migration"\nWaiting for input (10 min idle)\n\nReply STOP to disable
  (with the minutes of the threshold).
text-stop-reply | Replying STOP ends the texts to that number, as every text promises.

## Edge Cases Handled
edge-rate-limit-hit | When the rate limit is hit the text is skipped and that is logged; the next event of another type is still sent.
edge-token-expired | With an expired token the plugin says to run /sms-setup again, and old sessions are cleaned up.
edge-server-down | While the server is down the plugin queues events and tries again; they are delivered, in order, when it is back.
edge-server-down-no-block | While the server is down Claude Code itself is not held up.
edge-claude-crashes | After a crash of Claude the session file is still there, and monitoring resumes when Claude starts again.
edge-multiple-start | A second /sms-start says: "Session already monitoring. Use /sms-stop first."
edge-invalid-code | 5 attempts at the pairing code are allowed; after them the temp_token is invalid, even with the right code.
edge-network-blip | A failed heartbeat is tried again; one that gets through in time leaves the session active.
edge-stale | A session without heartbeats is marked stale: after 3 missed of the interval it declared, and expires after 24 h.
edge-activity | The inactivity timer starts anew on every UserPromptSubmit and fires only after true idle time.

## Security Considerations
security-token-life | The token is short-lived: ACCESS_TOKEN_TTL, 7 days by default; set to 36 h it is refused after 36 hours.
security-token-file-mode | The token file has mode 0600, also when the file was there before with another mode.
security-session-token | A session token works for its own session only.
security-session-token-stopped | A session token is invalid after the stop of its session.
security-phone-masking | Logs and screens of the plugin show a phone number only as +1***8912.
security-no-carrier-keys | The plugin holds no Twilio key and never talks to Twilio.
security-https-only | The plugin refuses an auth server without TLS, except on loopback.
security-state | The state of the login comes back with the callback; a callback with another state or none is refused.

## License
license | The plugin is under the MIT licence, and its manifest says so.

## Future: Monitoring Dashboard
dashboard-sessions | All sessions of one phone number (user_phone) can be listed from the database.
dashboard-sms-history | The texts of one session (sms_events by session_id) can be listed from the database.
dashboard-stats | total_sessions, total_sms (the sum of sms_sent_count) and avg_duration (ended_at less started_at) of one phone number can be
  read from the database.
dashboard-live | A socket shows the sessions in real time.
`;

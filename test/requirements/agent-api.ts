/**
 * Requirements of the agent API. "The client" is the interactive command-line client, `companion`. The document's port
 * 8000 is 3001 here, the one default port of all surfaces; its LiteLLM is the gateway.
 */
import { requirementsOf } from './table.ts';

export const AGENT_API = requirementsOf('agent-api')`
## Components
components-concurrent-sessions | The server holds several sessions at once: messages sent to two sessions at the same time are
  both worked on, and neither waits for the other to end.
components-client-without-sdk | The client talks to the server over HTTP only; its import graph, without the commands that start
  a server, holds no agent SDK.
components-client-interactive-approval | A permission request that arises while a message is in progress is shown in the client and
  answered there, and the message then goes on.

## Features > API Server
features-unique-session-ids | Every created session gets a session_id that no other session has.
features-stateful-conversation | A later message of a session is answered with the earlier messages of that session in view.
features-session-restoration | A session is resumed by its id after the server was stopped and started again, with its conversation.
features-graceful-shutdown | Told to stop (SIGINT or SIGTERM) the server finishes its writes, ends every agent process and exits 0.
features-not-blocked | While a long message is in progress the server answers GET /health and requests for other sessions.

## Features > CLI Client
cli-colored-output | The client colours its output on a terminal.
cli-error-recovery | After an error of the server the client prints it and takes the next command; it does not exit.
cli-background-permission-check | While a message is in progress the client looks for permission requests by itself, without a
  command of the user.

## Usage > Starting the Server
server-start-command | One command starts the server (npm start, companion serve).
server-default-address | Without settings the server listens on 127.0.0.1 port 3001 (the document says 8000; one default port, 3001).
server-host-port-options | Host and port can be given when starting (--host, --port or HOST, PORT) and the server then listens there.

## Usage > Using the Client
cli-start-default-server | Started without options the client talks to http://127.0.0.1:3001 (the document says port 8000).
cli-option-server | --server URL makes the client talk to that server.
cli-option-proxy | --proxy makes the client create its sessions with enable_proxy true.
cli-options-combined | --server URL and --proxy work together.
cli-proxy-routes-requests | With --proxy the model requests of the session arrive at the server's own POST /v1/messages.

## Usage > Interactive Commands
cli-message | A line that is no command is sent to the session as a message and the answer is printed.
cli-command-exit | exit ends the client with exit code 0.
cli-command-quit | quit ends the client with exit code 0.
cli-command-clear | clear starts a new session: the next message goes to another session_id that knows nothing of the earlier one.
cli-command-sessions | sessions lists all available sessions.
cli-command-resume | The client can resume a listed session; the next message goes to that session_id with its conversation.
cli-command-model | model <name> with haiku, sonnet or default changes the model of the session and says so.
cli-command-mode | mode <name> with default, acceptEdits, plan or bypassPermissions asks the server for that permission mode and
  shows the outcome.
cli-command-interrupt | interrupt stops the operation in progress.
cli-command-info | info shows the server information: commands, output styles and the rest of what server_info answers.
cli-command-help | help lists every command: exit, quit, clear, sessions, model, mode, interrupt, info, help.

## Usage > Model Configuration
model-from-environment | A session created without model uses the model in ANTHROPIC_MODEL, for example claude-3-5-haiku-20241022.
model-at-creation | A session created with model uses that model, also where ANTHROPIC_MODEL names another.
model-at-runtime | After the model command the next request to the model names the new model; the conversation goes on.
model-short-names | model haiku and model sonnet switch to the current Haiku and Sonnet model.
model-default-word | model default goes back to the default model (model null on the wire).
model-environment-fixed | A change of model at run time leaves DISABLE_PROMPT_CACHING and CLAUDE_CODE_USE_BEDROCK of the session as
  they were set at creation.
model-clear-keeps-proxy | clear creates the new session with the same proxy setting as the one before.

## Usage > Permission Workflow
permission-write-tools-ask | In the default mode the tools Write, Edit and Bash run only after a permission request was allowed.
permission-prompt-text | The prompt reads, word for word: "⚠  Permission Request", "Tool: Bash", "Command: ls -la", an empty line,
  "Allow? [Y/n/a(apply suggestions)/d(details)]:" with the tool and command asked for.
permission-prompt-allow | Y, y, yes or an empty line (Enter) allows the operation.
permission-prompt-deny | n or no denies the operation.
permission-prompt-apply | a allows it and applies the suggestions of the system (for example a switch to acceptEdits): the request
  is sent with apply_suggestions true.
permission-prompt-details | d shows the request in detail (at least the whole tool input and the suggestions) and asks again.

## Unified Invocations Endpoint > POST /invocations
invocations | POST /invocations with path, method, path_params and payload runs the named operation and answers its body and status.
invocations-path-required | path is required; without it the answer is 4xx with a detail.
invocations-method-values | method takes GET, POST and DELETE; another method is refused with 4xx and a detail.
invocations-method-default | method may be left out and is then POST.
invocations-payload-optional | payload is the request body of the target and may be left out.
invocations-path-params | Each {name} in path is replaced by the value of name in path_params; path_params may be left out when
  path has none.
invocations-path-params-missing | A {name} in path without a value in path_params is refused with 4xx and a detail that names it.
invocations-unknown-path | A path that is no operation is answered with 404 and a detail.
invocations-create-session | {"path": "/sessions", "method": "POST", "payload": {"resume_session_id": …}} creates or resumes a session.
invocations-send-message | {"path": "/sessions/{session_id}/messages", "method": "POST", "path_params": {"session_id": …},
  "payload": {"message": …}} sends the message.
invocations-status | {"path": "/sessions/{session_id}/status", "method": "GET", "path_params": …} answers the status.
invocations-model | {"path": "/sessions/{session_id}/model", "method": "POST", "payload": {"model": …}} changes the model.
invocations-interrupt | {"path": "/sessions/{session_id}/interrupt", "method": "POST", "path_params": …}, without payload, interrupts.
invocations-permission-mode | {"path": "/sessions/{session_id}/permission_mode", "method": "POST", "payload": {"mode": "acceptEdits"}}
  sets the mode.
invocations-server-info | {"path": "/sessions/{session_id}/server_info", "method": "GET", "path_params": …} answers the server info.
invocations-close | {"path": "/sessions/{session_id}", "method": "DELETE", "path_params": …} closes the session.
invocations-every-operation | Every operation of this API, also the lists, permissions/respond and /health, works through /invocations.
invocations-curl-example | The curl example, {"path": "/health", "method": "GET"}, runs as written (with the port and a token where
  one is needed) and answers the health body.

## Session Management > Create Session
sessions-create | POST /sessions creates a session: session_id, created_at, status.
sessions-create-empty | All request fields are optional: {} creates a session.
sessions-create-resume | resume_session_id resumes that session with its conversation.
sessions-create-resume-unknown | An unknown resume_session_id is answered with 404 and a detail.
sessions-create-system-prompt | system_prompt reaches the model as the system prompt of the session.
sessions-create-model | model sets the model of the session.
sessions-create-model-default | model left out means the ANTHROPIC_MODEL environment variable.
sessions-create-proxy-default | enable_proxy is false by default: the model requests do not go through /v1/messages of this server
  on its account.
sessions-create-proxy | enable_proxy true sends the model requests of the session through this server's /v1/messages.
sessions-create-response | The response has session_id (a UUID), created_at (ISO 8601) and status "connected".
sessions-create-invalid | A field of a wrong type (model: 5, enable_proxy: "x") is answered with 4xx and a detail that names the field.

## Session Management > List Active Sessions
sessions-list | GET /sessions answers {"sessions": […]} with the active sessions; with none it is an empty list.
sessions-list-fields | Each entry has session_id, created_at, last_activity, status and message_count.
sessions-list-message-count | message_count is a number that grows with the messages of the session.
sessions-list-last-activity | last_activity (ISO 8601) moves on when the session is used; created_at does not.

## Session Management > List Available Sessions (from disk)
sessions-available | GET /sessions/available answers {"sessions": […]} with the stored sessions that can be resumed, also those that no
  process serves and those of before the last restart.
sessions-available-fields | Each entry has session_id, modified (ISO 8601), preview and project.
sessions-available-resumable | The session_id of an entry works as resume_session_id.

## Session Management > Get Session Status
sessions-status | GET /sessions/{session_id}/status answers session_id, status ("connected" while the
  session is open) and pending_permission.
sessions-status-pending-permission | While a permission is open, pending_permission has request_id, tool_name, tool_input (the full
  input, such as {"command": "ls -la"}) and suggestions (a list).
sessions-status-no-permission | With no permission open pending_permission is null.

## Session Management > Close Session
sessions-close | DELETE /sessions/{session_id} closes the session: it is no longer in GET /sessions and its agent process ends.
sessions-close-unknown | DELETE of an unknown session is answered with 404.

## Messages > Send Message
messages-send | POST /sessions/{session_id}/messages with {"message": …} answers when the agent's turn is over, with messages,
  session_id, cost_usd and num_turns.
messages-text | A text of the agent is an entry {"type": "text", "content": …}.
messages-tool-use | A tool call of the agent is an entry {"type": "tool_use", "tool_name": …, "tool_input": {…}}.
messages-order | The entries stand in the order in which the agent made them.
messages-cost | cost_usd is a number in US dollars.
messages-num-turns | num_turns is the number of model turns of this message.
messages-invalid | A body without message, or with one that is no string, is answered with 4xx and a detail.
messages-unknown-session | A message to an unknown session is answered with 404.

## Model Control > Change Model
model-change | POST /sessions/{session_id}/model with {"model": …} answers {"status": "ok", "model": …} with the model asked for, and
  the next message uses it.
model-change-null | {"model": null} sets the default model and is answered with status "ok".
model-change-environment | The change leaves DISABLE_PROMPT_CACHING and CLAUDE_CODE_USE_BEDROCK of the session untouched; a new session
  is needed for others.

## Session Control > Interrupt Session
interrupt | POST /sessions/{session_id}/interrupt answers {"status": "interrupted"} and stops the turn in progress; the waiting
  message request is answered.
interrupt-goes-on | After an interrupt the session takes the next message.

## Session Control > Set Permission Mode
permission-mode | POST /sessions/{session_id}/permission_mode with {"mode": …} answers {"status": "ok", "mode": …}.
permission-mode-values | mode is one of default, acceptEdits, plan, bypassPermissions; another word is answered with 4xx and a detail.
permission-mode-default | In default every write tool asks.
permission-mode-accept-edits | In acceptEdits a file edit below the working directory runs without asking, a Bash command still asks.
permission-mode-plan | In plan the agent changes nothing before its plan was approved.
permission-mode-bypass | bypassPermissions is known but refused with the reason, unless the operator allowed it for this server when
  starting it; no request, text or file of a repository can turn it on.

## Session Control > Get Server Info
server-info | GET /sessions/{session_id}/server_info answers commands (a list), output_style (such as "default") and capabilities
  (an object), as the agent reports them.

## Permissions > Respond to Permission Request
permissions-respond | POST /sessions/{session_id}/permissions/respond with request_id, allowed and apply_suggestions answers the open
  permission of that request_id.
permissions-respond-allow | allowed true lets the tool run, once, with exactly the input that was shown.
permissions-respond-deny | allowed false keeps the tool from running; the agent is told and goes on.
permissions-respond-apply-default | apply_suggestions may be left out and is then false: nothing but this one request is allowed.
permissions-respond-apply | apply_suggestions true with allowed true also applies the suggestions of the request to the session.
permissions-respond-unknown | An unknown request_id, or one of another session, is answered with 404 and nothing runs.
permissions-respond-twice | A second response to the same request changes nothing: the first one holds and the caller is told.

## API Endpoints > Health Check
health | GET /health answers status "healthy", active_sessions (a number) and timestamp (ISO 8601), among the union of the fields of
  the three documents that describe /health.
health-active-sessions | active_sessions counts the sessions that are active: one more after POST /sessions, one less after DELETE.

## LiteLLM Proxy > POST /v1/messages
gateway-messages | POST /v1/messages with model, messages (role, content), stream and max_tokens answers a message in the format of the
  Anthropic Messages API.
gateway-not-streaming | With "stream": false, or without stream, the answer is one JSON message.
gateway-streaming | With "stream": true the answer is text/event-stream with the event sequence of the Anthropic Messages API, from
  message_start to message_stop.
gateway-max-tokens-optional | The streaming example sends no max_tokens and is answered.
gateway-curl-examples | Both curl examples (gpt-4, "Hello!", stream false with max_tokens 100, and stream true) run as written against the
  server's port, with a token.
gateway-anthropic-sdk-compatible | The Anthropic SDK reads both the JSON and the streamed answers of the endpoint for a model of another
  provider, tool calls included.
gateway-openai | gpt-4 and gpt-3.5-turbo are sent to OpenAI.
gateway-anthropic | claude-3-opus-20240229 and claude-3-sonnet-20240229 are sent to Anthropic.
gateway-azure | azure/<deployment-name> is sent to that deployment of Azure OpenAI.
gateway-cohere | command-nightly and command-light are sent to Cohere.
gateway-many-providers | More than 100 further providers can be named as a model prefix; each one has a base URL and a key variable.
gateway-provider-keys | The key of a provider is taken from its usual environment variable (OPENAI_API_KEY, ANTHROPIC_API_KEY, …); the
  caller sends none of them.
gateway-base-url-variable | An agent SDK started with ANTHROPIC_BASE_URL=<this server> and a model such as "gpt-4" works through the
  endpoint with no change of its code.
gateway-unavailable-backend | Where the back end of a model is not there or not configured, the error body has a detail that says what to
  install or set (the document's case: "LiteLLM is not installed. Install with: pip install litellm").
proxy-sets-base-url | enable_proxy true sets ANTHROPIC_BASE_URL of the session's agent to this server's own address (the document writes
  http://127.0.0.1:8000).
proxy-disables-bedrock | enable_proxy true sets CLAUDE_CODE_USE_BEDROCK to "0" for the session's agent.
non-claude-disables-caching | A model id without "claude" in it sets DISABLE_PROMPT_CACHING to "0" for the session's agent, so that no
  prompt caching is asked of the other provider.
claude-keeps-caching | A model id with "claude" in it leaves DISABLE_PROMPT_CACHING unset, with proxy too.
proxy-scenario-gpt | POST /sessions {"model": "gpt-4", "enable_proxy": true} sets ANTHROPIC_BASE_URL, CLAUDE_CODE_USE_BEDROCK=0 and
  DISABLE_PROMPT_CACHING=0.
proxy-scenario-claude | POST /sessions {"model": "claude-3-5-sonnet-20241022", "enable_proxy": true} sets ANTHROPIC_BASE_URL and
  CLAUDE_CODE_USE_BEDROCK=0 and not DISABLE_PROMPT_CACHING.

## Architecture Details > Session Lifecycle
lifecycle | One session goes the whole way: POST /sessions, connected agent, messages with answers, permissions found by polling,
  DELETE, agent disconnected and session removed.

## Architecture Details > Permission Flow
permission-flow | The message request stays open while a permission is pending; a poll of the status shows it, the response to it lets
  the tool run, and only then the message request is answered.

## Architecture Details > State Management
cleanup-on-delete | DELETE cleans the session up: process, timers and open permission.
cleanup-on-shutdown | A graceful shutdown of the server cleans every session up.
permission-timeout-default | A permission nobody answers is denied after 5 minutes (the deadline when no channel can reach the owner;
  24 hours when one can; permission_timeout_s sets it per session).

## Error Handling > Client Errors
client-connection-failure | With no server at the address the client shows the error and says how to start one or set the address.
client-invalid-input | An answer the client does not know (at the permission prompt, to model or mode) is asked for again with the valid
  ones named.
client-server-error | An error answer of the server is shown with its message and the client goes on.

## Error Handling > Server Errors
error-connect-failure | When the agent of a new session cannot be started or connected, the answer is 500 with a detail.
error-unknown-session | Every operation on a session that does not exist is answered with 404 and a detail.
error-permission-timeout | A permission that runs into its time limit is denied by the server and the caller is told so with an error.

## Development > Running Tests
health-curl-example | curl http://localhost:<port>/health answers the health body without a token.
examples-run | The usage examples shipped with the product run against a started server.

## Development > API Documentation
docs-swagger | GET /docs serves Swagger UI for this API.
docs-redoc | GET /redoc serves ReDoc for this API.

## Troubleshooting > Server won't start
start-port-taken | A port in use is one clear line that names the port and what to do, with an exit code other than 0.
start-agent-missing | A missing Claude CLI is said in one clear line with what to do.

## Troubleshooting > Client can't connect
client-names-server-url | The message of a client that cannot connect names the URL it tried.

## Troubleshooting > Permission requests hang
permission-never-hangs | A permission request nobody answers ends with a denial at its deadline, and the agent goes on.

## Contributing
every-endpoint-checks-its-input | Every endpoint answers malformed JSON and wrong fields with 4xx and a detail, never with 500.
`;

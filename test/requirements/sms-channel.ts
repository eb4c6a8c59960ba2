/**
 * Requirements of the SMS channel library. Names are those of the document; the TypeScript library spells fields and methods
 * in camelCase (channel_id is channelId, handle_outbound is handleOutbound). "Raises" is "throws, or rejects".
 */
import { requirementsOf } from './table.ts';

export const SMS_CHANNEL = requirementsOf('sms-channel')`
## Overview
standalone | The library works in any application: it needs no other package of this product.
two-way | One adapter sends texts and receives texts through the webhook.

## Architecture
architecture-layers | Application, MessageBus, SmsAdapter and provider are separate: the adapter works with any provider, the bus with any
  adapter.

## Programmatic Setup > 1. Create SMS Adapter
setup-provider | TwilioSmsProvider is made from account_sid, auth_token and from_number.
setup-adapter | SmsAdapter is made from channel_id, provider, audit_store, max_length and webhook_auth_token; channel_id can be read back.
setup-max-length | A text of more than max_length (480 in the example) characters is not sent longer than that; the result tells what was done.
setup-audit-store | AuditStore is given a record of each text sent and received.
setup-webhook-auth-token | webhook_auth_token is the secret with which the adapter verifies signatures.
setup-example | The example of the section runs as written, in TypeScript.

## Programmatic Setup > 2. Register with MessageBus
bus-register | message_bus.register_adapter(channel_id, adapter) makes the adapter known under that id.

## Programmatic Setup > 3. Process Webhook (FastAPI Example)
webhook-route | POST /webhook/{path_token} takes Twilio's form data.
webhook-path-token | A path_token other than SMS_WEBHOOK_PATH_TOKEN is answered with 404, and nothing is read or processed.
webhook-signature-invalid | A wrong or missing X-Twilio-Signature is answered with 401 and detail "Invalid signature".
webhook-signature-url | The signature is checked over the full URL of the request as the carrier called it (behind a proxy: the public URL).
webhook-ok | A valid text is answered with 200 {"status": "ok"}.
webhook-duplicate-ok | A duplicate or invalid text with a valid signature is answered with 200 {"status": "ok"} and not processed.
webhook-background | The answer does not wait for the processing: with a handler that takes 30 s the 200 comes at once.
webhook-parse | parse_inbound_webhook(post_data) gives an InboundMessage with channel_id, user_key (From), conversation_key, text (Body) and
  the carrier's message id, or nothing.
webhook-process-inbound | message_bus.process_inbound(inbound) runs the middleware and handlers and gives a context whose status is "continue"
  when nothing stopped the message.
webhook-reply | A reply handed to adapter.handle_outbound while processing goes to the sender of the text.
webhook-status-rejected | A message that a middleware stopped reaches no handler and gets no generated reply.

## Send Outbound SMS > Basic Usage
outbound-message | OutboundMessage has channel_id, user_key (recipient, E.164), conversation_key (the same for SMS), type and text.
outbound-type-text | MessageType.TEXT is the type of a text message.
outbound-send | adapter.handle_outbound(message) sends the text to user_key from the provider's from_number.
outbound-result-success | On success the result has success true, message_sid (the carrier's id), segments_count and cost.
outbound-result-failure | On failure the result has success false, error_code and error_message, and nothing is raised.
outbound-segments | segments_count is the number of segments of the text as the carrier counts them (GSM-7 and UCS-2).
outbound-cost | cost is the carrier's price in US dollars where it is known, and absent otherwise.
outbound-example | The example of the section runs as written, in TypeScript.

## Send Outbound SMS > With Error Handling
retry-max | send_sms_with_retry(adapter, to_number, text, max_retries) makes at most max_retries attempts, 3 by default.
retry-success | It returns the result of the first attempt that succeeds.
retry-transient-codes | It tries again after error_code TIMEOUT and CONNECTION_ERROR only.
retry-backoff | It waits 1 s, then 2 s, then 4 s and so on (2 to the power of the attempt) between attempts, and not after the last.
retry-permanent | Any other error_code fails at once with "SMS send failed: <error_message>".
retry-exhausted | When the attempts are used up it fails: "SMS send failed: <error_message>" of the last one, "Max retries exceeded" when there
  was none.
error-code-timeout | A carrier that does not answer in time gives error_code TIMEOUT.
error-code-connection | A carrier that cannot be reached gives error_code CONNECTION_ERROR.

## Signature Verification (Manual)
signature-function | verify_twilio_signature(url, post_data, signature, auth_token) works without an adapter and returns true or false.
signature-algorithm | The signature is base64 of HMAC-SHA1, keyed with the auth token, over the URL followed by each parameter's name and
  value, sorted by name; Twilio's own library agrees on random input.
signature-valid | A signature made by Twilio's library is accepted.
signature-altered | A change of the URL, of one parameter, of the token or of the signature is refused.
signature-empty | An empty, malformed or non-ASCII signature is false, not an error.
signature-constant-time | The comparison takes constant time (timingSafeEqual).
signature-example | The usage example of the section runs as written, in TypeScript, and gives false for its invented signature.

## Custom Middleware > Rate Limiting Example
middleware-interface | A middleware has process_inbound(message, context) and process_outbound(message, context) and returns the context.
middleware-add | message_bus.add_middleware(middleware) puts it into the way of every message; they run in the order they were added.
middleware-reject | A middleware that sets context.status to ProcessingStatus.REJECT and context.error stops the message.
rate-limit-default | SmsRateLimitMiddleware allows max_per_minute inbound texts per user_key and minute, 10 by default.
rate-limit-reject | The next one is rejected with context.error "Rate limit exceeded: 10/min" (the number is max_per_minute).
rate-limit-window | Texts older than one minute no longer count.
rate-limit-per-user | One user's texts do not count for another user.
rate-limit-rejected-not-counted | A rejected text does not count: the user may go on when the older ones have left the window.
rate-limit-outbound | Outbound messages pass the rate limit unchanged.

## Inbound Message Handler > Custom Handler Example
handler-add | message_bus.add_inbound_handler(handler) calls handler with every inbound message that passed the middleware.
handler-fields | The inbound message gives the handler channel_id, user_key, conversation_key and text.
handler-help | /help is answered with "Available commands:\n/help - Show this help\n/status - Check status".
handler-status | /status is answered with "Status: All systems operational".
handler-normalised | Commands are recognised in any letter case and with space around them.
handler-other-text | Text that is no command is forwarded to the chat and gets no command reply.

## Testing Utilities > Mock Provider
mock-provider | MockSmsProvider keeps each message in sent_messages as {to, text, from} and sends nothing.
mock-result | Its send_sms gives success true, message_sid "SM_test_<count>" and segments_count 1.
mock-send-parameters | send_sms takes to_number, message_text, from_number (none by default) and max_segments (3 by default).
mock-validate-config | Its validate_config gives true and no error.
mock-test-connection | Its test_connection(test_to_number) gives true and no error.
mock-example | With it, handle_outbound of one message leaves one entry whose "to" is "+15559876543".
provider-interface | Every provider has send_sms, validate_config and test_connection; validate_config tells what is wrong with a faulty setting.
provider-max-segments | A text of more than max_segments segments (3 by default) is not sent.

## Testing Utilities > Webhook Simulator
simulator | simulate_twilio_webhook(url, from_number, to_number, body, auth_token) posts a signed text to url and returns the response.
simulator-fields | It posts MessageSid "SM_test_<Unix seconds>", From, To, Body and NumMedia "0" as a form.
simulator-compute-signature | compute_twilio_signature(url, post_data, auth_token) gives the signature that verify_twilio_signature accepts.
simulator-signature | It sends a valid X-Twilio-Signature; with a right token the response is 200, with a wrong one 401.

## Performance Optimization > 1. Connection Pooling (Twilio API)
pool-connections | The provider keeps its connections to the carrier open and uses them again; the pool has a bound (10 hosts, at most 20
  connections in the example).
pool-retry | Attempts to connect are repeated up to 3 times with growing waits (backoff factor 1); a request that may have reached the
  carrier is not repeated blindly.
pool-own-client | The provider can be given the application's own HTTP client in place of its pool.

## Performance Optimization > 2. Batch Deduplication Check
batch-dedupe | batch_dedupe_check(adapter, message_sids) returns the new ids and the duplicates, each in the order given.
batch-dedupe-marks | It marks the new ids as processed: a second call names them as duplicates; an id twice in one batch is a duplicate the
  second time.

## Performance Optimization > 3. Redis-Backed Deduplication (Production)
redis-dedupe | With a Redis client the adapter marks a text by SET sms:dedupe:<MessageSid> "1" NX EX 3600, in one atomic command.
redis-dedupe-duplicate | parse_inbound_webhook gives nothing for a MessageSid marked before, by this process or by another one.
redis-dedupe-race | Of two processes that get the same MessageSid at the same moment exactly one processes it.
redis-dedupe-ttl | The mark ends after dedupe_ttl, 3600 seconds (1 hour) by default.
redis-dedupe-no-sid | A webhook without MessageSid gives nothing and writes nothing.
redis-default-client | Without a client of the application it uses Redis at localhost:6379, database 0.

## Monitoring & Observability > Metrics Collection
metrics-fields | The metrics are inbound_count, outbound_count, signature_failures, duplicates and errors; each starts at 0.
metrics-inbound | inbound_count counts the texts that were parsed.
metrics-outbound | outbound_count counts the texts sent with success.
metrics-signature-failures | signature_failures counts refused signatures.
metrics-duplicates | duplicates counts the webhooks that parse to nothing.
metrics-errors | errors counts the texts that could not be sent.
metrics-get | get_metrics() gives the current numbers.
metrics-export | export_metrics prints "Inbound: <n>", "Outbound: <n>", "Signature Failures: <n>", "Duplicates: <n>" and "Errors: <n>".

## Error Handling Patterns > Graceful Degradation
fallback-success | send_sms_with_fallback(adapter, message, fallback_channel) returns the result of the text when it was sent.
fallback-permanent | error_code INVALID_E164 or INVALID_TO raises "Invalid recipient: <user_key>" and tries nothing else.
fallback-transient | Any other failure is sent through fallback_channel.send_message(message), and its result is returned.
fallback-warning | The fallback is logged as a warning "SMS failed, trying fallback: <error_message>".
fallback-none | Without a fallback channel it raises "SMS send failed: <error_message>".
error-code-invalid-e164 | A recipient that is no E.164 number gives error_code INVALID_E164 without a request to the carrier.
error-code-invalid-to | A recipient the carrier refuses gives error_code INVALID_TO.

## Error Handling Patterns > Circuit Breaker
breaker-closed | CircuitBreaker starts closed and passes calls through: call(func, …arguments) returns the result.
breaker-opens | failure_threshold failures in a row (5 by default) open it.
breaker-counts | A result with success false and an exception both count as a failure; the exception is raised on.
breaker-resets | A success sets the count of failures back to 0.
breaker-open | While open a call fails with "Circuit breaker is open" and the function is not called.
breaker-half-open | After timeout seconds (60 by default) it is half_open and lets a call through.
breaker-half-open-success | A success in half_open closes it.
breaker-half-open-failure | A failure in half_open opens it again for another timeout.

## Security Best Practices > 1. Token Rotation
rotate-token | rotate_webhook_token(adapter, config_store) stores a new webhook_path_token of 32 random bytes, URL-safe, for the channel.
rotate-token-returns | It returns the old and the new token, so that both can be taken for a time.
rotate-token-log | It logs "Rotated webhook token for channel: <channel_id>", and neither token.
rotate-token-effective | After the rotation the new path is taken, and after the time of transition the old one is answered with 404.

## Security Best Practices > 2. Request Validation
validate-content-type | A Content-Type other than application/x-www-form-urlencoded is answered with 400 and detail "Invalid Content-Type".
validate-user-agent | A User-Agent that does not start with "TwilioProxy/" is logged as a warning "Unexpected User-Agent: …" and still taken.
validate-missing-signature | validate_twilio_request answers a request without X-Twilio-Signature with 401 and detail "Missing signature".
validate-invalid-signature | It answers a wrong signature with 401 and detail "Invalid signature".
validate-returns-data | It returns the form data of a valid request.

## Common Pitfalls > ✅ Do: Use background tasks
pitfall-not-blocking | With every service behind the handler hung, the webhook is still answered; the text is stored before the answer and
  processed after it.

## Common Pitfalls > ✅ Do: Check MessageSid
dedupe-message-sid | A second webhook with the same MessageSid is not processed, also without Redis.
dedupe-concurrent | Two webhooks with the same MessageSid at the same moment are processed once.
`;

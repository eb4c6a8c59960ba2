/** Two-way SMS for any application: providers, signed webhooks, deduplication, a message bus. The README shows each part. */
export { type ReceiveOutcome, SmsAdapter, type SmsAdapterOptions, type StatusUpdate } from './adapter.ts';
export { type AuditEntry, type AuditRecord, type AuditSink, AuditStore, type AuditStoreOptions } from './audit.ts';
export { carrierKeyword, type KeywordInput } from './carrier-keyword.ts';
export type { Clock, Sleep } from './clock.ts';
export { type BatchDedupeResult, batchDedupeCheck } from './dedupe/batch.ts';
export type { Claim, DedupeOptions, DedupeStore } from './dedupe/dedupe-store.ts';
export { type MemoryDedupeOptions, MemoryDedupeStore } from './dedupe/memory.ts';
export {
  POSTGRES_DEDUPE_SCHEMA,
  type PostgresClient,
  type PostgresDedupeOptions,
  PostgresDedupeStore,
} from './dedupe/postgres.ts';
export { type RedisClient, type RedisDedupeOptions, RedisDedupeStore } from './dedupe/redis.ts';
export { RedisSmsAdapter, type RedisSmsAdapterOptions } from './dedupe/redis-adapter.ts';
export { RedisConnection, type RedisConnectionOptions } from './dedupe/redis-connection.ts';
export { type Inbox, MemoryInbox } from './inbox/inbox.ts';
export { POSTGRES_INBOX_SCHEMA, PostgresInbox } from './inbox/postgres.ts';
export type { Logger } from './logger.ts';
export { type CarrierKeyword, type InboundMessage, MessageType, type OutboundMessage } from './message.ts';
export { type ChannelAdapter, type InboundHandler, MessageBus } from './message-bus.ts';
export { exportMetrics, type MetricsSource, prometheusMetrics, type SmsMetrics } from './metrics.ts';
export { type Middleware, type ProcessingContext, ProcessingStatus } from './middleware.ts';
export { MemoryOptOutList, type OptOutList } from './opt-out.ts';
export type { WhenTooLong } from './outbound-check.ts';
export { isE164, maskPhoneNumber, type PhoneNumber, parsePhoneNumber, samePhoneNumber } from './phone-number.ts';
export type { CarrierErrorAdvice, RetryAdvice } from './providers/carrier-error.ts';
export {
  createHttpPool,
  type HttpClient,
  HttpFailure,
  type HttpFailureKind,
  type HttpPool,
  type HttpPoolOptions,
  type HttpRequest,
  type HttpResponse,
} from './providers/http-client.ts';
export { type MockSentMessage, MockSmsProvider } from './providers/mock.ts';
export {
  type ConfigCheck,
  canLookUp,
  type ListMessagesQuery,
  type MessageLookup,
  type SendSmsRequest,
  type SentMessage,
  type SmsProvider,
} from './providers/provider.ts';
export { TelnyxSmsProvider, type TelnyxSmsProviderOptions } from './providers/telnyx.ts';
export { telnyxErrorAdvice } from './providers/telnyx-errors.ts';
export { TwilioSmsProvider, type TwilioSmsProviderOptions } from './providers/twilio.ts';
export { type KnownTwilioError, TWILIO_ERRORS, twilioErrorAdvice } from './providers/twilio-errors.ts';
export { SmsRateLimitMiddleware, type SmsRateLimitOptions } from './rate-limit.ts';
export { countSegments, isGsm7, type SegmentCount, type SmsEncoding } from './segments.ts';
export {
  CircuitBreaker,
  type CircuitBreakerOptions,
  type CircuitBreakerState,
  CircuitOpenError,
} from './send/circuit-breaker.ts';
export { type FallbackChannel, type SendWithFallbackOptions, sendSmsWithFallback } from './send/fallback.ts';
export { type ReconcileOptions, type ReconcileOutcome, reconcileSend, type UnansweredSend } from './send/reconcile.ts';
export { type SendWithRetryOptions, sendSmsWithRetry } from './send/retry.ts';
export { type SendErrorCode, type SendFailure, type SendResult, type SendSuccess, sendFailure } from './send-result.ts';
export { handleSmsCommands, SMS_COMMANDS, type SmsCommandOptions } from './sms-commands.ts';
export { advanceStatus, DELIVERY_STATUSES, type DeliveryStatus } from './status/delivery-status.ts';
export { parseStatusCallback, type StatusReport } from './status/status-callback.ts';
export { MemoryStatusStore, type StatusStore } from './status/status-store.ts';
export { type DialectContext, twilioDialect, type WebhookDialect } from './webhook/dialect.ts';
export { type FastifyLike, type FastifyReplyLike, type FastifyRequestLike, fastifyWebhook } from './webhook/fastify.ts';
export { type FormFields, parseForm } from './webhook/form.ts';
export { type FetchHandler, toNodeHandler } from './webhook/node-handler.ts';
export {
  type ChannelConfig,
  type ChannelConfigStore,
  MemoryChannelConfigStore,
  type PathToken,
  type PathTokenSource,
  pathTokensOf,
  type RotatedToken,
  type RotateWebhookTokenOptions,
  rotateWebhookToken,
} from './webhook/path-token.ts';
export { WebhookRefusal } from './webhook/refusal.ts';
export { type SimulatedWebhook, simulateTwilioWebhook } from './webhook/simulator.ts';
export { type TelnyxDialectOptions, telnyxDialect } from './webhook/telnyx-dialect.ts';
export { type TelnyxSignedRequest, verifyTelnyxSignature } from './webhook/telnyx-signature.ts';
export { computeTwilioSignature, type SignedRequest, verifyTwilioSignature } from './webhook/twilio-signature.ts';
export {
  type SignatureVerifier,
  type ValidateRequestOptions,
  validateTwilioRequest,
} from './webhook/validate-request.ts';
export { createWebhookHandler, type WebhookHandler, type WebhookHandlerOptions } from './webhook/webhook-handler.ts';

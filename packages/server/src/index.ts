export {
  type DatabaseState,
  type Installation,
  inspectInstallation,
  inspectStore,
  type StoredState,
} from './app/inspect.ts';
export { loadGatewayConfig } from './app/load-gateway-config.ts';
export { ownerToken, tokenFile } from './app/owner-token.ts';
export { type RunningServer, type ServerParts, startServer, VERSION } from './app/start-server.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Config, ConfigError, ConfigSchema, parseConfig } from './config/config.ts';
export type { GatewayConfig } from './config/gateway-config.ts';
export type { CarrierState } from './operations/describe-carrier.ts';
export { createLogger, type Logger } from './telemetry/logger.ts';

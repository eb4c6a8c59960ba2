export { ownerToken, tokenFile } from './app/owner-token.ts';
export { type RunningServer, type ServerParts, startServer, VERSION } from './app/start-server.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Config, ConfigError, ConfigSchema, parseConfig } from './config/config.ts';
export { createLogger, type Logger } from './telemetry/logger.ts';

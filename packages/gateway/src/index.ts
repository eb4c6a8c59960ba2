export { checkStreamGrammar, parseEventStream } from './anthropic/stream-grammar.ts';
export type { GatewayClock } from './clock.ts';
export { type ScriptCall, type ScriptStep, scripted } from './demo-model/script.ts';
export { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';

export { checkStreamGrammar, parseEventStream } from './anthropic/stream-grammar.ts';
export type { GatewayClock } from './clock.ts';
export { type ScriptCall, type ScriptStep, scripted } from './demo-model/script.ts';
export { createGateway, type Gateway, type GatewayCall, type GatewayOptions } from './gateway.ts';
export type { ModelDescription } from './models/describe-model.ts';
export type { Price, PriceTable } from './models/prices.ts';
export type { Quirks, Wire } from './routing/provider.ts';
export type { Environment, ProviderSettings } from './routing/upstream.ts';
export type { UsageReport } from './usage-report.ts';

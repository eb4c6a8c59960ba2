/**
 * The file that GATEWAY_CONFIG names: other names of models, what is tried when one fails, providers of the operator's own,
 * prices. A file that is wrong stops the start; the message names the field. Keys of providers do not belong in it: a provider
 * names the variable that holds its key.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigError } from './config.ts';

const NAME = z.string().min(1, 'must not be empty').max(256);
const dollars = z.number().min(0, 'must not be negative');

const HttpUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .refine((text) => {
    const url = URL.parse(text);
    return url === null || (url.username === '' && url.password === '');
  }, 'must not hold a user or a password')
  .describe('Base URL. It may be a private address: naming it here is what allows it.');

const QuirksSchema = z.strictObject({
  systemMessages: z.enum(['anywhere', 'first']).optional(),
  schema: z.enum(['standard', 'plain']).optional(),
  callIds: z.enum(['any', 'nine']).optional(),
  streamUsage: z.boolean().optional(),
  images: z.boolean().optional(),
  documents: z.boolean().optional(),
  maxTokensField: z.enum(['max_tokens', 'max_completion_tokens', 'by-model']).optional(),
  thinkingBack: z.enum(['none', 'reasoning_content']).optional(),
  effort: z.enum(['none', 'by-model', 'reasoning-object']).optional(),
  structured: z.enum(['json_schema', 'json_object', 'prompt']).optional(),
  parallelToolCalls: z.boolean().optional(),
  betas: z.boolean().optional(),
});

const ProviderSchema = z.strictObject({
  baseUrl: HttpUrl.optional(),
  wire: z.enum(['anthropic', 'openai-chat', 'openai-responses', 'google', 'bedrock', 'cohere']).optional(),
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'must be the name of an environment variable')
    .optional(),
  headers: z.record(z.string().regex(/^[\w-]+$/, 'must be the name of a header'), z.string()).optional(),
  quirks: QuirksSchema.optional(),
});

const Rates = { input: dollars, output: dollars, cacheRead: dollars.optional(), cacheWrite: dollars.optional() };
const PriceSchema = z.strictObject({
  ...Rates,
  above: z.strictObject({ tokens: z.number().int().min(1), ...Rates }).optional(),
});

export const GatewayConfigSchema = z.strictObject({
  providers: z
    .record(
      z
        .string()
        .regex(/^[a-z0-9][a-z0-9._-]*$/, 'a provider is named in small letters, digits, ".", "_" and "-"')
        .refine((id) => id !== 'demo', '"demo" is the built-in model'),
      ProviderSchema,
    )
    .default({}),
  aliases: z.record(NAME, NAME).default({}),
  fallbacks: z.record(NAME, z.array(NAME).min(1, 'must name at least one model')).default({}),
  prices: z.record(z.string().regex(/^[^/]+\/.+$/, 'must be written as provider/model'), PriceSchema).default({}),
  cheaper: z.record(NAME, NAME).default({}),
});

export type GatewayConfig = z.infer<typeof GatewayConfigSchema>;

export const NO_GATEWAY_CONFIG: GatewayConfig = GatewayConfigSchema.parse({});

/** @throws ConfigError with one line per problem */
export function parseGatewayConfig(text: string, file: string): GatewayConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(`GATEWAY_CONFIG: ${file} is not JSON: ${error instanceof Error ? error.message : ''}.`);
  }
  const parsed = GatewayConfigSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map((issue) => gatewayConfigProblem(issue.path, reasonOf(issue))).join('\n'),
  );
}

/** One line about one field of the file. */
export function gatewayConfigProblem(path: readonly PropertyKey[], message: string): string {
  const field = path.length === 0 ? 'the file' : path.map(String).join('.');
  return `GATEWAY_CONFIG: ${field}: ${message.replace(/\.$/, '')}.`;
}

function reasonOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const names = issue.keys.map((key) => JSON.stringify(key)).join(', ');
    const key = issue.keys.includes('apiKey') ? '; name the variable that holds the key in "keyVariable"' : '';
    return `${names} is not known here${key}`;
  }
  // What is wrong with a key of a record is told one level deeper.
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

/** @throws ConfigError when the file cannot be read or is wrong */
export async function readGatewayConfig(file: string): Promise<GatewayConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`GATEWAY_CONFIG: the file ${file} cannot be read (${code ?? 'unknown reason'}).`);
  }
  return parseGatewayConfig(text, file);
}

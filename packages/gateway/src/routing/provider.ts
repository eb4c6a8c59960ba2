/** What the gateway has to know about a provider. A new one that speaks OpenAI's chat format is one row of a table. */

/** The format a provider speaks, which decides the way a request takes. */
export type Wire = 'anthropic' | 'openai-chat' | 'openai-responses' | 'google' | 'bedrock' | 'cohere';

/** How one speaker of a format differs from the others. */
export interface Quirks {
  /** `anywhere`: system messages may stand within the conversation. `first`: they are folded into the user's turn. */
  systemMessages: 'anywhere' | 'first';
  /** `standard`: JSON Schema as it is, but for what OpenAI refuses. `plain`: only the common subset. */
  schema: 'standard' | 'plain';
  /** `nine`: ids of tool calls are nine letters or digits. */
  callIds: 'any' | 'nine';
  /** Asks for `stream_options.include_usage`; some refuse the field and send usage anyway. */
  streamUsage: boolean;
  images: boolean;
  /** PDFs, as file parts. */
  documents: boolean;
  /** `by-model`: the newer field for models that refuse the older one. */
  maxTokensField: 'max_tokens' | 'max_completion_tokens' | 'by-model';
  /** Whether earlier thinking goes back to the model. */
  thinkingBack: 'none' | 'reasoning_content';
  /** How the wanted effort is said. `by-model`: as `reasoning_effort`, to models that reason. */
  effort: 'none' | 'by-model' | 'reasoning-object';
  /** How an answer in JSON of a given schema is asked for. `prompt`: in words only. */
  structured: 'json_schema' | 'json_object' | 'prompt';
  parallelToolCalls: boolean;
  /** Anthropic's wire only: takes Anthropic's beta headers and the fields that go with them. */
  betas: boolean;
}

export interface ProviderRow {
  wire: Wire;
  /** Without a trailing slash. Null: the operator has to give it. */
  baseUrl: string | null;
  /** Variables that hold the base URL, the usual one first. */
  baseUrlVariables: readonly string[];
  /** Variables that hold the key, the usual one first. Empty: none is needed. */
  keyVariables: readonly string[];
  /** False for servers on one's own machine, where a key is possible but rare. */
  keyRequired: boolean;
  /** The variables are used for many other things, so that they do not say that the operator wants this provider. */
  shared: boolean;
  auth: 'bearer' | 'x-api-key' | 'api-key' | 'none';
  quirks: Quirks;
}

export const DEFAULT_QUIRKS: Quirks = {
  systemMessages: 'first',
  schema: 'plain',
  callIds: 'any',
  streamUsage: true,
  images: true,
  documents: false,
  maxTokensField: 'max_tokens',
  thinkingBack: 'none',
  effort: 'none',
  structured: 'json_schema',
  parallelToolCalls: false,
  betas: false,
};

/** `MISTRAL_API_KEY` → `MISTRAL`: the beginning of the names of a provider's other variables. */
function stemOf(variable: string): string {
  return variable.replace(/_(API_)?(KEY|TOKEN|PAT|SECRET_KEY)$/, '');
}

/** `MISTRAL_BASE_URL`, `MISTRAL_API_BASE`: the base URL can be set for every provider. */
export function baseUrlVariablesOf(keyVariables: readonly string[]): string[] {
  return [...new Set(keyVariables.map(stemOf))].flatMap((stem) => [`${stem}_BASE_URL`, `${stem}_API_BASE`]);
}

/** A provider that speaks OpenAI's chat format, with a key in a bearer header. */
export function chatProvider(
  baseUrl: string | null,
  keyVariables: readonly string[],
  difference: Partial<Omit<ProviderRow, 'quirks'>> & { quirks?: Partial<Quirks> } = {},
): ProviderRow {
  const { quirks, ...rest } = difference;
  return {
    wire: 'openai-chat',
    baseUrl,
    baseUrlVariables: baseUrlVariablesOf(keyVariables),
    keyVariables,
    keyRequired: true,
    shared: false,
    auth: 'bearer',
    ...rest,
    quirks: { ...DEFAULT_QUIRKS, ...quirks },
  };
}

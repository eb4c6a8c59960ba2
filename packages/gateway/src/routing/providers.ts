/** The table of providers: those with a wire or a quirk of their own here, the plain ones in their own file. */
import { HOSTED_PROVIDERS } from './hosted-providers.ts';
import { chatProvider, DEFAULT_QUIRKS, type ProviderRow, type Quirks, type Wire } from './provider.ts';

interface OtherWire {
  wire: Wire;
  baseUrl: string | null;
  baseUrlVariables: readonly string[];
  keyVariables: readonly string[];
  shared?: boolean;
  quirks?: Partial<Quirks>;
}

function provider({ quirks, shared = false, ...row }: OtherWire): ProviderRow {
  const auth = row.wire === 'anthropic' ? 'x-api-key' : 'none';
  return { ...row, keyRequired: true, shared, auth, quirks: { ...DEFAULT_QUIRKS, ...quirks } };
}

/** A server on one's own machine or network: the variable with its address says that it is wanted. */
function ownServer(baseUrl: string | null, stem: string, quirks: Partial<Quirks> = {}): ProviderRow {
  const baseUrlVariables = [`${stem}_BASE_URL`, `${stem}_API_BASE`];
  return chatProvider(baseUrl, [`${stem}_API_KEY`], { keyRequired: false, baseUrlVariables, quirks });
}

const REASONING_BACK = { thinkingBack: 'reasoning_content' } as const;
const NO_MEDIA = { images: false, documents: false } as const;
const OPENAI = {
  systemMessages: 'anywhere',
  schema: 'standard',
  documents: true,
  maxTokensField: 'by-model',
  effort: 'by-model',
  parallelToolCalls: true,
} as const;

const SPECIAL: Readonly<Record<string, ProviderRow>> = {
  anthropic: provider({
    wire: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    baseUrlVariables: ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_BASE'],
    keyVariables: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
    quirks: { betas: true },
  }),
  'minimax-anthropic': provider({
    wire: 'anthropic',
    baseUrl: 'https://api.minimax.io/anthropic',
    baseUrlVariables: ['MINIMAX_ANTHROPIC_BASE_URL'],
    keyVariables: ['MINIMAX_API_KEY'],
  }),
  'moonshot-anthropic': provider({
    wire: 'anthropic',
    baseUrl: 'https://api.moonshot.ai/anthropic',
    baseUrlVariables: ['MOONSHOT_ANTHROPIC_BASE_URL'],
    keyVariables: ['MOONSHOT_API_KEY'],
  }),
  'deepseek-anthropic': provider({
    wire: 'anthropic',
    baseUrl: 'https://api.deepseek.com/anthropic',
    baseUrlVariables: ['DEEPSEEK_ANTHROPIC_BASE_URL'],
    keyVariables: ['DEEPSEEK_API_KEY'],
  }),
  'zai-anthropic': provider({
    wire: 'anthropic',
    baseUrl: 'https://api.z.ai/api/anthropic',
    baseUrlVariables: ['ZAI_ANTHROPIC_BASE_URL'],
    keyVariables: ['ZAI_API_KEY', 'ZHIPU_API_KEY'],
  }),

  google: provider({
    wire: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
    baseUrlVariables: ['GOOGLE_BASE_URL', 'GEMINI_BASE_URL', 'GEMINI_API_BASE'],
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'],
    quirks: { documents: true },
  }),
  bedrock: provider({
    wire: 'bedrock',
    baseUrl: null,
    baseUrlVariables: ['BEDROCK_BASE_URL', 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME', 'AWS_BEDROCK_RUNTIME_ENDPOINT'],
    keyVariables: ['AWS_BEARER_TOKEN_BEDROCK', 'AWS_ACCESS_KEY_ID'],
    shared: true,
    quirks: { documents: true },
  }),
  cohere: provider({
    wire: 'cohere',
    baseUrl: 'https://api.cohere.com/v2',
    baseUrlVariables: ['COHERE_BASE_URL', 'COHERE_API_BASE', 'CO_API_URL'],
    keyVariables: ['COHERE_API_KEY', 'CO_API_KEY'],
  }),
  'openai-responses': provider({
    wire: 'openai-responses',
    baseUrl: 'https://api.openai.com/v1',
    baseUrlVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    keyVariables: ['OPENAI_API_KEY'],
    quirks: { ...OPENAI, systemMessages: 'first' },
  }),

  openai: chatProvider('https://api.openai.com/v1', ['OPENAI_API_KEY'], { quirks: OPENAI }),
  azure: chatProvider(null, ['AZURE_API_KEY', 'AZURE_OPENAI_API_KEY'], {
    baseUrlVariables: ['AZURE_API_BASE', 'AZURE_OPENAI_ENDPOINT', 'AZURE_BASE_URL'],
    auth: 'api-key',
    // A deployment's name does not tell its model, and the newer field is refused by no current version of the service.
    quirks: { ...OPENAI, maxTokensField: 'max_completion_tokens', effort: 'by-model', documents: false },
  }),
  openrouter: chatProvider('https://openrouter.ai/api/v1', ['OPENROUTER_API_KEY'], {
    quirks: { documents: true, effort: 'reasoning-object', parallelToolCalls: true },
  }),
  groq: chatProvider('https://api.groq.com/openai/v1', ['GROQ_API_KEY'], { quirks: { parallelToolCalls: true } }),
  deepseek: chatProvider('https://api.deepseek.com/v1', ['DEEPSEEK_API_KEY'], {
    quirks: { ...REASONING_BACK, ...NO_MEDIA, structured: 'json_object' },
  }),
  mistral: chatProvider('https://api.mistral.ai/v1', ['MISTRAL_API_KEY'], {
    quirks: { callIds: 'nine', streamUsage: false, parallelToolCalls: true },
  }),
  xai: chatProvider('https://api.x.ai/v1', ['XAI_API_KEY'], { quirks: { effort: 'by-model' } }),
  together: chatProvider('https://api.together.xyz/v1', [
    'TOGETHER_API_KEY',
    'TOGETHERAI_API_KEY',
    'TOGETHER_AI_API_KEY',
  ]),
  fireworks: chatProvider('https://api.fireworks.ai/inference/v1', ['FIREWORKS_API_KEY', 'FIREWORKS_AI_API_KEY']),
  moonshot: chatProvider('https://api.moonshot.ai/v1', ['MOONSHOT_API_KEY'], { quirks: REASONING_BACK }),
  'moonshot-cn': chatProvider('https://api.moonshot.cn/v1', ['MOONSHOT_CN_API_KEY'], { quirks: REASONING_BACK }),
  minimax: chatProvider('https://api.minimax.io/v1', ['MINIMAX_API_KEY'], { quirks: NO_MEDIA }),
  zai: chatProvider('https://api.z.ai/api/paas/v4', ['ZAI_API_KEY', 'ZHIPU_API_KEY'], {
    quirks: { ...REASONING_BACK, structured: 'json_object' },
  }),
  zhipuai: chatProvider('https://open.bigmodel.cn/api/paas/v4', ['ZHIPUAI_API_KEY', 'ZHIPU_API_KEY'], {
    quirks: { ...REASONING_BACK, structured: 'json_object' },
  }),
  'github-models': chatProvider('https://models.github.ai/inference', ['GITHUB_MODELS_TOKEN', 'GITHUB_TOKEN'], {
    baseUrlVariables: ['GITHUB_MODELS_BASE_URL'],
    shared: true,
  }),
  huggingface: chatProvider('https://router.huggingface.co/v1', ['HF_TOKEN', 'HUGGINGFACE_API_KEY'], {
    baseUrlVariables: ['HUGGINGFACE_BASE_URL', 'HUGGINGFACE_API_BASE'],
    shared: true,
  }),
  cloudflare: chatProvider(null, ['CLOUDFLARE_API_KEY', 'CLOUDFLARE_API_TOKEN'], {
    baseUrlVariables: ['CLOUDFLARE_AI_BASE_URL'],
    shared: true,
  }),
  databricks: chatProvider(null, ['DATABRICKS_TOKEN', 'DATABRICKS_API_KEY'], {
    baseUrlVariables: ['DATABRICKS_API_BASE'],
    shared: true,
  }),
  snowflake: chatProvider(null, ['SNOWFLAKE_JWT'], { baseUrlVariables: ['SNOWFLAKE_API_BASE'], shared: true }),

  ollama: ownServer('http://127.0.0.1:11434/v1', 'OLLAMA'),
  vllm: ownServer('http://127.0.0.1:8000/v1', 'VLLM'),
  lmstudio: ownServer('http://127.0.0.1:1234/v1', 'LM_STUDIO'),
  llamacpp: ownServer('http://127.0.0.1:8080/v1', 'LLAMACPP'),
  llamafile: ownServer('http://127.0.0.1:8080/v1', 'LLAMAFILE'),
  litellm: ownServer('http://127.0.0.1:4000/v1', 'LITELLM'),
  localai: ownServer('http://127.0.0.1:8080/v1', 'LOCALAI'),
  sglang: ownServer('http://127.0.0.1:30000/v1', 'SGLANG'),
  xinference: ownServer('http://127.0.0.1:9997/v1', 'XINFERENCE'),
  jan: ownServer('http://127.0.0.1:1337/v1', 'JAN'),
  koboldcpp: ownServer('http://127.0.0.1:5001/v1', 'KOBOLDCPP'),
  'docker-model-runner': ownServer('http://127.0.0.1:12434/engines/v1', 'DOCKER_MODEL_RUNNER'),
  'openai-compatible': ownServer(null, 'OPENAI_COMPATIBLE'),
};

export const PROVIDERS: Readonly<Record<string, ProviderRow>> = { ...HOSTED_PROVIDERS, ...SPECIAL };

/** Other names of the same rows, as LiteLLM and others write them. */
export const PROVIDER_ALIASES: Readonly<Record<string, string>> = {
  alibaba: 'dashscope',
  amazon_bedrock: 'bedrock',
  'amazon-bedrock': 'bedrock',
  azure_ai: 'azure',
  azure_openai: 'azure',
  cohere_chat: 'cohere',
  featherless_ai: 'featherless',
  fireworks_ai: 'fireworks',
  friendliai: 'friendli',
  gemini: 'google',
  github: 'github-models',
  gradient_ai: 'digitalocean',
  hosted_vllm: 'vllm',
  lambda_ai: 'lambda',
  litellm_proxy: 'litellm',
  lm_studio: 'lmstudio',
  meta_llama: 'meta-llama',
  mistralai: 'mistral',
  moonshotai: 'moonshot',
  novita_ai: 'novita',
  nvidia_nim: 'nvidia',
  ollama_chat: 'ollama',
  openai_like: 'openai-compatible',
  custom_openai: 'openai-compatible',
  responses: 'openai-responses',
  together_ai: 'together',
  togetherai: 'together',
  veniceai: 'venice',
  vercel_ai_gateway: 'vercel',
  xiaomi_mimo: 'xiaomi',
};

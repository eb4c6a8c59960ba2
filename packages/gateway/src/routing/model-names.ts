/** Which provider serves a model that is named without one. */

const OWNERS: readonly (readonly [pattern: RegExp, provider: string])[] = [
  [
    /^((us|eu|apac|au|jp|ca|us-gov|global)\.)?(anthropic|amazon|meta|cohere|ai21|mistral|deepseek|qwen|openai|writer|moonshot|minimax|nvidia|google)\./,
    'bedrock',
  ],
  [/^claude([-_]|$)/, 'anthropic'],
  // These are not served at OpenAI's chat endpoint.
  [
    /^(gpt-[\d.]+-codex|gpt-[\d.]+-pro|codex-|o1-pro|o3-pro|o3-deep-research|o4-mini-deep-research|computer-use)/,
    'openai-responses',
  ],
  [/^(gpt-|chatgpt-|o\d(-|$)|ft:gpt-)/, 'openai'],
  [/^(command|c4ai-)/, 'cohere'],
  [/^(gemini|gemma)-/, 'google'],
  [/^deepseek-/, 'deepseek'],
  [/^(mistral|ministral|magistral|devstral|codestral|pixtral|open-mi[sx]tral)/, 'mistral'],
  [/^grok-/, 'xai'],
  [/^(kimi|moonshot)-/, 'moonshot'],
  [/^glm-/, 'zai'],
  [/^minimax-/i, 'minimax'],
];

/** Null when the name does not tell. */
export function ownerOf(model: string): string | null {
  return OWNERS.find(([pattern]) => pattern.test(model))?.[1] ?? null;
}

/** A name goes into a URL for some providers: nothing that could leave its place in the path. */
export function isSafeModelName(model: string): boolean {
  return /^[\w.:@+/ -]{1,256}$/.test(model) && !model.split('/').some((part) => /^\.*$/.test(part));
}

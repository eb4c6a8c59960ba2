/** Names that Claude Code knows without anybody's help. */

/** What it asks for by itself, or one like it: only whose model it is matters. */
export const DEFAULT_CLAUDE = 'claude-opus-5-5';

/** A short name, or anything that says whose it is: `us.anthropic.claude-…`, `claude-…@2025…`, an ARN of Bedrock. */
export function isClaudeName(model: string): boolean {
  return /^(default|best|opus|opusplan|sonnet|haiku|fable)(\[1m\])?$/i.test(model) || /claude|^arn:/i.test(model);
}

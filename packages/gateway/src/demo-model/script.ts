/**
 * Scripts: what the demo model is to answer, written into the prompt by tests and demonstrations.
 *
 *     <script>[{"tool":"Bash","input":{"command":"ls"}},{"text":"I saw: {{result}}"}]</script>
 *
 * Each step with `text`, `tool`, `tools` or `status` is one answer of the model. `text` alone ends the turn; the next prompt gets
 * the next step. A step may join `thinking`, `text` and calls in one answer. A step with only `delayMs` or `thinking` belongs
 * to the answer after it. A `status` step fails the request with that HTTP status, as often as the caller retries; the next
 * prompt without a script moves past it. To nest a script in the input of a call (for a sub-agent), `<` is written \u003c.
 */
import { ApiError } from '../anthropic/errors.ts';

export interface ScriptCall {
  tool: string;
  input?: Record<string, unknown>;
}

export interface ScriptStep {
  text?: string;
  thinking?: string;
  tool?: string;
  input?: Record<string, unknown>;
  /** Several calls in one answer. */
  tools?: ScriptCall[];
  /** HTTP status ≥ 400 instead of an answer. */
  status?: number;
  /** Message of the failure; only with `status`. */
  message?: string;
  /** Seconds for the `retry-after` header; only with `status`. */
  retryAfter?: number;
  /** Milliseconds of silence before this answer. */
  delayMs?: number;
}

/** One answer of the model, made of one or more steps. */
export interface ScriptAnswer {
  delayMs: number;
  thinking: string | null;
  text: string | null;
  calls: { tool: string; input: Record<string, unknown> }[];
  failure: { status: number; message: string; retryAfterSeconds: number | null } | null;
}

const SCRIPT = /<script>(\s*\[\s*\{[\s\S]*?)<\/script>/g;

/** The text that makes the demo model follow `steps`; put it anywhere in a prompt. */
export function scripted(steps: readonly ScriptStep[]): string {
  return `<script>${JSON.stringify(steps).replaceAll('<', '\\u003c')}</script>`;
}

function wrong(index: number, problem: string): ApiError {
  return new ApiError(
    'invalid_request_error',
    `The demo model cannot follow the script: step ${index + 1} ${problem}.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const isCall = (value: unknown): boolean =>
  isObject(value) && isText(value.tool) && (value.input === undefined || isObject(value.input));

const FIELDS: Record<keyof ScriptStep, { holds: (value: unknown) => boolean; must: string }> = {
  text: { holds: isText, must: 'needs a text that is not blank' },
  thinking: { holds: isText, must: 'needs a thinking text that is not blank' },
  tool: { holds: isText, must: 'needs the name of a tool' },
  input: { holds: isObject, must: 'needs an object as input' },
  tools: {
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every(isCall),
    must: 'needs tools of the form {tool, input}',
  },
  status: {
    holds: (value) => isCount(value) && Number(value) >= 400 && Number(value) < 600,
    must: 'needs a status of 400 to 599',
  },
  message: { holds: isText, must: 'needs a message that is not blank' },
  retryAfter: { holds: isCount, must: 'needs retryAfter in whole seconds' },
  delayMs: { holds: isCount, must: 'needs delayMs in whole milliseconds' },
};

function checkStep(value: unknown, index: number): ScriptStep {
  if (!isObject(value)) throw wrong(index, 'is not an object');
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(FIELDS, name)) throw wrong(index, `has the unknown field "${name}"`);
    const rule = FIELDS[name as keyof ScriptStep];
    if (!rule.holds(field)) throw wrong(index, rule.must);
  }
  if (Object.keys(value).length === 0) throw wrong(index, 'is empty');
  if ('input' in value && !('tool' in value)) throw wrong(index, 'has an input but no tool');
  if ('status' in value && ('text' in value || 'tool' in value || 'tools' in value)) {
    throw wrong(index, 'cannot both fail and answer');
  }
  return value;
}

function emptyAnswer(): ScriptAnswer {
  return { delayMs: 0, thinking: null, text: null, calls: [], failure: null };
}

/** Joins the steps into answers. What trails without an answer of its own goes before the closing text. */
export function compileScript(steps: readonly ScriptStep[]): { answers: ScriptAnswer[]; trailing: ScriptAnswer } {
  const answers: ScriptAnswer[] = [];
  let answer = emptyAnswer();
  for (const step of steps) {
    answer.delayMs += step.delayMs ?? 0;
    if (step.thinking) answer.thinking = answer.thinking ? `${answer.thinking}\n${step.thinking}` : step.thinking;
    answer.text = step.text ?? null;
    const calls = [...(step.tool ? [{ tool: step.tool, input: step.input }] : []), ...(step.tools ?? [])];
    answer.calls = calls.map((call) => ({ tool: call.tool, input: call.input ?? {} }));
    if (step.status) {
      const message = step.message ?? `The script asked for status ${step.status}.`;
      answer.failure = { status: step.status, message, retryAfterSeconds: step.retryAfter ?? null };
    }
    if (answer.text === null && answer.calls.length === 0 && !answer.failure) continue;
    answers.push(answer);
    answer = emptyAnswer();
  }
  return { answers, trailing: answer };
}

/**
 * The last script in a prompt, or null. `<script>` that does not begin with `[{` is somebody's HTML, not ours.
 * @throws ApiError `invalid_request_error` naming the step that is wrong.
 */
export function parseScript(prompt: string): ScriptStep[] | null {
  const source = [...prompt.matchAll(SCRIPT)].at(-1)?.[1];
  if (source === undefined) return null;
  let steps: unknown;
  try {
    steps = JSON.parse(source);
  } catch (cause) {
    throw new ApiError('invalid_request_error', 'The demo model cannot follow the script: it is not valid JSON.', {
      cause,
    });
  }
  return Array.isArray(steps) ? steps.map(checkStep) : null;
}

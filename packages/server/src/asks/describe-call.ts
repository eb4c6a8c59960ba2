/** A tool call in one line of text that leaves nothing out: what is not in the line could not be approved by it. */
import { canonicalJson } from './hash.ts';
import { relativeInside } from './risk/paths.ts';
import { exactText, quotedText } from './visible-text.ts';

type Input = Record<string, unknown>;

interface CallShape {
  /** Fields the line is made of, or null when they are not as expected. */
  line(input: Input, cwd: string): string | null;
  /** Fields the line shows. */
  shows: readonly string[];
  /** Fields that change nothing about what happens. */
  ignores: readonly string[];
}

const SHAPES: ReadonlyMap<string, CallShape> = new Map<string, CallShape>([
  [
    'Bash',
    {
      shows: ['command'],
      ignores: ['description', 'timeout'],
      line: ({ command }) => (typeof command === 'string' ? `Bash: ${exactText(command)}` : null),
    },
  ],
  [
    'Read',
    {
      shows: ['file_path'],
      ignores: ['offset', 'limit'],
      line: (input, cwd) => fileLine('Read', input.file_path, cwd),
    },
  ],
  [
    'Write',
    {
      shows: ['file_path', 'content'],
      ignores: [],
      line: ({ file_path, content }, cwd) => joined(fileLine('Write', file_path, cwd), quoted(content)),
    },
  ],
  [
    'Edit',
    {
      shows: ['file_path', 'old_string', 'new_string'],
      ignores: [],
      line: (input, cwd) => joined(fileLine('Edit', input.file_path, cwd), change(input)),
    },
  ],
  [
    'MultiEdit',
    {
      shows: ['file_path', 'edits'],
      ignores: [],
      line: ({ file_path, edits }, cwd) => joined(fileLine('MultiEdit', file_path, cwd), changes(edits)),
    },
  ],
]);

/** `Bash: npm test`, `Write hello.md: "Hello"`, `Edit a.ts: "old" -> "new"`, `mcp__x__y: {"a":1}`. Agent-written: one line, unlinked. */
export function describeCall(tool: string, input: Input, cwd: string): string {
  const shape = SHAPES.get(tool);
  const line = shape?.line(input, cwd) ?? null;
  if (shape === undefined || line === null) return `${toolLabel(tool)}: ${exactText(canonicalJson(input))}`;
  const known = new Set([...shape.shows, ...shape.ignores]);
  const rest = Object.entries(input).filter(
    ([field, value]) => !known.has(field) && value !== undefined && value !== false,
  );
  return rest.length === 0 ? line : `${line} (${exactText(canonicalJson(Object.fromEntries(rest)))})`;
}

/** A tool's name in letters that cannot break the frame. */
export function toolLabel(tool: string): string {
  return tool.replace(/[^A-Za-z0-9_. -]+/g, '-').slice(0, 60);
}

/** A path inside the project is shown from there; any other one in full. */
function fileLine(verb: string, path: unknown, cwd: string): string | null {
  if (typeof path !== 'string') return null;
  const inside = relativeInside(path, cwd, cwd);
  return `${verb} ${exactText(inside === null || inside === '' ? path : inside)}`;
}

function joined(start: string | null, end: string | null): string | null {
  return start === null || end === null ? null : `${start}: ${end}`;
}

function quoted(text: unknown): string | null {
  return typeof text === 'string' ? quotedText(text) : null;
}

function change(edit: Input): string | null {
  const [before, after] = [quoted(edit.old_string), quoted(edit.new_string)];
  return before === null || after === null ? null : `${before} -> ${after}`;
}

function changes(edits: unknown): string | null {
  if (!Array.isArray(edits)) return null;
  const lines = edits.map((edit: unknown) => {
    const entry = { ...(edit as Input) };
    const line = change(entry);
    const all = entry.replace_all === true ? ' (everywhere)' : '';
    const known = ['old_string', 'new_string', 'replace_all'];
    return line === null || Object.keys(entry).some((field) => !known.includes(field)) ? null : `${line}${all}`;
  });
  return lines.includes(null) ? null : lines.join(', ');
}

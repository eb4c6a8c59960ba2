/**
 * The note with which the server goes on after it lost an agent process, possibly while a tool call waited for a person:
 *
 *     <companion-note kind="resume" tool="Write" tool_use_id="toolu_…" decision="allow">sentences</companion-note>
 *
 * A real model reads the sentences. The demo model reads the attributes.
 */
type ResumeDecision = 'allow' | 'deny' | 'none';

export interface ResumeNote {
  /** Name of the tool; empty when the note does not name it. */
  tool: string;
  /** Null when the note does not name the call. */
  toolUseId: string | null;
  decision: ResumeDecision;
}

const NOTE = /^\s*<companion-note\s([^>]*)>/;
const ATTRIBUTE = /([a-z_]+)="([^"]*)"/g;
const DECISIONS: Record<ResumeDecision, true> = { allow: true, deny: true, none: true };

/** The note that a prompt consists of, or null when it is an ordinary prompt. An unknown decision counts as `none`. */
export function parseResumeNote(prompt: string): ResumeNote | null {
  const attributes = new Map<string, string>();
  for (const [, name, value] of (NOTE.exec(prompt)?.[1] ?? '').matchAll(ATTRIBUTE)) {
    if (name !== undefined && value !== undefined) attributes.set(name, value);
  }
  if (attributes.get('kind') !== 'resume') return null;
  const decision = attributes.get('decision') ?? 'none';
  return {
    tool: attributes.get('tool') ?? '',
    toolUseId: attributes.get('tool_use_id') || null,
    decision: Object.hasOwn(DECISIONS, decision) ? (decision as ResumeDecision) : 'none',
  };
}

/** A session's events as lines for a person. */
import type { EventKind, SessionEvent } from '@claude-companion/protocol';
import pc from 'picocolors';

type Line = (event: never) => string | null;

const quiet = (): null => null;
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';
const clip = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** The one thing worth seeing of a tool's input. */
function subject(input: Record<string, unknown>): string {
  for (const key of ['command', 'file_path', 'pattern', 'path', 'url', 'description']) {
    const value = input[key];
    if (typeof value === 'string') return clip(firstLine(value), 70);
  }
  return '';
}

type EventOf<K extends EventKind> = Extract<SessionEvent, { kind: K }>;

const LINES: { [K in EventKind]: (event: EventOf<K>) => string | null } = {
  'session.started': (event) => pc.dim(`session ${event.sessionId} in ${event.data.cwd}`),
  'session.configured': quiet,
  'session.ended': () => pc.dim('session closed'),
  'prompt.accepted': (event) =>
    event.data.source === 'person'
      ? `${pc.bold('you  ')} ${clip(event.data.text, 300)}`
      : pc.dim('       the server told the agent to go on'),
  'turn.started': quiet,
  'turn.ended': (event) =>
    event.data.outcome === 'completed'
      ? null
      : pc.yellow(`the turn ended: ${event.data.error?.message ?? event.data.outcome}`),
  'message.assistant': (event) => `${pc.bold('agent')} ${event.data.text}`,
  'message.thinking': quiet,
  'tool.started': (event) => pc.dim(`      ${event.data.tool} ${subject(event.data.input)}`),
  'tool.finished': (event) =>
    event.data.ok ? null : pc.dim(`      did not work: ${clip(firstLine(event.data.output), 90)}`),
  'ask.opened': (event) =>
    event.data.kind === 'done' || event.data.kind === 'error' ? null : pc.yellow(`asks  ${event.data.title}`),
  'ask.answered': (event) => pc.green(`      answered by ${event.data.via}: ${event.data.answer.decision}`),
  'ask.applied': () => pc.green('      the agent has the answer'),
  'ask.closed': (event) => pc.dim(`      ask ${event.data.state}: ${event.data.reason}`),
  'agent.queued': (event) => pc.dim(`waits for a free agent process, number ${event.data.position} in line`),
  'agent.started': (event) =>
    pc.dim(event.data.resumed ? 'agent process started, history restored' : 'agent process started'),
  'agent.stopped': (event) =>
    event.data.reason === 'crashed' ? pc.yellow('agent process lost') : pc.dim('agent process closed'),
  'monitor.reported': (event) => pc.bold(`reports ${event.data.event}`),
  'delivery.updated': quiet,
};

/** Null for what a person need not see. */
export const sessionLine = (event: SessionEvent): string | null => (LINES[event.kind] as Line)(event as never);

/** Commands that work on a running server. */
import type { Answer, Ask } from '@claude-companion/protocol';
import { CompanionError } from '@claude-companion/protocol';
import pc from 'picocolors';
import { connect, type ServerOptions } from './connect.ts';
import type { Surroundings } from './surroundings.ts';
import { sessionLine } from './terminal/session-lines.ts';

/** Starts a session, shows what happens in it, and ends with the turn: 0 when it completed. */
export async function run(
  surroundings: Surroundings,
  options: ServerOptions,
  task: { project: string; message: string },
): Promise<number> {
  const client = await connect(surroundings, options);
  const { session_id: sessionId } = await client.startSession(task);
  for await (const item of client.followSession(sessionId, { signal: surroundings.stopped })) {
    if (item.kind !== 'event') continue;
    const line = sessionLine(item.event);
    if (line !== null) surroundings.stdout(line);
    if (item.event.kind === 'turn.ended') return item.event.data.outcome === 'completed' ? 0 : 1;
  }
  surroundings.stdout(pc.dim(`The session goes on. Its id is ${sessionId}.`));
  return 0;
}

export async function asks(surroundings: Surroundings, options: ServerOptions): Promise<number> {
  const client = await connect(surroundings, options);
  const open = await client.listAsks();
  if (open.length === 0) surroundings.stdout('Nothing needs you.');
  for (const ask of open) surroundings.stdout(describe(ask));
  return 0;
}

function describe(ask: Ask): string {
  const what = ask.input ? `\n  ${JSON.stringify(ask.input)}` : '';
  const why = ask.riskReasons.length > 0 ? ` (${ask.riskReasons.join(', ')})` : '';
  return `${pc.bold(ask.id.slice(0, 8))} ${ask.title}${what}\n  ${pc.dim(`risk ${ask.risk}${why}, until ${ask.deadline}`)}`;
}

const DECISIONS: Record<string, (message: string | undefined) => Answer> = {
  allow: (message) => ({ decision: 'allow', applySuggestions: false, ...(message ? { message } : {}) }),
  deny: (message) => ({ decision: 'deny', ...(message ? { message } : {}) }),
  reply: (message) => ({ decision: 'reply', ...(message ? { message } : {}) }),
};

export async function answer(
  surroundings: Surroundings,
  options: ServerOptions,
  given: { ask: string; decision: string; message: string | undefined },
): Promise<number> {
  const decide = DECISIONS[given.decision];
  if (!decide) throw new CompanionError('INVALID_PARAMETERS', 'The decision is one of: allow, deny, reply.');
  const client = await connect(surroundings, options);
  const matching = (await client.listAsks({ state: 'all' })).filter((ask) => ask.id.startsWith(given.ask));
  const [ask, another] = matching;
  if (!ask) throw new CompanionError('ASK_NOT_FOUND', `No ask begins with ${given.ask}. "companion asks" lists them.`);
  if (another)
    throw new CompanionError('INVALID_PARAMETERS', `Several asks begin with ${given.ask}. Give more of the id.`);
  const result = await client.answerAsk(ask.id, decide(given.message));
  surroundings.stdout(result.message);
  return result.outcome === 'answered' || result.outcome === 'applied' ? 0 : 1;
}

export async function link(surroundings: Surroundings, options: ServerOptions & { phone?: string }): Promise<number> {
  const client = await connect(surroundings, options);
  const { url } = await client.makeSignInLink(options.phone === undefined ? {} : { phone: options.phone });
  surroundings.stdout(url);
  return 0;
}

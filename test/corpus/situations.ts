/** What is open when a text of the corpus arrives. Every row of `replies/` stands below the name of one of these. */
import type { NamedSession, OpenCode, SmsContext } from '../../packages/server/src/asks/interpret.ts';

const session = (name: string, facts: Partial<NamedSession> = {}): NamedSession => {
  const number = facts.number ?? 1;
  return { id: `${name} ${number}`, name, number, kind: 'hosted', engaged: true, ...facts };
};
const decision = (code: string, project: string): OpenCode => ({ code, takes: 'decision', sessionId: `${project} 1` });
const words = (code: string, project: string): OpenCode => ({ code, takes: 'words', sessionId: `${project} 1` });

const base: SmsContext = {
  openCodes: [],
  untold: [],
  waiting: [],
  sessions: [session('my-app'), session('web'), session('docs')],
  projects: ['my-app', 'web', 'docs', 'api-server'],
};

export const SITUATIONS: Readonly<Record<string, SmsContext>> = {
  /** One decision is open. */
  one: { ...base, openCodes: [decision('7K3F', 'my-app')] },
  /** Two decisions, of two sessions. */
  two: { ...base, openCodes: [decision('7K3F', 'my-app'), decision('M2WX', 'web')] },
  /** Two decisions and a question. */
  three: { ...base, openCodes: [decision('7K3F', 'my-app'), decision('M2WX', 'web'), words('Q4RT', 'docs')] },
  question: { ...base, openCodes: [words('Q4RT', 'docs')] },
  'two questions': { ...base, openCodes: [words('Q4RT', 'docs'), words('C7WD', 'web')] },
  /** Codes whose characters are easily mistyped. */
  alike: { ...base, openCodes: [decision('S9L2', 'my-app'), decision('GB4X', 'web')] },
  /** One decision that is too long or too risky for a text: no code was told. */
  screen: { ...base, untold: ['my-app 1'] },
  /** A session is done and waits for words; nothing else is open. */
  waits: { ...base, waiting: ['my-app 1'] },
  'both wait': { ...base, waiting: ['my-app 1', 'web 1'] },
  /** One session asks for a decision, another waits for words. */
  busy: { ...base, openCodes: [decision('7K3F', 'web')], waiting: ['my-app 1'] },
  /** Sessions work and nobody is asked anything; two of them are of one project. */
  quiet: {
    ...base,
    sessions: [...base.sessions, session('api-server'), session('api-server', { number: 2 })],
  },
  none: { ...base, sessions: [] },
};

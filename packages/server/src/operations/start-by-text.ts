/** `NEW my-app fix the flaky test`: who may start a session by a text, where, and the session itself. */
import { CompanionError } from '@claude-companion/protocol';
import { interpret } from '../asks/interpret.ts';
import { beginsSession } from '../asks/sms-names.ts';
import { type Person, phoneOf } from '../store/people.ts';
import type { NewSession } from '../store/sessions.ts';
import type { Context } from './context.ts';
import { projectNames } from './default-project.ts';
import { prepareSession } from './start-session.ts';

/** What a text needs to know to start a session, looked up before its transaction. */
export interface SessionStart {
  /** Null: this person may start none. */
  projects: readonly string[] | null;
  /** Made where the text wants it; null when it wants none, or none can be made there. */
  prepared: NewSession | null;
}

const NONE: SessionStart = { projects: [], prepared: null };

/** The owner, and people of listed phones: by the number, not by a token, as a text brings none. */
async function mayHost({ store, owner, policy }: Context, person: Person): Promise<boolean> {
  if (person.id === owner.id) return true;
  const phone = await phoneOf(store.db, store.seal, person.id);
  return phone !== null && policy.hostPhones.has(phone);
}

export async function prepareStart(context: Context, person: Person, body: string): Promise<SessionStart> {
  if (!beginsSession(body)) return NONE;
  if (!(await mayHost(context, person))) return { projects: null, prepared: null };
  const projects = (await projectNames(context.policy.projectsDir)).sort();
  const read = interpret(body, { openCodes: [], untold: [], waiting: [], sessions: [], projects });
  const [command] = read.kind === 'commands' ? read.commands : [];
  if (command?.kind !== 'start') return { projects, prepared: null };
  try {
    const by = { personId: person.id, isOwner: false, strength: 'claimed' } as const;
    const request = { project: command.project, via: 'sms', by } as const;
    return { projects, prepared: await prepareSession(context, request, context.ids.uuid()) };
  } catch (error) {
    if (!(error instanceof CompanionError)) throw error;
    context.logger.warn({ code: error.code }, 'a session that a text asked for cannot be made');
    return { projects, prepared: null };
  }
}

/** What can be taken up again: sessions of the store, and conversations on disk that the store does not know. */
import { knownSessions, listResumable } from '../store/sessions.ts';
import { type Actor, listedFor } from './actor.ts';
import type { Context } from './context.ts';
import { resolveProject } from './resolve-project.ts';
import type { SavedConversation, SavedConversations } from './saved-conversations.ts';

export interface AvailableSession {
  sessionId: string;
  modified: string;
  preview: string;
  project: string | null;
}

const MAX_LISTED = 1_000;
const PREVIEW_CHARACTERS = 200;

/** The last used first. Conversations outside PROJECTS_DIR are left out: no session may be started there. */
export async function availableSessions(
  context: Context,
  saved: SavedConversations,
  actor: Actor,
): Promise<AvailableSession[]> {
  const { db } = context.store;
  const [stored, onDisk] = await Promise.all([
    listResumable(db, { limit: MAX_LISTED, personId: listedFor(actor) }),
    // Whose they are is not known: they are the owner's.
    actor.isOwner ? saved.list() : [],
  ]);
  const known = await knownSessions(
    db,
    onDisk.map(({ sessionId }) => sessionId),
  );
  const projects = new Map<string, Promise<string | null>>();
  const projectOf = (cwd: string): Promise<string | null> => {
    const looked = projects.get(cwd) ?? projectBelow(context, cwd);
    projects.set(cwd, looked);
    return looked;
  };
  const others = await Promise.all(
    onDisk
      .filter(({ sessionId }) => !known.has(sessionId))
      .map(async (conversation) => ({ conversation, project: await projectOf(conversation.cwd) })),
  );
  const sessions = [
    ...stored.map(({ id, modified, preview, project }) => ({ sessionId: id, modified, preview, project })),
    ...others.flatMap(({ conversation, project }) => (project === null ? [] : [ofDisk(conversation, project)])),
  ];
  return sessions
    .sort((a, b) => b.modified.localeCompare(a.modified))
    .slice(0, MAX_LISTED)
    .map((session) => ({ ...session, preview: shortened(session.preview) }));
}

const ofDisk = ({ sessionId, modified, preview }: SavedConversation, project: string): AvailableSession => ({
  sessionId,
  modified,
  preview,
  project,
});

async function projectBelow({ policy }: Context, cwd: string): Promise<string | null> {
  try {
    return (await resolveProject(policy.projectsDir, { cwd })).project;
  } catch {
    return null;
  }
}

/** On one line, cut between characters and not within one. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  const cut = [...line].slice(0, PREVIEW_CHARACTERS).join('');
  return cut.length < line.length ? `${cut}…` : line;
}

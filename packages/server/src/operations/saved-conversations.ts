/** Conversations that lie on the disk of this server, also those it never hosted. The agents' side knows how to read them. */
export interface SavedConversation {
  /** A UUID. */
  sessionId: string;
  /** Where it was held. */
  cwd: string;
  /** ISO 8601, UTC. */
  modified: string;
  /** The first words of a person, cut. */
  preview: string;
}

export interface SavedConversations {
  /** The newest first, each once. */
  list(): Promise<SavedConversation[]>;
  find(sessionId: string): Promise<SavedConversation | null>;
}

/** Copies what one process writes into its transcripts to the database, entry by entry, while it writes. */
import type { SessionKey, SessionStore } from '@anthropic-ai/claude-agent-sdk';
import type { Fence } from '../../store/event-batch.ts';
import type { StoredTranscripts, TranscriptEntry } from '../../store/transcripts.ts';

export class TranscriptMirror implements SessionStore {
  readonly #stored: StoredTranscripts;
  #session: { sessionId: string; fence: Fence } | null = null;

  constructor(stored: StoredTranscripts) {
    this.#stored = stored;
  }

  /** Whose process it is. A spare writes nothing before it is told. */
  bind(session: { sessionId: string; fence: Fence }): void {
    this.#session = session;
  }

  /** The SDK tries again twice; the end of a turn waits until everything before it is here. */
  async append({ projectKey, sessionId, subpath = '' }: SessionKey, entries: TranscriptEntry[]): Promise<void> {
    if (!this.#session) return;
    const { sessionId: ours, fence } = this.#session;
    await this.#stored.append({ sessionId: ours, projectKey, transcriptId: sessionId, subpath }, entries, fence);
  }

  /**
   * Nothing, so that the process goes on from the files: the SDK would make it a configuration directory of its own below the
   * system's temporary one and forget both together with what the store does not have yet.
   */
  async load(): Promise<null> {
    return null;
  }
}

/** What the demo model has decided to answer, before it is played to the caller. */
export interface Call {
  id: string;
  name: string;
  input: Record<string, unknown>;
}

export type Reply =
  | {
      kind: 'message';
      /** Milliseconds of silence before the first piece. */
      delayMs: number;
      thinking: string | null;
      text: string | null;
      calls: Call[];
    }
  | { kind: 'failure'; delayMs: number; status: number; message: string; retryAfterSeconds: number | null };

/** Makes a new, unique part of an id. */
export type Ids = () => string;

export function say(text: string, ...calls: Call[]): Reply {
  return { kind: 'message', delayMs: 0, thinking: null, text, calls };
}

/**
 * Ids of the demo model's calls: `toolu_demo_<mark>_<unique>`, or `toolu_demo_<mark>_again_<unique>` for the repeat of a
 * call that was lost. Ids are the one thing in a transcript that comes back unchanged and unseen, so they carry what a
 * model without memory must know: which step a call belongs to (`mark`), and that a repeat is not a step of its own.
 */
const ID = /^toolu_demo_([a-z0-9]+)_(again_)?[A-Za-z0-9]+$/;

/** Mark of calls that belong to no named step. */
export const PLAIN_MARK = 'call';

export function toolUseId(mark: string, unique: string): string {
  return `toolu_demo_${mark}_${unique}`;
}

/** The id of a repeat of the call `id`, with the same mark. */
export function repeatId(id: string, unique: string): string {
  return toolUseId(`${ID.exec(id)?.[1] ?? PLAIN_MARK}_again`, unique);
}

export function isRepeatId(id: string): boolean {
  return ID.exec(id)?.[2] !== undefined;
}

export function markOf(id: string): string | null {
  return ID.exec(id)?.[1] ?? null;
}

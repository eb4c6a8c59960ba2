/**
 * The headings of a Markdown document, each with the headings above it. Lines inside code fences are no headings: shell
 * comments look the same.
 */
export interface Heading {
  readonly title: string;
  /** The titles above it, outermost first. */
  readonly parents: readonly string[];
}

export function headingsOf(markdown: string): Heading[] {
  const headings: Heading[] = [];
  const open: { level: number; title: string }[] = [];
  let fence: string | undefined;
  for (const line of markdown.split('\n')) {
    const mark = /^ *(```|~~~)/.exec(line)?.[1];
    if (mark !== undefined && (fence === undefined || fence === mark)) fence = fence === undefined ? mark : undefined;
    const heading = fence === undefined ? /^(#{1,6}) +(.+?) *$/.exec(line) : null;
    if (heading?.[1] === undefined || heading[2] === undefined) continue;
    const level = heading[1].length;
    while ((open.at(-1)?.level ?? 0) >= level) open.pop();
    headings.push({ title: heading[2], parents: open.map((parent) => parent.title) });
    open.push({ level, title: heading[2] });
  }
  return headings;
}

/**
 * The headings that a place names: `Create Session`, or `Session Management > Create Session` where the title alone is not
 * unique. The parents named must stand above it in this order; others may stand between.
 */
export function headingsAt(headings: readonly Heading[], place: string): Heading[] {
  const path = place.split(' > ');
  const title = path.at(-1);
  return headings.filter((heading) => {
    if (heading.title !== title) return false;
    const parents = [...heading.parents];
    return path.slice(0, -1).every((wanted) => {
      const at = parents.indexOf(wanted);
      parents.splice(0, at + 1);
      return at >= 0;
    });
  });
}

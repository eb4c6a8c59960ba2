/** Loaded ahead of whatever a process runs: it answers what the bench asks about the process, and ends it with the bench. */
const FIGURES: Readonly<Record<string, () => number>> = {
  /** What its JavaScript holds after a collection of garbage. */
  heapBytes: () => {
    void globalThis.gc?.();
    return process.memoryUsage().heapUsed;
  },
  residentBytes: () => process.memoryUsage.rss(),
  /** Of all its threads, since it started. */
  cpuMicroseconds: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

process.on('message', (question) => {
  const figure = FIGURES[String(question)];
  if (figure) process.send?.(figure());
});
process.on('disconnect', () => process.exit());

/**
 * Ends agent processes whose server is gone, however it went. One tiny shell serves all agents of a server: it reads from a
 * pipe, and the end of the pipe means that the server is dead.
 *
 * Measured without it (CLI 2.1.329, server killed with SIGKILL): an idle agent exits by itself within 40 ms, but one that
 * waits for a permission takes the closed pipe for "denied", asks the model once more and writes both into the transcript,
 * and one that runs a tool or streams goes on to the end of its turn. The next server would start a second process on the
 * same transcript. With it: every agent and its tools are gone within 60 ms and the transcript ends at the open call.
 */
import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Several servers may share a database. One that stands still, or cannot reach the database, loses its sessions to another
 * while its agents go on; so where that can be, the agents end when no heartbeat has come for a while. The timer is a child
 * with a copy of the list, started anew with every message: `read` cannot wait for a limited time.
 *
 * First everything is stopped, then killed with all its descendants: a tool has a process group of its own. Signals of the
 * server's terminal must not end the guard before the server.
 */
const SCRIPT = `
trap '' INT TERM HUP
children() { cat /proc/"$1"/task/*/children 2>/dev/null || pgrep -P "$1" 2>/dev/null; }
tree() { echo "$1"; for child in $(children "$1"); do tree "$child"; done; }
end() { kill -STOP "$@" 2>/dev/null; for root in "$@"; do kill -KILL $(tree "$root") 2>/dev/null; done; }
watched=' '
patience=
timer=
rearm() {
  [ -z "$timer" ] || kill -KILL "$timer" 2>/dev/null
  timer=
  [ -z "$patience" ] || { ( sleep "$patience"; kill -0 $$ 2>/dev/null && end $watched ) & timer=$!; }
}
while read -r verb pid; do
  case "$verb" in
    watch) watched="$watched$pid " ;;
    forget) case "$watched" in *" $pid "*) watched="\${watched%% $pid *} \${watched#* $pid }" ;; esac ;;
    end) end "$pid" ;;
    beat) patience="$pid" ;;
  esac
  rearm
done
end $watched
patience=
rearm
`;

export class ProcessGuard {
  readonly #watched = new Set<number>();
  readonly #path: string;
  #shell: ChildProcess | null = null;
  #patienceS: number | null = null;
  #closed = false;

  constructor(options: { path: string | undefined }) {
    this.#path = options.path ?? '/usr/bin:/bin';
  }

  watch(pid: number): void {
    this.#watched.add(pid);
    if (this.#shell) this.#send('watch', pid);
    else this.#start();
  }

  /** From now on everything watched is killed unless this is called again within so many whole seconds. */
  beat(patienceS: number): void {
    this.#patienceS = patienceS;
    this.#send('beat', patienceS);
  }

  /** To be called as soon as the process is gone: its number may be given to another one. */
  forget(pid: number): void {
    if (!this.#watched.delete(pid)) return;
    this.#send('forget', pid);
    if (this.#closed && this.#watched.size === 0) this.#shell?.stdin?.end();
  }

  /** Kills a watched process and everything it started, at once. False when there is no guard to do it. */
  end(pid: number): boolean {
    if (!this.#shell || !this.#watched.has(pid)) return false;
    this.#send('end', pid);
    return true;
  }

  /** Lets the shell go as soon as no process is watched any more. */
  close(): void {
    this.#closed = true;
    if (this.#watched.size === 0) this.#shell?.stdin?.end();
  }

  #send(verb: 'watch' | 'forget' | 'end' | 'beat', number: number): void {
    this.#shell?.stdin?.write(`${verb} ${number}\n`);
  }

  /** A shell that somebody killed is replaced, and told again what to watch. */
  #start(): void {
    const shell = spawn('/bin/sh', ['-c', SCRIPT], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: this.#path },
      // Out of the server's process group: Ctrl-C in its terminal is not for the guard.
      detached: true,
    });
    this.#shell = shell;
    shell.once('exit', () => {
      if (this.#shell !== shell) return;
      this.#shell = null;
      if (this.#watched.size > 0) this.#start();
    });
    shell.once('error', () => {
      // No /bin/sh: agents then end by the end of their input alone.
      this.#shell = null;
    });
    shell.stdin?.on('error', () => undefined);
    shell.unref();
    unref(shell.stdin);
    if (this.#patienceS !== null) this.#send('beat', this.#patienceS);
    for (const pid of this.#watched) this.#send('watch', pid);
  }
}

/** The pipe of a child is a socket, which alone would keep the server's event loop alive. */
function unref(stream: object | null): void {
  if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
}

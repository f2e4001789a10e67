/** Kills what is left of the nodes, however the bench ends. */

/** The environment variable by which the processes of a cluster are found again, in whatever session they are. */
export const MARKER_NAME = "CHARYBDIS_CLUSTER";
/** How long the last search for processes may take, in ms. */
const SEARCH_TIMEOUT_MS = 3000;

/**
 * A shell that reads ids of process groups: `+ID` for one that started, `-ID` for one that ended. When its input ends, it kills the
 * groups that are left, and then every process whose environment has the cluster's marker (on Linux): those that made a session of
 * their own. Its input ends with the bench, even if the bench is killed itself. Paused processes, which would never notice a closed
 * pipe, are killed as well. A process that clears its environment and leaves its session is not found.
 */
export class ChildReaper {
  /** The environment that every process of the cluster is started with. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #child: Deno.ChildProcess | undefined;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #encoder = new TextEncoder();

  constructor() {
    const marker = crypto.randomUUID();
    this.environment = { [MARKER_NAME]: marker };
    if (Deno.build.os === "windows") return;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT, "reaper", `${MARKER_NAME}=${marker}`],
      cwd: "/", // the bench's folder may be deleted
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true, // a signal to the bench's own group must not end the reaper before its work is done
    }).spawn();
    this.#child.unref();
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => {});
  }

  /** Adds a process group. */
  watch(group: number): void {
    this.#tell(`+${group}`);
  }

  /** Forgets a process group that has ended, since the system may use its id again. */
  forget(group: number): void {
    this.#tell(`-${group}`);
  }

  /** Kills what is left of the cluster, and resolves when that is done. */
  async stop(): Promise<void> {
    await this.#writer?.close().catch(() => {});
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, SEARCH_TIMEOUT_MS);
    await Promise.race([late, this.#child?.status]);
    clearTimeout(timer);
  }

  #tell(line: string): void {
    this.#writer?.write(this.#encoder.encode(`${line}\n`)).catch(() => {});
  }
}

/** A process may start others while it is looked for, so the search is repeated until it finds none, three times at most. */
const SCRIPT = `trap "" INT TERM HUP
groups=" "
while read -r line; do
  id=\${line#?}
  case $line in
    +*) groups="$groups$id " ;;
    -*) groups="\${groups%% $id *} \${groups#* $id }" ;;
  esac
done
for id in $groups; do kill -s KILL -- "-$id"; done
for attempt in 1 2 3; do
  found=
  for file in $(grep -ls -- "$1" /proc/[0-9]*/environ); do
    id=\${file#/proc/}
    kill -s KILL "\${id%/environ}" && found=yes
  done
  [ -n "$found" ] || break
done`;

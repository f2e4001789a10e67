/**
 * Kills the remaining node processes when the bench ends for any reason.
 *
 * Tested by `tests/bench/cluster/process_cluster_test.ts`.
 */

/** The environment variable that identifies the processes of a cluster, in any session. */
const MARKER_NAME = "CHARYBDIS_CLUSTER";
/** Timeout for the last search for processes, in ms. */
const SEARCH_TIMEOUT_MS = 3000;

/**
 * A shell script that reads ids of process groups: `+ID` when one starts, `-ID` when one ends. When its input ends, it kills
 * the remaining groups. It then kills every process whose environment has the cluster's marker (on Linux), which finds
 * processes that created their own session. The input ends with the bench, even if the bench is killed. The script also kills
 * paused processes, which would never notice a closed pipe. It does not find a process that clears its environment and leaves
 * its session.
 */
export class ChildReaper {
  /** The environment with which every process of the cluster starts. */
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
      detached: true, // a signal to the bench's group must not end the reaper early
    }).spawn();
    this.#child.unref();
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => {});
  }

  /** Adds a process group. */
  watch(group: number): void {
    this.#tell(`+${group}`);
  }

  /** Removes a process group that has ended, since the system may reuse its id. */
  forget(group: number): void {
    this.#tell(`-${group}`);
  }

  /** Kills the remaining processes of the cluster. Resolves when they are gone. */
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

/**
 * The script that the class describes. It repeats the search until it finds no process, at most three times, because a process
 * may start others during a search.
 */
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

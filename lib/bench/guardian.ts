/** Kills what is left of the nodes, however the bench ends. */

/**
 * A shell that reads ids of process groups: `+ID` for one that started, `-ID` for one that ended. When its input ends, it kills the
 * groups that are left. Its input ends with the bench, even if the bench is killed itself. Paused processes, which would never
 * notice a closed pipe, are killed as well.
 */
export class ChildReaper {
  readonly #child: Deno.ChildProcess | undefined;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #encoder = new TextEncoder();

  constructor() {
    if (Deno.build.os === "windows") return;
    this.#child = new Deno.Command("/bin/sh", {
      args: ["-c", SCRIPT],
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

  /** Ends the reaper without killing anything. */
  stop(): void {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // it has ended already
    }
  }

  #tell(line: string): void {
    this.#writer?.write(this.#encoder.encode(`${line}\n`)).catch(() => {});
  }
}

const SCRIPT = `trap "" INT TERM HUP
groups=" "
while read -r line; do
  id=\${line#?}
  case $line in
    +*) groups="$groups$id " ;;
    -*) groups="\${groups%% $id *} \${groups#* $id }" ;;
  esac
done
for id in $groups; do kill -s KILL -- "-$id"; done`;

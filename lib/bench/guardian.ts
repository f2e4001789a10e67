/** Sees to it that no node outlives the bench, however the bench ends. */

/**
 * A shell that reads process ids and, when its input ends, kills them all: its input ends with the bench, even when that
 * is killed itself. Paused children, which would never notice a closed pipe, go the same way.
 */
export class Guardian {
  readonly #child: Deno.ChildProcess | undefined;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;

  constructor() {
    if (Deno.build.os === "windows") return;
    this.#child = new Deno.Command("/bin/sh", {
      args: [
        "-c",
        'trap "" INT TERM HUP; pids=; while read -r pid; do pids="$pids $pid"; done; kill -9 $pids',
      ],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child.unref();
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => {});
  }

  /** From now on, that process ends with the bench. */
  watch(pid: number): void {
    this.#writer?.write(new TextEncoder().encode(`${pid}\n`)).catch(() => {});
  }

  /** Everything has ended: nobody is left to be killed. */
  stop(): void {
    try {
      this.#child?.kill("SIGKILL");
    } catch {
      // it is gone already
    }
  }
}

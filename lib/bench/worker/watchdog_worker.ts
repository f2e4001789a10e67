/** The thread of `watchdog.ts`. Tested by `tests/bench/workloads/workload_file_test.ts`. */

/// <reference lib="deno.worker" />

import type { WatchdogRequest } from "./watchdog.ts";

/** Time limit of a part of a workload, in ms. */
const STUCK_MS = 5000;
const INTERVAL_MS = 500;

self.onmessage = ({ data: { watch, errors, kept, temporary } }: MessageEvent<WatchdogRequest>) => {
  let turn = -1;
  let since = performance.now();
  setInterval(() => {
    const now = performance.now();
    const turnNow = Atomics.load(watch, 0);
    const part = watch[1] ?? 0;
    if (part === 0 || turnNow !== turn) {
      turn = turnNow;
      since = now;
    } else if (now - since > STUCK_MS) {
      const error = errors[-1 - part] ?? "";
      if (kept !== undefined) Deno.writeTextFileSync(kept.path, kept.text.join(JSON.stringify(error)));
      const where = kept === undefined ? "" : `. The run is kept: ${kept.path}`;
      Deno.stderr.writeSync(new TextEncoder().encode(`charybdis: ${error}${where}\n`));
      try {
        if (temporary !== undefined) Deno.removeSync(temporary, { recursive: true });
      } catch {
        // a node has just written a file there
      }
      // Only a signal ends a thread that does not return. The reaper then ends the nodes.
      Deno.kill(Deno.pid, "SIGKILL");
    }
  }, INTERVAL_MS);
};

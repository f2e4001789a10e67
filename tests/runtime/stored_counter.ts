/** A node with a store, for tests: counts additions, and reports its permissions. */

import { type Node, serve } from "../../lib/mod.ts";
import { add, read } from "../../lib/protocol/counter.ts";

/** Returns the outcome of an attempt: `done`, or the error's name. */
function attempt(run: () => unknown): string {
  try {
    run();
    return "done";
  } catch (error) {
    return error instanceof Error ? error.name : "thrown";
  }
}

function storedCounter(node: Node): void {
  const { storage } = node;
  let sum = Number(storage?.get("sum") ?? 0);
  node.on(add, ({ delta }) => {
    sum += delta;
    storage?.put("sum", String(sum));
    storage?.append("deltas", String(delta));
    return {};
  });
  node.on(read, () => ({ value: sum }));
  node.on("permissions", () => ({
    read: attempt(() => Deno.statSync("/")),
    write: attempt(() => Deno.removeSync(Deno.makeTempDirSync())),
    stored: storage !== undefined,
    records: [...storage?.read("deltas") ?? []].length,
  }));
}

if (import.meta.main) await serve(storedCounter, { description: "Counts.", storage: true });

/** A node with a store, for tests: counts what it is told to add, and tells what it may do. */

import { type Node, serve } from "../../lib/mod.ts";
import { add, read } from "../../lib/protocol/counter.ts";

/** How an attempt ends: `done`, or the error's name. */
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

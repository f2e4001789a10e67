import { assertEquals } from "@std/assert";
import { checkHistory } from "../../lib/checkers/check_history.ts";
import type { Event, History } from "../../lib/checkers/history.ts";
import { WORKLOADS } from "../../lib/checkers/workloads.ts";

/** Returns a history of one client's sequential operations. */
function historyOf(
  ...operations: readonly (readonly [f: string, type: Event["type"], value: unknown, final?: true])[]
): History {
  return operations.flatMap(([f, type, value, final], i) => {
    const base = { process: 0, f, value, ...(final === undefined ? {} : { final }) };
    return [
      { ...base, index: 2 * i, time: 2e6 * i, type: "invoke" as const },
      { ...base, index: 2 * i + 1, time: 2e6 * i + 1e6, type },
    ];
  });
}

function kindsOf(workload: (typeof WORKLOADS)[number], history: History): readonly string[] {
  return checkHistory(workload, history).caveats.map(({ kind }) => kind);
}

Deno.test("an empty history has Maelstrom's verdict, and the caveat that nothing was checked", () => {
  const verdicts = Object.fromEntries(
    WORKLOADS.map((workload) => [workload, checkHistory(workload, []).valid]),
  );
  assertEquals(verdicts, {
    "broadcast": "unknown",
    "echo": true,
    "g-counter": true,
    "g-set": "unknown",
    "kafka": "unknown",
    "lin-kv": true,
    "pn-counter": true,
    "txn-list-append": "unknown",
    "txn-rw-register": false,
    "unique-ids": true,
  });
  for (const workload of WORKLOADS) assertEquals(kindsOf(workload, []), ["nothing-checked"], workload);
});

Deno.test("a history in which nothing succeeds has the caveat that nothing was checked", () => {
  assertEquals(kindsOf("echo", historyOf(["echo", "info", 1])), ["nothing-checked"]);
});

Deno.test("an operation that never succeeds is a caveat", () => {
  const history = historyOf(["broadcast", "ok", 1], ["broadcast", "ok", 2], ["read", "info", null]);
  const { valid, caveats } = checkHistory("broadcast", history);
  assertEquals(valid, false);
  assertEquals(caveats[0]?.text, "No read succeeded, of 1: nothing is proven about it.");
});

Deno.test("a history has a caveat exactly if no read follows the last write", () => {
  for (const [workload, write] of [["broadcast", "broadcast"], ["g-set", "add"]] as const) {
    const before = historyOf([write, "ok", 1], ["read", "ok", [1]], [write, "ok", 2]);
    assertEquals(kindsOf(workload, before), ["no-final-reads"], workload);
    const after = historyOf([write, "ok", 1], ["read", "ok", [1]]);
    assertEquals(kindsOf(workload, after), [], workload);
  }
  const unmarked = historyOf(["add", "ok", 1], ["read", "ok", 1]);
  assertEquals(kindsOf("g-counter", unmarked), ["no-final-reads"]);
  const { valid, caveats } = checkHistory("g-counter", historyOf(["add", "ok", 1], ["read", "ok", 1, true]));
  assertEquals([valid, caveats], [true, []]);
});

import { assertEquals, assertThrows } from "@std/assert";
import { VersionedMachine } from "../../lib/consensus/local_reads.ts";
import type { StateMachine } from "../../lib/consensus/mod.ts";

/** A machine that returns the last command. The command null is a read. */
function lastCommand(): StateMachine {
  let last: ReturnType<StateMachine["snapshot"]> = null;
  return {
    kind: (command) => command === null ? "read" : "write",
    apply: (command) => last = command,
    query: (command) => command === null ? last : undefined,
    snapshot: () => last,
    restore: (snapshot) => void (last = snapshot),
  };
}

Deno.test("VersionedMachine: a restored state has the version of its snapshot", () => {
  const machine = new VersionedMachine(lastCommand());
  for (const command of ["a", "b", "c"]) machine.apply(command);
  const restored = new VersionedMachine(lastCommand());
  restored.restore(machine.snapshot());
  assertEquals([restored.version, restored.query(null)], [3, [3, "c"]]);
  assertEquals(restored.apply("d"), [4, "d"]);
});

Deno.test("VersionedMachine: what is not a version and a value is not restored", () => {
  for (const snapshot of [null, 3, [], [3], ["3", "c"]]) {
    assertThrows(() => new VersionedMachine(lastCommand()).restore(snapshot), TypeError, "not a version");
  }
});

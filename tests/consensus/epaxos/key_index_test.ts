import { assertEquals } from "@std/assert";
import { EpaxosCore, type Instance } from "../../../lib/consensus/epaxos/core.ts";
import { InstanceSet } from "../../../lib/consensus/leaderless/instance_ids.ts";
import type { KeyIndex } from "../../../lib/consensus/epaxos/key_index.ts";
import type { KeyUse } from "../../../lib/consensus/leaderless/types.ts";
import type { Deps } from "../../../lib/consensus/epaxos/types.ts";
import type { Json } from "../../../lib/protocol/schema.ts";

/** The instances of a node, whose commands are lists of keys: `x` is read, `x!` is written. */
class Instances {
  readonly #core: EpaxosCore;

  constructor() {
    const keysOf = (command: Json): KeyUse[] => [
      { key: String(command).replace("!", ""), writes: String(command).endsWith("!") },
    ];
    this.#core = new EpaxosCore(
      {
        id: "a",
        nodes: ["a", "b", "c"],
        incarnation: "a",
        thrifty: false,
        retryMs: 1,
        recoveryMs: 1,
        requestTimeoutMs: 1,
        pendingMax: 1,
        batchIntervalMs: 1,
        snapshotRecords: 1,
      },
      { keysOf, random: () => 0 },
      0,
    );
  }

  get keys(): KeyIndex {
    return this.#core.keys;
  }

  add(id: string, commands: readonly string[], initialDeps: Deps = {}): Instance {
    const instance = this.#core.instance(id);
    instance.initialDeps = initialDeps;
    this.#core.index(instance, commands);
    return instance;
  }

  /** Returns the dependencies that an instance gains. */
  gained(instance: Instance, deps: Deps = {}): unknown {
    const extended = { ...deps };
    this.keys.extend(extended, instance);
    return extended;
  }
}

Deno.test("an instance depends on the newest conflicting one of each coordinator", () => {
  const instances = new Instances();
  instances.add("b.2", ["x!"]);
  instances.add("b.1", ["x!"]);
  instances.add("b.3", ["y!"]);
  instances.add("c.7", ["x"]);
  assertEquals(instances.gained(instances.add("a.1", ["x!"])), { b: 2, c: 7 });
  assertEquals(instances.gained(instances.add("a.2", ["x", "y"])), { a: 1, b: 3 });
  assertEquals(instances.gained(instances.add("a.3", ["z!"]), { b: 9 }), { b: 9 });
});

Deno.test("an instance does not depend on one that its coordinator began after it", () => {
  const instances = new Instances();
  instances.add("b.1", ["x!"]);
  instances.add("b.2", ["x!"], { a: 5 });
  assertEquals(instances.gained(instances.add("a.5", ["x!"])), { b: 1 });
});

Deno.test("an instance depends on the last deleted one that conflicts", () => {
  const instances = new Instances();
  for (const [id, command] of [["b.1", "x!"], ["b.2", "x"]] as const) {
    instances.keys.delete(instances.add(id, [command]));
  }
  assertEquals(instances.gained(instances.add("a.1", ["x"])), { b: 1 });
  assertEquals(instances.gained(instances.add("a.2", ["x!"])), { a: 1, b: 2 });
});

Deno.test("the index forgets the keys of deleted instances if they are many", () => {
  const instances = new Instances();
  for (let number = 1; number <= 10_001; number++) {
    const instance = instances.add(`b.${number}`, [`k${number}!`]);
    if (number > 1) instances.keys.delete(instance);
  }
  assertEquals(instances.keys.isLarge, true);
  instances.keys.forgetDeleted();
  assertEquals(instances.keys.isLarge, false);
  assertEquals(instances.gained(instances.add("a.1", ["k1!", "k2!"])), { b: 1 });
});

Deno.test("the conflicts beyond dependencies are those with greater numbers", () => {
  const instances = new Instances();
  for (const number of [1, 2, 3, 4]) instances.add(`b.${number}`, [number === 3 ? "x" : "x!"]);
  const reader = instances.add("a.1", ["x"]);
  const names = [...instances.keys.conflictsBeyond({ b: 1 }, reader)].map(({ id }) => id);
  assertEquals(names.sort(), ["b.2", "b.4"]);
});

Deno.test("an instance is executed after the uses that no newer write reaches", () => {
  const instances = new Instances();
  for (const [i, command] of ["x!", "x!", "x", "x", "x!", "x!"].entries()) {
    const instance = instances.add(`b.${i + 1}`, [command]);
    instance.phase = "committed";
    instance.commands = i === 4 ? null : [command];
    instance.deps = { b: i };
  }
  const executedAfter = (command: string, number: number, executed = new InstanceSet()) => {
    const instance = instances.add(`a.${number}`, [command]);
    instance.deps = { b: 5 };
    return [...instances.keys.unexecutedDeps(instance, executed)].sort();
  };
  assertEquals(executedAfter("x!", 1), ["b.2", "b.3", "b.4"]);
  assertEquals(executedAfter("x", 2), ["b.2"]);
  assertEquals(executedAfter("x!", 3, new InstanceSet({ b: 2 }, ["b.4"])), ["b.3"]);
});

Deno.test("a write that was proposed before an earlier one does not reach it", () => {
  const instances = new Instances();
  for (const [id, deps] of [["b.1", { b: 2 }], ["b.2", {}]] as const) {
    Object.assign(instances.add(id, ["x!"]), { phase: "committed", commands: ["x!"], deps });
  }
  const instance = instances.add("a.1", ["x!"]);
  instance.deps = { b: 2 };
  assertEquals([...instances.keys.unexecutedDeps(instance, new InstanceSet())].sort(), ["b.1", "b.2"]);
});

Deno.test("of two writes that depend on each other, one reaches the earlier uses", () => {
  const instances = new Instances();
  const cycle = [["b.1", {}], ["b.2", { b: 3 }], ["b.3", { b: 2 }]] as const;
  const [, second, third] = cycle.map(([id, deps]) =>
    Object.assign(instances.add(id, ["x!"]), { phase: "committed", commands: ["x!"], deps })
  );
  const depsOf = (instance?: Instance) =>
    instance && [...instances.keys.unexecutedDeps(instance, new InstanceSet())].sort();
  assertEquals([depsOf(second), depsOf(third)], [["b.3"], ["b.1", "b.2"]]);
});

Deno.test("the newest conflict of other coordinators counts until it is executed", () => {
  const instances = new Instances();
  const { uses } = instances.add("a.1", ["x!"]);
  const executed = new InstanceSet();
  const newestAt = () => instances.keys.newestOfOthersAt(uses, { self: "a", executed });
  assertEquals(newestAt(), -Infinity);
  instances.add("b.1", ["x"]);
  assertEquals(newestAt(), 0);
  executed.add("b.1");
  assertEquals(newestAt(), -Infinity);
});

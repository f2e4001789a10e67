/** Runs the register under seeds and faults, and judges the history of its clients. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, checkLinearizable, type Model, REFUSED } from "@charybdis/charybdis/checkers";
import { forEachSeed, Simulation } from "@charybdis/charybdis/sim";
import { type Message, type ReadPolicy, register } from "./register.ts";

const NODES = ["n1", "n2", "n3"];

type Input = { readonly write: number } | "read";

/** The right behavior: a read returns the last value that was written. */
const model: Model<number | null, Input, number | null> = {
  initial: () => null,
  step: (state, input, output) => {
    if (input !== "read") return input.write;
    return output === undefined || output === state ? state : REFUSED;
  },
  isReadOnly: (input) => input === "read",
};

/** Runs three clients against three nodes, and returns their calls. */
function run(seed: number, policy: ReadPolicy): Call<Input, number | null>[] {
  const simulation = new Simulation<Message>({ seed, latency: { dist: "exponential", meanMs: 20 } });
  const calls: { input: Input; output?: number | null; called: number; returned: number | null }[] = [];
  for (const id of NODES) simulation.start(id, register(NODES, policy));
  for (const client of ["user1", "user2", "user3"]) {
    simulation.start(client, (node) => {
      node.every(50, () => {
        const input: Input = node.random.chance(0.5) ? { write: calls.length } : "read";
        const id = calls.push({ input, called: node.now(), returned: null }) - 1;
        const to = input === "read" && policy === "any" ? node.random.pick(NODES) : "n1";
        node.send(to, input === "read" ? { kind: "read", id } : { kind: "write", id, value: input.write });
      });
      return (message) => {
        const call = message.kind === "reply" ? calls[message.id] : undefined;
        if (message.kind !== "reply" || call === undefined || call.returned !== null) return;
        call.returned = node.now();
        call.output = message.value;
      };
    });
  }
  simulation.setFaults({ loss: 0.05, duplication: 0.05 });
  simulation.run(1000);
  simulation.partition([["n1", "user1", "user2"], ["n2", "n3", "user3"]]);
  simulation.run(500);
  simulation.heal();
  simulation.run(500);
  return calls;
}

test("reads from the primary are linearizable under loss and partitions", async () => {
  await forEachSeed(50, (seed) => {
    const { valid } = checkLinearizable(run(seed, "primary"), model);
    assert.equal(valid, true);
  });
});

test("reads from any node are stale for some seed", () => {
  const seeds = Array.from({ length: 50 }, (_, seed) => seed);
  assert.ok(seeds.some((seed) => checkLinearizable(run(seed, "any"), model).valid === false));
});

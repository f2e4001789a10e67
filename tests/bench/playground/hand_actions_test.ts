import { assertEquals } from "@std/assert";
import {
  actionsFor,
  describeIntervention,
  inOrder,
} from "../../../lib/bench/playground/browser/hand_actions.ts";
import type { Intervention } from "../../../lib/bench/nemesis/interventions.ts";

const nodes = ["n1", "n2", "n3"];

/** Returns the ids of what a part offers, without those of clocks. */
function offered(target: Parameters<typeof actionsFor>[0], done: readonly Intervention[]): string {
  const ids = actionsFor(target, { atMs: 100, done, nodes }).map(({ id }) => id);
  assertEquals(new Set(ids).size, ids.length, "each id names one action");
  return ids.filter((id) => !id.startsWith("clock-")).join();
}

Deno.test("a part of the picture offers what its state at that time allows", () => {
  const node = { kind: "node", node: "n1" } as const;
  assertEquals(offered(node, []), "kill,pause,isolate");
  assertEquals(offered(node, [{ kind: "pause", atMs: 50, node: "n1" }]), "kill,resume,isolate");
  assertEquals(offered(node, [{ kind: "pause", atMs: 150, node: "n1" }]), "kill,pause,isolate");
  assertEquals(offered(node, [{ kind: "kill", atMs: 50, node: "n1" }]), "start");
  const cuts: Intervention = { kind: "cut", atMs: 10, links: [["n1", "n2"], ["n3", "n1"]] };
  assertEquals(offered(node, [cuts]), "kill,pause,rejoin");
  assertEquals(offered({ kind: "link", nodes: ["n2", "n1"] }, [cuts]), "heal");
  assertEquals(offered({ kind: "link", nodes: ["n2", "n3"] }, [cuts]), "cut");
  assertEquals(offered({ kind: "message", id: 4 }, []), "drop,hold-1,hold-5");
});

Deno.test("interventions have an order and a description", () => {
  const all = actionsFor({ kind: "node", node: "n1" }, { atMs: 100, done: [], nodes }).map((
    { intervention },
  ) => intervention);
  assertEquals(all.map(describeIntervention).slice(0, 4), [
    "kill n1",
    "pause n1",
    "cut every link of n1",
    "clock of n1: rate 2",
  ]);
  assertEquals(
    inOrder([{ kind: "drop", atMs: 9, message: 1 }, { kind: "kill", atMs: 3, node: "n1" }]).map(
      describeIntervention,
    ),
    [
      "kill n1",
      "drop message 1",
    ],
  );
});

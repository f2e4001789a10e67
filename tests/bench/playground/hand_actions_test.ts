import { assertEquals } from "@std/assert";
import {
  actionsFor,
  describeIntervention,
  inOrder,
} from "../../../lib/bench/playground/browser/hand_actions.ts";
import type { Intervention } from "../../../lib/bench/nemesis/interventions.ts";

const nodes = ["n1", "n2", "n3"];

function names(target: Parameters<typeof actionsFor>[0], done: readonly Intervention[], atMs = 100): string {
  return actionsFor(target, { atMs, done, nodes }).map(({ name }) => name).filter((name) =>
    !name.startsWith("Clock")
  ).join();
}

Deno.test("a part of the picture offers what its state at that time allows", () => {
  const node = { kind: "node", node: "n1" } as const;
  assertEquals(names(node, []), "Kill,Pause,Isolate");
  assertEquals(names(node, [{ kind: "pause", atMs: 50, node: "n1" }]), "Kill,Resume,Isolate");
  assertEquals(names(node, [{ kind: "pause", atMs: 150, node: "n1" }]), "Kill,Pause,Isolate");
  assertEquals(names(node, [{ kind: "kill", atMs: 50, node: "n1" }]), "Start again");
  const cuts: Intervention = { kind: "cut", atMs: 10, links: [["n1", "n2"], ["n3", "n1"]] };
  assertEquals(names(node, [cuts]), "Kill,Pause,Rejoin");
  assertEquals(names({ kind: "link", nodes: ["n2", "n1"] }, [cuts]), "Heal the link");
  assertEquals(names({ kind: "link", nodes: ["n2", "n3"] }, [cuts]), "Cut the link");
  assertEquals(names({ kind: "message", id: 4 }, []), "Drop,Hold for 1 s,Hold for 5 s");
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

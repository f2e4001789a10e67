/** Schedules that random simulations hit too rarely: each passes with the rules, and shows what goes wrong without one of them. */

import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { type AccordRules, SAFETY_RULES } from "../../../lib/consensus/accord/safety_rules.ts";
import type { Part, TransactionRecord as Accepted } from "../../../lib/consensus/accord/types.ts";
import { type Filter, ScriptedCluster } from "./support/scripted_cluster.ts";

/** Returns a filter that lets parts pass between some nodes. */
function among(ids: readonly string[]): Filter {
  return (_, from, to) => ids.includes(from) && ids.includes(to);
}

function about(id: string, part: Part): boolean {
  return ("id" in part ? part.id : "record" in part ? part.record.id : undefined) === id;
}

function isAgreed({ values }: ScriptedCluster): boolean {
  return new Set(Object.values(values).map((each) => JSON.stringify(each))).size === 1;
}

/**
 * n1 decides b at once with n2, n3 and n4, answers, and fails. None of them knows a, which started before. Then n2 recovers a with n3, to which
 * a is new, and n0, which voted for a's initial timestamp.
 */
function recoverWithFewVotes(rules: AccordRules): ScriptedCluster {
  const cluster = new ScriptedCluster({ nodes: 5, rules });
  cluster.submit("n0", "a");
  cluster.deliver(() => false);
  cluster.now += 10;
  cluster.submit("n1", "b");
  cluster.deliver((part, from, to) => part.type !== "commit" && from !== "n0" && to !== "n0");
  assertEquals(cluster.answered, ["n1"]);
  const others = among(["n0", "n2", "n3"]);
  cluster.run("n0", 400, (part, from, to) => part.type === "pre_accept" && others(part, from, to));
  cluster.run("n2", 4000, (part, from, to) => about("n0.1", part) && others(part, from, to));
  cluster.settle();
  return cluster;
}

Deno.test("a recovery with too few votes for a fast quorum chooses a later timestamp", () => {
  assertEquals(recoverWithFewVotes(SAFETY_RULES).values["n1"], ["b", "a"]);
  assert(isAgreed(recoverWithFewVotes(SAFETY_RULES)));
  assert(!isAgreed(recoverWithFewVotes({ ...SAFETY_RULES, mayHaveTakenFastPath: () => true })));
});

Deno.test("a fast quorum of a bare majority hides a decision from a recovery", () => {
  const quorums = (nodes: number) => ({
    ...SAFETY_RULES.quorums(nodes),
    fast: SAFETY_RULES.quorums(nodes).slow,
  });
  assert(!isAgreed(recoverWithFewVotes({ ...SAFETY_RULES, quorums })));
});

/**
 * n0 decides b with n2 and n3, too late for a fast quorum, and fails. a, which started before, is known to n1 and n4 only. A recovery of b with
 * n4 finds a as a further dependency. Then a is recovered by nodes of which none has seen b without a.
 */
function recoverDependencies(rules: AccordRules): ScriptedCluster {
  const cluster = new ScriptedCluster({ nodes: 5, rules });
  cluster.submit("n1", "a");
  cluster.deliver((part, _, to) => part.type === "pre_accept" && to === "n4");
  cluster.now += 10;
  cluster.submit("n0", "b");
  const first = among(["n0", "n2", "n3"]);
  // The messages of the last round are lost: commit, or stabilize if there is that round.
  cluster.run(
    "n0",
    400,
    (part, from, to) => part.type !== "commit" && part.type !== "stabilize" && first(part, from, to),
  );
  cluster.run(
    "n2",
    4000,
    (part, from, to) => about("n0.1", part) && among(["n2", "n3", "n4"])(part, from, to),
  );
  cluster.run(
    "n4",
    4000,
    (part, from, to) => about("n1.1", part) && among(["n1", "n2", "n4"])(part, from, to),
  );
  cluster.settle();
  return cluster;
}

Deno.test("a transaction has no result until a majority has stored its dependencies", () => {
  const correct = recoverDependencies(SAFETY_RULES);
  assert(isAgreed(correct));
  const hasty = recoverDependencies({ ...SAFETY_RULES, mustStabilize: () => false });
  assertEquals(hasty.answered[0], "n0");
  assertNotEquals(hasty.values["n0"], hasty.values["n2"]);
});

/**
 * n0 asks to accept a at the timestamp for which n1 voted, but the request is delayed. n2, which votes later, recovers a with n1, and commits it
 * at its own timestamp. The other nodes do not hear of that.
 */
function decideTwice(rules: AccordRules, finish: (cluster: ScriptedCluster) => void): readonly number[] {
  const cluster = new ScriptedCluster({ nodes: 3, rules });
  cluster.submit("n0", "a");
  cluster.deliver(() => "held");
  cluster.now += 10;
  cluster.submit("n1", "b");
  cluster.deliver((part, _, to) => part.type === "pre_accept" && to === "n2");
  cluster.release();
  cluster.deliver((part, _, to) =>
    part.type === "pre_accept_ok" || (part.type === "pre_accept" && to === "n1") || "held"
  );
  cluster.now += 10;
  cluster.release();
  cluster.deliver((part) => part.type === "accept" ? "held" : part.type === "pre_accept");
  cluster.run(
    "n2",
    3000,
    (part, from, to) => about("n0.1", part) && part.type !== "commit" && among(["n1", "n2"])(part, from, to),
  );
  finish(cluster);
  return [...cluster.decided.get("n0.1") ?? []];
}

Deno.test("a node that has promised a ballot accepts nothing in a lower one", () => {
  const finish = (cluster: ScriptedCluster) => {
    cluster.release();
    cluster.deliver((part, from, to) => about("n0.1", part) && among(["n0", "n1"])(part, from, to));
  };
  assertEquals(decideTwice(SAFETY_RULES, finish).length, 1);
  assertEquals(decideTwice({ ...SAFETY_RULES, mayAccept: () => true }, finish).length, 2);
});

Deno.test("a recovery takes over the accepted record of the highest ballot", () => {
  const finish = (cluster: ScriptedCluster) => {
    cluster.run("n1", 4000, (part, from, to) => about("n0.1", part) && among(["n0", "n1"])(part, from, to));
  };
  assertEquals(decideTwice(SAFETY_RULES, finish).length, 1);
  const planted = {
    ...SAFETY_RULES,
    supersedes: (a: Accepted, b: Accepted) => a.acceptedBallot < b.acceptedBallot,
  };
  assertEquals(decideTwice(planted, finish).length, 2);
});

Deno.test("a node that restarts from a snapshot votes after all that it has executed", () => {
  const cluster = new ScriptedCluster({ nodes: 3, snapshotRecords: 1 });
  cluster.now = 5000;
  cluster.submit("n0", "a");
  cluster.settle();
  assert(isAgreed(cluster));
  cluster.now = 0; // the clock of a process starts at 0
  cluster.restart("n0");
  const late: Part = { type: "pre_accept", id: "n1.9", initialAt: 1, commands: ["late"] };
  const [vote] = cluster.ask("n0", "n1", [late]);
  assert(vote?.type === "pre_accept_ok");
  assert(vote.executeAt > 5000, `voted for ${vote.executeAt}`);
});

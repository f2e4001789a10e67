import { assert, assertEquals } from "@std/assert";
import { compareAnswers } from "../../../lib/bench/run/convergence.ts";
import { invariant } from "../../../lib/protocol/errors.ts";
import type { Node } from "../../../lib/runtime/node.ts";
import { virtualRun } from "../support/virtual_run.ts";

Deno.test("nodes with different replies, or without replies, have not converged", () => {
  const answers = new Map<string, readonly unknown[] | undefined>([["n0", [1, 2]], ["n1", [1, 3]], [
    "n2",
    undefined,
  ]]);
  const found = compareAnswers(["x", "y"], { answers, afterMs: 1000 });
  assertEquals([found.converged, found.keyCount, found.differentCount], [false, 2, 1]);
  assertEquals(found.different, [{ key: "y", values: { n0: 2, n1: 3 } }]);
  assertEquals(found.silent, ["n2"]);
  const alike = new Map([["n0", [1]], ["n1", [1]]]);
  assert(compareAnswers(["x"], { answers: alike, afterMs: 1000 }).converged);
});

const LINE =
  "-w txn-rw-register --node-count 2 --concurrency 2n --rate 100 --time-limit 3 --consistency-models read-uncommitted";

Deno.test("a store that does not replicate does not converge, for any verdict", async () => {
  const islands = (node: Node) => {
    const values = new Map<string, unknown>();
    node.on("txn", (body) => {
      const txn = Array.isArray(body["txn"]) ? body["txn"] : [];
      return {
        txn: txn.map(([f, key, value]) => {
          if (f === "w") values.set(JSON.stringify(key), value);
          return [f, key, f === "w" ? value : values.get(JSON.stringify(key)) ?? null];
        }),
      };
    });
  };
  const { result, history } = await virtualRun(LINE, { seed: 1, program: islands });
  assertEquals(
    result["convergence"] instanceof Object && "converged" in result["convergence"] &&
      result["convergence"].converged,
    false,
  );
  assert(history.every(({ final }) => final !== true), "the history does not tell of it");
  const { result: replicated } = await virtualRun(LINE, { seed: 1 });
  assertEquals(
    replicated["convergence"] instanceof Object && "converged" in replicated["convergence"] &&
      replicated["convergence"].converged,
    true,
  );
  assertEquals(replicated.valid, true);
});

Deno.test("a node that ends at the reads after the test is silent, for any verdict", async () => {
  const frail = (node: Node) => {
    node.on("txn", ({ txn }) => {
      invariant(Array.isArray(txn) && txn.length <= 4, "a transaction has at most four operations");
      return { txn: txn.map(([f, key]) => f === "r" ? [f, key, null] : [f, key, 1]) };
    });
  };
  const line = LINE.replace("--node-count 2", "--node-count 1");
  const { result, history, observations } = await virtualRun(line, { seed: 1, program: frail });
  assertEquals(observations.convergence?.silent, ["n0"]);
  assertEquals(observations.faults, []);
  const operations = history.filter(({ type }) => type === "invoke").length;
  assertEquals(observations.counts.clients.sent, 2 * operations + 2, "the reads do not count");
  assertEquals(result.nodes, undefined);
});

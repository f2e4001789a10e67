/** The lattice of consistency models and the anomalies that each rules out: facts of Elle's own tests. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { CYCLE_KINDS, impliedAnomalies } from "../../../lib/checkers/elle/anomalies.ts";
import {
  anomaliesProhibitedBy,
  boundary,
  CONSISTENCY_MODELS,
  friendlyModel,
  impliedModels,
  impossibleModels,
  modelsRuledOutBy,
  requireModels,
} from "../../../lib/checkers/elle/models.ts";

function ruledOut(...anomalies: string[]): string[] {
  return [...new Set([...modelsRuledOutBy(anomalies)].map(friendlyModel))].sort();
}

Deno.test("cycles are searched worst first", () => {
  assertEquals(CYCLE_KINDS.map(({ name }) => name), [
    "G-single-item",
    "G0",
    "G-nonadjacent-item",
    "G-single-item-process",
    "G1c",
    "G-nonadjacent-item-process",
    "G-single-item-realtime",
    "G2-item",
    "G-nonadjacent-item-realtime",
    "G0-process",
    "G1c-process",
    "G2-item-process",
    "G0-realtime",
    "G1c-realtime",
    "G2-item-realtime",
  ]);
});

Deno.test("read committed prohibits G1 and all that imply it", () => {
  assertEquals([...anomaliesProhibitedBy(["read-committed"])].sort(), [
    "G0",
    "G1",
    "G1a",
    "G1b",
    "G1c",
    "PL-1-cycle-exists",
    "PL-2-cycle-exists",
    "cyclic-versions",
    "dirty-update",
    "duplicate-elements",
    "future-read",
    "incompatible-order",
    "malformed",
    "thin-air-read",
  ]);
});

Deno.test("an anomaly rules out a model and all stronger ones", () => {
  assertEquals(ruledOut("G-single"), [
    "consistent-view",
    "forward-consistent-view",
    "serializable",
    "snapshot-isolation",
    "strong-serializable",
    "strong-session-serializable",
    "strong-session-snapshot-isolation",
    "strong-snapshot-isolation",
    "update-serializable",
  ]);
  assertEquals(ruledOut("G-SI"), [
    "serializable",
    "snapshot-isolation",
    "strong-serializable",
    "strong-session-serializable",
    "strong-session-snapshot-isolation",
    "strong-snapshot-isolation",
  ]);
  assertEquals(ruledOut("internal").length, 11);
  assertEquals(ruledOut("dirty-update").length, 22);
  assertEquals([...impossibleModels(["strong-session-serializable"])], [
    "strong-session-serializable",
    "PL-SS",
  ]);
});

Deno.test("the boundary consists of the weakest refuted models", () => {
  assertEquals(boundary([]), { not: [], alsoNot: [] });
  assertEquals(boundary(["cyclic-versions"]).not, ["read-uncommitted"]);
  assertEquals(boundary(["cyclic-versions"]).alsoNot.length, 24);
  assertEquals(boundary(["internal"]).not, ["read-atomic"]);
  assertEquals(boundary(["G1a"]).not, ["read-committed"]);
  assertEquals(boundary(["G-single"]).not, ["consistent-view"]);
  assertEquals(boundary(["G2", "internal"]).not, ["read-atomic"]);
  assertEquals(boundary(["lost-update"]).not, ["cursor-stability", "update-atomic"]);
  assertEquals(boundary(["G-single-realtime"]), {
    not: ["strong-snapshot-isolation"],
    alsoNot: ["strong-serializable"],
  });
});

Deno.test("all names of a model have the same meaning", () => {
  const same: [string, string][] = [
    ["strict-serializable", "strong-serializable"],
    ["serializable", "PL-3"],
    ["conflict-serializable", "serializable"],
    ["snapshot-isolation", "PL-SI"],
    ["repeatable-read", "PL-2.99"],
    ["strong-session-read-committed", "strong-session-PL-2"],
  ];
  for (const [a, b] of same) assertEquals(anomaliesProhibitedBy([a]), anomaliesProhibitedBy([b]));
});

Deno.test("every model has a known name and implies itself", () => {
  requireModels(CONSISTENCY_MODELS);
  assertEquals(CONSISTENCY_MODELS.length, 54);
  for (const model of CONSISTENCY_MODELS) assert(impliedModels([model]).size >= 1);
  assertThrows(() => requireModels(["serialisable"]), RangeError, "serializable");
});

Deno.test("strict serializability prohibits all that weaker models prohibit", () => {
  const all = anomaliesProhibitedBy(["strict-serializable"]);
  for (
    const model of [
      "serializable",
      "strong-session-serializable",
      "strong-read-uncommitted",
      "cursor-stability",
    ]
  ) {
    for (const anomaly of anomaliesProhibitedBy([model])) assert(all.has(anomaly), `${model}: ${anomaly}`);
  }
  for (const { name } of CYCLE_KINDS) assert(all.has(name), name);
});

Deno.test("a lost update implies write skew and G2-item", () => {
  const implied = impliedAnomalies(["lost-update"]);
  assert(implied.has("write-skew") && implied.has("G2-item"));
});

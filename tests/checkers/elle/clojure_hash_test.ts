/** The order of Clojure's sets, by values that a Clojure prompt prints. */

import { assert, assertEquals } from "@std/assert";
import { compareAsInClojureSet, hashOf } from "../../../lib/checkers/elle/clojure_hash.ts";
import { checkListAppend } from "../../../lib/checkers/elle/mod.ts";
import { oneByOne } from "./notation.ts";
import { countsOf, examplesOf } from "./findings.ts";

Deno.test("values hash as Clojure's do, lists as its vectors", () => {
  assertEquals([1, -1, "a"].map((value) => hashOf(value)), [1392991556, 1651860712, 1455541201]);
  assertEquals(hashOf([]), -2017569654);
  assertEquals(hashOf([1, 2, 3]), 736442005);
});

Deno.test("sets iterate by five bits of the hash at a time, the lowest first", () => {
  const lists = Array.from({ length: 50 }, (_, i) => [i]);
  lists.sort(compareAsInClojureSet);
  for (let i = 1; i < lists.length; i++) {
    const [before, after] = [hashOf(lists[i - 1] ?? []), hashOf(lists[i] ?? [])];
    assert((before & 31) <= (after & 31));
    if ((before & 31) === (after & 31)) assert(((before >>> 5) & 31) <= ((after >>> 5) & 31));
  }
});

Deno.test("the choice between contradicting reads does not depend on their order", () => {
  const one = oneByOne("list", [0, "ok", "ax1 ax2 ax3"], [1, "ok", "rx12"], [2, "ok", "rx13"], [
    3,
    "ok",
    "rx1",
  ]);
  const other = oneByOne("list", [0, "ok", "ax1 ax2 ax3"], [1, "ok", "rx13"], [2, "ok", "rx12"], [
    3,
    "ok",
    "rx1",
  ]);
  for (const consistencyModels of [["serializable"], ["snapshot-isolation"]]) {
    const first = checkListAppend(one, { consistencyModels });
    const second = checkListAppend(other, { consistencyModels });
    assertEquals(countsOf(first), countsOf(second));
    assertEquals(examplesOf(first, "incompatible-order"), examplesOf(second, "incompatible-order"));
  }
});

import { assert, assertEquals } from "@std/assert";
import { readable, sources, textOf } from "../lint/repository.ts";
import { EQUIVALENTS, reasonFor } from "./equivalents.ts";
import { mutationsOf } from "./mutations.ts";
import { CHECKERS, filesOf, NODES, SUBJECTS } from "./subjects.ts";

Deno.test(
  "each change that is said to change nothing still has its place, as often as it is said",
  { ignore: !readable },
  () => {
    const files = Map.groupBy(EQUIVALENTS, ({ file }) => file);
    for (const [file, listed] of files) {
      const mutations = mutationsOf(textOf(file));
      for (const { place, replacement } of listed) {
        const same = (each: { readonly place: string; readonly replacement: string }) =>
          each.place === place && each.replacement === replacement;
        assertEquals(
          mutations.filter(same).length,
          listed.filter(same).length,
          `${file}: ${place} → ${replacement}: take it from equivalents.ts, or find it again`,
        );
      }
    }
  },
);

Deno.test("a reason is given, and found by the change alone", () => {
  for (const each of EQUIVALENTS) {
    assert(each.reason.length > 10, each.place);
    assertEquals(reasonFor(each), each.reason);
    assertEquals(reasonFor({ ...each, replacement: "another" }), undefined);
    assertEquals(reasonFor({ ...each, file: "another.ts" }), undefined);
  }
});

Deno.test("every checker is somebody's, every node has its ten places, every path is there", {
  ignore: !readable,
}, () => {
  const checked = filesOf(CHECKERS.flatMap(({ own }) => own), sources("lib/checkers/"));
  assertEquals(checked, sources("lib/checkers/"));
  assertEquals(NODES.flatMap(({ own }) => own).sort(), sources("nodes/"));
  const all = [...sources("lib/"), ...sources("nodes/"), ...sources("tests/")];
  for (const { own, rests = [], tests } of SUBJECTS) {
    for (const path of [...own, ...rests, ...tests]) {
      assert(filesOf([path], all).length > 0, `${path} is nothing`);
    }
  }
  assertEquals(new Set(SUBJECTS.map(({ name }) => name)).size, SUBJECTS.length);
});

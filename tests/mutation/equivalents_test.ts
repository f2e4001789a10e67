import { assert, assertEquals } from "@std/assert";
import { readable, sources, textOf } from "../lint/repository.ts";
import { EQUIVALENTS, reasonFor } from "./equivalents.ts";
import { mutationsOf } from "./mutations.ts";
import { CHECKERS, filesOf, NODES, SUBJECTS } from "./subjects.ts";

Deno.test("each equivalent names a change that exists", { ignore: !readable }, () => {
  for (const [file, listed] of Map.groupBy(EQUIVALENTS, (each) => each.file)) {
    const ids = new Set(mutationsOf(textOf(file)).map(({ id }) => id));
    const gone = listed.filter(({ id }) => !ids.has(id)).map(({ id }) => id);
    assertEquals(gone, [], `${file} no longer has these changes. Correct or remove them in equivalents.ts`);
  }
});

Deno.test("each equivalent has a reason, found by its file and id", () => {
  for (const each of EQUIVALENTS) {
    assert(each.reason.length > 10, each.id);
    assertEquals(reasonFor(each), each.reason);
    assertEquals(reasonFor({ ...each, id: "another" }), undefined);
    assertEquals(reasonFor({ ...each, file: "another.ts" }), undefined);
  }
  assertEquals(new Set(EQUIVALENTS.map(({ file, id }) => `${file}: ${id}`)).size, EQUIVALENTS.length);
});

Deno.test("every checker has a subject, every node ten places, and every path exists", {
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

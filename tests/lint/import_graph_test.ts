import { assert, assertEquals } from "@std/assert";
import { EXCEPTIONS, importProblem, layerOf } from "./layer_table.ts";
import { importGraph, importsOf, loadedWith, readable, sources } from "./repository.ts";

Deno.test("the graph contains every form of import", () => {
  const source = `
    import { a } from "./a.ts"; import type { B } from "./b.ts"; import { type C } from "./c.ts";
    export { d } from "./d.ts"; export type { E } from "./e.ts"; export * from "./f.ts"; export * as g from "./g.ts";
    const h = await import("./h.ts"); import "./i.ts"; let j: import("./j.ts").J;`;
  const found = importsOf("nodes/x.ts", source).map(({ to, typeOnly }) => `${to}${typeOnly ? " type" : ""}`);
  const values = ["a", "d", "f", "g", "h", "i"].map((name) => `nodes/${name}.ts`);
  const types = ["b", "c", "e", "j"].map((name) => `nodes/${name}.ts type`);
  assertEquals(found.sort(), [...values, ...types].sort());
});

Deno.test("every import of the repository runs in the allowed direction", { ignore: !readable }, () => {
  const graph = importGraph();
  assert(graph.length > 50, "the graph was not read");
  const problems = graph.flatMap((each) => {
    const problem = importProblem(each);
    return problem === undefined ? [] : [`${each.from} → ${each.to}: ${problem}`];
  });
  assertEquals(problems, []);
});

Deno.test("every source under lib, nodes and tests belongs to a layer", { ignore: !readable }, () => {
  const withoutLayer = sources().filter((path) =>
    /^(lib|nodes|tests)\//.test(path) && layerOf(path) === undefined
  );
  assertEquals(withoutLayer, []);
});

Deno.test("every file with an exception exists", { ignore: !readable }, () => {
  const all = new Set(sources());
  assertEquals(Object.keys(EXCEPTIONS).filter((path) => !all.has(path)), []);
});

Deno.test("every imported file of the repository exists", { ignore: !readable }, () => {
  const all = new Set(sources());
  const lost = importGraph().filter(({ to }) => /^(lib|nodes|tests)\/.*\.ts$/.test(to) && !all.has(to));
  assertEquals(lost.map(({ from, to }) => `${from} → ${to}`), []);
});

Deno.test("the bench starts without the modules of its commands", { ignore: !readable }, () => {
  const loaded = [...loadedWith("lib/bench/main.ts")];
  assert(loaded.includes("lib/bench/terminal/output.ts"), "the modules were not found");
  assertEquals(
    loaded.filter((path) => /^lib\/(checkers|sim|consensus|bench\/(run|workloads|findings))\//.test(path)),
    [],
  );
});

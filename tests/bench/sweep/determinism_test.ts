import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  describeDifference,
  type Difference,
  firstDifference,
} from "../../../lib/bench/sweep/determinism.ts";
import { parseSweep, planSweep } from "../../../lib/bench/sweep/plan.ts";
import { sweepTwice } from "../../../lib/bench/sweep/sweep.ts";
import { findApis } from "../../../lib/bench/cluster/module/unsupported_apis.ts";
import { folderTest } from "../../folder.ts";

/** Returns the differences of three seeds of unique-ids on a module with this body, and its text. */
async function compare(
  folder: string,
  { top = "", id }: { readonly top?: string; readonly id: string },
): Promise<{ readonly differences: readonly Difference[]; readonly text: string; readonly name: string }> {
  const name = `${folder}/node.ts`;
  const text = `import type { Node } from "@charybdis/charybdis";\n${top}\n` +
    `export function program(node: Node): void {\n  let own = 0;\n` +
    `  node.on("generate", () => ({ id: \`\${node.id}-\${own++}-\${${id}}\` }));\n}\n`;
  await Deno.writeTextFile(name, text);
  const line = `-w unique-ids --module ${name} --node-count 2 --rate 20 --time-limit 1`;
  const { job } = planSweep(parseSweep(line.split(" ")));
  const { differences } = await sweepTwice({ seeds: [1, 2, 3], jobs: 1, keepGoing: false, job });
  return { differences, text, name };
}

folderTest("two runs of a deterministic module are identical", async (folder) => {
  assertEquals((await compare(folder, { id: "node.random.id()" })).differences, []);
}, { slices: 3 });

folderTest("a variable at the top level is named as state that an earlier run left", async (folder) => {
  const { differences, text, name } = await compare(folder, { top: "let count = 0;", id: "count++" });
  const [difference] = differences;
  assertEquals(
    differences.map(({ seed, source, where }) => [seed, source, where]),
    [[2, "kept", "messages"]],
  );
  const told = difference === undefined ? [] : describeDifference(difference, [{ kind: "node", name, text }]);
  assertStringIncludes(told.join("\n"), `${name}:2: let count: `);
}, { slices: 3 });

folderTest("the clock of the machine is named as such", async (folder) => {
  const id = 'new Intl.DateTimeFormat("en", { fractionalSecondDigits: 3, second: "numeric" }).format()';
  const { differences } = await compare(folder, { id });
  assertEquals(differences.map(({ seed, source }) => [seed, source]), [[1, "machine"]]);
}, { slices: 3 });

Deno.test("the earliest of two differing events is the first difference", () => {
  const message = (ms: number, id: number) => `{"time":${ms * 1e6},"id":${id},"event":"sent"}`;
  const began = '{"time":5000000,"event":"began"}';
  const event = (ms: number, f: string) => `{"time":${ms * 1e6},"f":"${f}"}`;
  const one = { history: [event(1, "a"), event(3, "b")], messages: [began, message(9, 1)] };
  assertEquals(firstDifference(one, one), undefined);
  const later = firstDifference(one, { ...one, messages: [began, message(9, 2)] });
  assertEquals([later?.where, later?.line, later?.timeMs], ["messages", 2, 9]);
  const both = firstDifference(one, { history: [event(1, "a"), event(3, "c")], messages: [began] });
  assertEquals([both?.where, both?.line, both?.timeMs], ["history", 2, 8]);
  const shorter = firstDifference(one, { ...one, history: [event(1, "a")] });
  assertEquals(shorter?.events, [event(3, "b"), undefined]);
});

Deno.test("a workload is referred to the random numbers of its generator", () => {
  const events = ["a", "b"] as const;
  const difference = { seed: 1, where: "history", line: 1, timeMs: 1, events, source: "machine" } as const;
  const text = "const draw = () => Math.random();";
  const [node, workload] = (["node", "workload"] as const).map((kind) =>
    describeDifference(difference, [{ kind, name: "file.ts", text }]).at(-1)
  );
  assertStringIncludes(node ?? "", "node.random");
  assertStringIncludes(workload ?? "", "the generator receives");
});

Deno.test("an API in a comment is not found, and a found one has its line", () => {
  const source = "// Date\n/* Math.random\n */\nconst x = Date.now();\n";
  assertEquals(findApis(source, "machine").map(({ name, line }) => [name, line]), [["Date", 4]]);
  assertEquals(findApis("const LIMIT: number = 3;\nlog.import(x);\n", "machine"), []);
});

/** Options as objects, and the command lines that are printed from them. */

import { assertEquals, assertThrows } from "@std/assert";
import { CHALLENGES } from "../../../lib/bench/grade/challenges.ts";
import { type GivenOptions, makeTest, printTest } from "../../../lib/bench/run/command_line.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";

const EXAMPLES: ReadonlyArray<readonly [GivenOptions, string]> = [
  [{ workload: "echo" }, "-w echo"],
  [
    { workload: "lin-kv", nodeCount: 3, rate: 0.5, virtual: true },
    "-w lin-kv --node-count 3 --rate 0.5 --virtual",
  ],
  [{ nemesis: ["kill", "one-way"], virtual: true }, "--nemesis kill,one-way --virtual"],
  [
    { nodes: ["a", "b"], node: ["x", "y"], concurrency: "2n" },
    "--nodes a,b --node x --node y --concurrency 2n",
  ],
  [{ availability: "total", seed: undefined, json: false }, "--availability total --no-json"],
];

Deno.test("options print as a command line, in their order", () => {
  for (const [options, line] of EXAMPLES) assertEquals(printTest(options).join(" "), line);
  assertEquals(printTest({ workload: "echo" }, ["--slow"]), ["-w", "echo", "--", "--slow"]);
});

Deno.test("a printed command line reads back as the same test", () => {
  const lines = CHALLENGES.flatMap(({ lines, nodeArguments }) =>
    lines.map(({ options }) => [options, nodeArguments] as const)
  );
  for (const [options, nodeArguments] of [...lines, [{ workload: "lin-kv", clockDrift: 0.1 }, []] as const]) {
    const made = makeTest(options, nodeArguments);
    const { test, nodeArguments: after } = parseTest(printTest(options, nodeArguments));
    assertEquals([test, after], [made.test, made.nodeArguments]);
  }
});

Deno.test("options that are not compatible are refused, as on the command line", () => {
  assertThrows(() => makeTest({ workload: "echo", nemesis: ["clock"] }), ArgumentError, "--virtual");
  assertThrows(() => makeTest({ workload: "ecko" }), ArgumentError, "echo");
});

Deno.test("numbers and names of nodes are read as Maelstrom reads them", () => {
  const read = (line: string) => parseTest(["-w", "echo", "--virtual", ...line.split(" ")]).test;
  assertEquals(read("--node-count +2 --concurrency 03n").concurrency, 6);
  assertEquals(read("--rate 5. --nodes é,x_1.b-ü,").nodes, ["é", "x_1.b-ü"]);
  assertEquals(read("--nemesis partition,").faults, ["partition"]);
  assertEquals(read("--nemesis kill,partition,kill").faults, ["kill", "partition"]);
  assertEquals(read("--node x --nodes a --node-count 2").nodes, ["n0", "n1", "x"]);
  assertThrows(() => read("--node-count 1 --nodes-file /no/such"), ArgumentError, "cannot be read");
  for (const line of ["--rate 0x5", "--rate 1_0", "--nodes a,,b", "--concurrency +2", "--nodes a/b"]) {
    assertThrows(() => read(line), ArgumentError, "but is");
  }
});

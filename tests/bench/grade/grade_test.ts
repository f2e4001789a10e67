import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { gradeCommand } from "../../../lib/bench/cli/grade.ts";
import { type Challenge, CHALLENGES } from "../../../lib/bench/grade/challenges.ts";
import { type Grade, gradeChallenge, type RunWithResult } from "../../../lib/bench/grade/grade.ts";
import { parseResults } from "../../../lib/bench/grade/maelstrom.ts";
import { tableHead, tableRow } from "../../../lib/bench/grade/table.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { style } from "../../../lib/bench/terminal/style.ts";
import { terminalText } from "../../../lib/bench/terminal/terminal_text.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { runBench } from "../../attack/bench_run.ts";

function challenge(id: string): Challenge {
  const found = CHALLENGES.find((each) => each.id === id);
  assert(found !== undefined);
  return found;
}

function run(
  figures: { valid?: boolean | "unknown"; perOp?: number; median?: number; max?: number; ok?: number } = {},
): RunWithResult {
  const { valid = true, perOp = 1.2, median = 350, max = 560, ok = 1 } = figures;
  return {
    arguments: [],
    nodeArguments: [],
    valid,
    store: "store/x",
    seconds: 31,
    result: {
      net: { servers: { "msgs-per-op": perOp } },
      availability: { "ok-fraction": ok },
      workload: { "stable-latencies": { "0": 0, "0.5": median, "1": max } },
    },
  };
}

/** A challenge of `grade --json`. */
interface Graded {
  readonly id: string;
  readonly reasons: readonly string[];
  readonly runs: ReadonlyArray<{ readonly "node-arguments": readonly string[] }>;
}

function textsOf({ reasons }: Grade): string[] {
  return reasons.map(({ text }) => text);
}

Deno.test("the options of the bench parse the command line of each challenge", () => {
  assertEquals(CHALLENGES.map(({ id }) => id).join(" "), "1 2 3a 3b 3c 3d 3e 4 5a 5b 5c 6a 6b 6c");
  for (const { lines, workload } of CHALLENGES) {
    for (const line of lines) assertEquals(parseTest(line.arguments).test.workload, workload);
  }
});

Deno.test("a challenge passes if every run is valid and its metrics satisfy the bounds", () => {
  const grade = gradeChallenge(challenge("3d"), [run(), run()]);
  assertEquals([grade.passed, grade.valid, grade.messagesPerOperation, grade.availability], [
    true,
    true,
    1.2,
    1,
  ]);
  assertEquals(grade.stableLatencyMs, { median: 350, longest: 560 });
  assertEquals(grade.reasons, []);
});

Deno.test("each violated bound and each run that is not valid is a reason", () => {
  const reasons = (...runs: RunWithResult[]) => textsOf(gradeChallenge(challenge("3d"), runs));
  assertEquals(reasons(run({ perOp: 30 }), run()), ["messages per operation is 30, not under 30"]);
  assertEquals(reasons(run({ median: 400 }), run()), ["median stable latency in ms is 400, not under 400"]);
  assertEquals(reasons(run({ max: 601 }), run()), ["largest stable latency in ms is 601, not under 600"]);
  assertEquals(reasons(run(), run({ valid: false })), ["invalid under partitions"]);
  assertEquals(reasons(run(), run({ max: 9000, perOp: 99 })), [], "figures are the fault-free run's");
  const partial = gradeChallenge(challenge("2"), [run({ ok: 0.999 })]);
  assertEquals([partial.passed, textsOf(partial)], [false, ["availability is 0.999, not 1"]]);
  const missing = { ...run({ valid: "unknown" }), error: "executable not found: bin/x", result: undefined };
  for (const id of ["1", "2", "3d"]) {
    assertEquals(textsOf(gradeChallenge(challenge(id), [missing])), ["executable not found: bin/x"], id);
  }
});

Deno.test("a repeated challenge passes if every run passes, and shows the worst metrics", () => {
  const graded = (...runs: readonly RunWithResult[]) => gradeChallenge(challenge("3d"), runs, { repeat: 2 });
  const good = graded(run({ max: 500, perOp: 2 }), run({ max: 590, perOp: 3 }), run({ max: 9000 }), run());
  assertEquals([good.passed, good.messagesPerOperation, good.stableLatencyMs?.longest], [true, 3, 590]);
  const bad = graded(run(), run(), run(), run({ valid: false }));
  assertEquals([bad.passed, textsOf(bad)], [false, ["invalid under partitions (1 of 4 runs)"]]);
});

Deno.test("checks that Maelstrom does not make are shown with the grade", () => {
  const result = {
    ...run().result,
    convergence: { converged: false, "key-count": 1512, "different-count": 805, silent: [] },
    workload: { "newer-findings": [{ kind: "thin-air-read", count: 27, elle: null }] },
  };
  const grade = gradeChallenge(challenge("6c"), [{ ...run(), result }]);
  assertEquals([grade.passed, grade.shortfalls], [true, [
    "nodes differ on 805 of 1512 keys",
    "27 reads returned values that were never written",
  ]]);
  const row = tableRow(challenge("6c"), grade, style(false));
  assertStringIncludes(row, "valid as on Maelstrom, but nodes differ on 805 of 1512 keys");
});

Deno.test("a run without a verdict has a reason", () => {
  const result = { ...run().result, caveats: [{ kind: "ended-early", text: "A storm ended the run." }] };
  const grade = gradeChallenge(challenge("3b"), [{ ...run({ valid: "unknown" }), result }]);
  assertEquals(grade.reasons, [{ kind: "verdict", text: "no verdict: A storm ended the run" }]);
  const workload = { valid: "unknown", error: "./own.ts, line 7: judge threw no such key" };
  const broken = { ...run({ valid: "unknown" }), result: { ...result, workload } };
  assertEquals(gradeChallenge(challenge("3b"), [broken]).reasons, [
    { kind: "verdict", text: "no verdict: ./own.ts, line 7: judge threw no such key" },
  ]);
});

Deno.test("a grade shows the effects of faults", () => {
  const effects = [{ kind: "partition", times: 3, messages: 412 }] as const;
  const row = tableRow(
    challenge("3c"),
    gradeChallenge(challenge("3c"), [{ ...run(), faults: effects }]),
    style(false),
  );
  assertStringIncludes(row, "\n      partition: 3 times, 412 messages cut");
  const again = { ...run(), faults: [{ kind: "partition", times: 1, messages: 5 }] } as const;
  const { faults } = gradeChallenge(challenge("3c"), [{ ...run(), faults: effects }, run(), again]);
  assertEquals(faults, ["partition: 4 times, 417 messages cut"], "of all runs together");
});

Deno.test("a reason shows the last lines of a node's stderr", () => {
  const error = [
    "node n0 ended with exit status 1. The end of its stderr:",
    "    Traceback (most recent call last):",
    '      File "/x/echo.py", line 3, in <module>',
    "        main()",
    '      File "/x/echo.py", line 2, in main',
    "    NameError: name 'foo' is not defined",
  ].join("\n");
  const broken = { ...run({ valid: "unknown" }), error, result: undefined };
  const row = tableRow(challenge("1"), gradeChallenge(challenge("1"), [broken]), style(false));
  assertStringIncludes(row, "The end of its stderr:");
  assertStringIncludes(row, "NameError: name 'foo' is not defined");
});

Deno.test("the table fits 80 columns and shows the reason of each failure", () => {
  const plain = style(false);
  const lines = CHALLENGES.flatMap((each) => [
    tableRow(each, gradeChallenge(each, each.lines.map(() => run())), plain),
  ]);
  for (const line of [...tableHead(plain).split("\n"), ...lines]) assert(line.length <= 80, line);
  const failed = tableRow(
    challenge("3d"),
    gradeChallenge(challenge("3d"), [run({ max: 700 }), run()]),
    plain,
  );
  assertStringIncludes(failed, "FAIL");
  assertStringIncludes(failed, "largest stable latency in ms is 700, not under 600");
  const painted = terminalText(
    tableRow(challenge("3d"), gradeChallenge(challenge("3d"), [run(), run()]), style(true)),
  );
  assert(painted.startsWith("\x1b[32m") && painted.endsWith("\x1b[0m"));
});

Deno.test("challenges with the same line share a run only if executable and arguments are the same", async () => {
  const args = ["--map", "5b=/none/one,5c=/none/other", "--node-args", "5c=--eager"];
  const { code, stdout } = await runBench(["grade", "--only", "5b,5c", ...args, "--json", "-"]);
  assertEquals(code, 2);
  const { challenges } = JSON.parse(stdout);
  for (const [i, path] of ["/none/one", "/none/other"].entries()) {
    assertStringIncludes(challenges[i].reasons[0], `executable not found: ${path}.`);
    assertEquals(challenges[i].runs[0]["node-arguments"], i === 0 ? [] : ["--eager"]);
  }
});

Deno.test("a number or a workload names all of its challenges, and an id takes precedence", async () => {
  const map = "3d=/none/d,broadcast=/none/workload,3=/none/number,kafka=/none/kafka";
  const args = ["--only", "3,5b", "--map", map, "--node-args", "3=--eager", "--json", "-"];
  const { stdout } = await runBench(["grade", ...args]);
  const { challenges } = JSON.parse(stdout);
  const found = challenges.map(({ id, reasons: [reason], runs: [run] }: Graded) =>
    [id, /\/none\/(\w+)/.exec(reason ?? "")?.[1], ...run?.["node-arguments"] ?? []].join(" ")
  );
  assertEquals(found, [
    ...["3a", "3b", "3c"].map((id) => `${id} number --eager`),
    "3d d --eager",
    "3e number --eager",
    "5b kafka",
  ]);
  await assertRejects(() => gradeCommand(["--only", "ecco"]), ArgumentError, "did you mean echo?");
});

Deno.test("options that another option makes useless are refused", async () => {
  const refused: ReadonlyArray<readonly [string, string]> = [
    ["--virtual --map 1=bin/echo", "--virtual and --map exclude each other"],
    ["--virtual --bench maelstrom", "--virtual and --bench exclude each other"],
    ["--submissions class --json -", "--submissions and --json exclude each other"],
    ["--submissions class --virtual", "--submissions and --virtual exclude each other"],
    ["--no-sandbox", "--no-sandbox needs --submissions"],
    ["--out grades", "--out needs --submissions"],
  ];
  for (const [line, text] of refused) {
    await assertRejects(() => gradeCommand(line.split(" ")), ArgumentError, text);
  }
});

Deno.test("keys of Maelstrom's results.edn are read without their question marks", () => {
  const edn = `{:perf {:latency-graph {:valid? true}},
 :net {:all {:send-count 446}, :servers {:send-count 12, :msg-count 12, :msgs-per-op 0.25}, :valid? true},
 :availability {:valid? true, :ok-fraction 1.0},
 :workload {:stable-latencies {0 0, 0.5 12, 1 99}, :lost (), :valid? true},
 :valid? true}`;
  const result = parseResults(edn);
  const grade = gradeChallenge(challenge("3b"), [{ ...run(), result }]);
  assertEquals([result["valid"], grade.messagesPerOperation, grade.availability], [true, 0.25, 1]);
  assertEquals(grade.stableLatencyMs, { median: 12, longest: 99 });
});

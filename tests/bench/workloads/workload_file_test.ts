import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { generateHistory } from "../../../lib/bench/generate/generate.ts";
import { loadWorkload } from "../../../lib/bench/run/workload_file.ts";
import { eventLine } from "../../../lib/bench/store/format.ts";
import { parseResult } from "../../../lib/bench/store/parse_result.ts";
import { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import type { JobResult } from "../../../lib/bench/worker/job.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { sliceOf } from "../../seeds.ts";
import { bench, EXAMPLES, ROOT } from "../support/workload_runs.ts";

/** A workload of echoes, with the given parts instead of its own. */
function echoes(name: string, parts: Readonly<Record<string, string>> = {}): string {
  const all = {
    name: JSON.stringify(name),
    description: '"echoes of numbers"',
    messages: "[echo]",
    operations: '["echo"]',
    generator: '() => anyThread((random) => ({ f: "echo", value: random.below(9) }))',
    client: "() => ({ *invoke({ value }) { return (yield* call(echo, { echo: value })).echo; } })",
    judge: "() => judgment([])",
    ...parts,
  };
  return [
    'import { anyThread, call, checkModel, judgment, json, rpc } from "@charybdis/charybdis/workload";',
    'const echo = rpc("echo", { description: "Echoes.", request: { echo: json }, reply: { echo: json } });',
    "export const workload = {",
    ...Object.entries(all).filter(([, code]) => code !== "").map(([part, code]) => `  ${part}: ${code},`),
    "};",
  ].join("\n");
}

/** Runs a workload of a file against the built-in echo node, in virtual time. */
async function run(path: string, options = ""): Promise<JobResult> {
  await loadWorkload(path);
  const line = `--virtual -w ${path} --node-count 2 --rate 20 --time-limit 1 ${options}`.trim();
  const { test } = parseTest(line.split(" "));
  const worker = new BenchWorker();
  try {
    return await worker.run({
      kind: "virtual",
      test,
      seed: 1,
      nodeArguments: [],
      module: `${EXAMPLES}/nodes/echo.ts`,
      storage: false,
      keepHistory: "always",
      keepMessages: false,
    });
  } finally {
    worker.stop();
  }
}

folderTest("a workload whose shape is wrong is refused with its file and line", async (folder) => {
  const cases: readonly (readonly [parts: Readonly<Record<string, string>>, message: RegExp])[] = [
    [{ messages: '"none"' }, /shape\d+\.ts, line 6: messages must be a list/],
    [{ judge: "" }, /shape\d+\.ts, line 8: the workload has no judge/],
    [
      { generator: "7" },
      /shape\d+\.ts must export one workload|shape\d+\.ts, line 8: generator must be a function/,
    ],
    [{ finalGenerator: "[]" }, /shape\d+\.ts, line 11: finalGenerator must be a function/],
    [{ concurrency: "5" }, /shape\d+\.ts, line 11: concurrency must be a string/],
    [{ progress: "() => {}" }, /shape\d+\.ts, line 11: progress must be an object with a function request/],
    [{ name: '"broadcast"' }, /shape\d+\.ts, line 4: there is a built-in workload broadcast/],
    [{ name: '"../up"' }, /shape\d+\.ts, line 4: name must be/],
    [{ client: "{" }, /shape\d+\.ts: line \d+, column \d+: /],
    [{ client: "(() => { throw new Error('no client'); })()" }, /shape\d+\.ts, line 9: no client/],
  ];
  for (const [i, [parts, message]] of cases.entries()) {
    const path = `${folder}/shape${i}.ts`;
    await Deno.writeTextFile(path, echoes(`shape${i}`, parts));
    const error = await assertRejects(() => loadWorkload(path), ArgumentError);
    assertMatch(error.message, message);
  }
  const problem = `${folder}/problem.ts`;
  await Deno.writeTextFile(
    problem,
    echoes("problem", { problem: '() => { throw new Error("no answer"); }' }),
  );
  await assertRejects(() => run(problem), ArgumentError, "problem.ts, line 11: problem threw no answer");
  await assertRejects(() => loadWorkload(`${folder}/absent.ts`), ArgumentError, "does not exist");
});

folderTest("a workload file whose top level awaits nothing is refused", async (folder) => {
  await Deno.writeTextFile(`${folder}/awaits.ts`, `${echoes("awaits")}\nawait new Promise(() => {});`);
  const { status, stderr } = await bench(["test", "-w", `${folder}/awaits.ts`, "--virtual"]);
  assertEquals(status, 254, stderr);
  assertMatch(stderr, /^charybdis: cannot load .*awaits\.ts: its top level did not end within 4 s/);
}, { permissions: ["run", "env"], slices: 4 });

folderTest("a workload file imports the package alone", async (folder) => {
  await Deno.writeTextFile(`${folder}/other.ts`, `import "npm:left-pad";\n${echoes("other")}`);
  await assertRejects(() => loadWorkload(`${folder}/other.ts`), ArgumentError, "a workload imports");
});

folderTest(
  "a generator that fails ends the run with its file and line, and keeps the history",
  async (folder) => {
    const after = (code: string) =>
      `() => { let n = 0; return { next: ({ free }) => { if (n++ === 5) ${code};` +
      ' return { f: "echo", value: n, thread: free[0] }; } }; }';
    const cases: readonly (readonly [parts: Readonly<Record<string, string>>, message: RegExp])[] = [
      [{ generator: after('throw new Error("no dice")') }, /fails\d\.ts, line 8: generator threw no dice/],
      [
        { generator: after('return { f: "echo", value: 1, thread: 99 }') },
        /line 8: .* thread 99, which is not free/,
      ],
      [{ generator: after('return { f: "echo", thread: free[0] }') }, /line 8: .* without a value/],
      [
        { generator: after('return { f: "shout", value: 1, thread: free[0] }') },
        /line 8: .* operation shout, which is not in the list `operations`/,
      ],
      [{ generator: after('return { f: "echo", value: () => 1, thread: free[0] }') }, /line 8: .* not JSON/],
      [{ generator: after("return 7") }, /line 8: .* neither an operation/],
      [
        { finalGenerator: '() => anyThread(() => ({ f: "echo", value: 1 }))' },
        /line 11: finalGenerator did not end after/,
      ],
    ];
    for (const [i, [parts, message]] of sliceOf([...cases.entries()], 3)) {
      const path = `${folder}/fails${i}.ts`;
      await Deno.writeTextFile(path, echoes(`fails${i}`, parts));
      const { result, history } = await run(path);
      assertEquals(result.valid, "unknown");
      assertMatch(result["early-end"]?.text ?? "", message);
      assertEquals(parseResult(result).earlyEnd, "workload-error");
      assert((history ?? []).length >= 10);
    }
  },
);

folderTest(
  "a judge that throws, or whose model is not a function of its arguments, is named",
  async (folder) => {
    const model = (step: string) => `(history) => checkModel(history, { initial: () => 0, step: ${step} })`;
    const cases: readonly (readonly [judge: string, message: RegExp])[] = [
      ["() => {}", /judge\d\.ts, line 10: judge returned no result of a checker/],
      ['() => ({ kind: "judgment", valid: true })', /line 10: judge returned no result/],
      ['() => ({ kind: "mine", valid: true })', /line 10: judge returned no result of a checker/],
      ['() => { throw new Error("no verdict"); }', /judge\d\.ts, line 10: judge threw no verdict/],
      [model('() => { throw new Error("no step"); }'), /judge\d\.ts, line 10: judge threw no step/],
      [
        `(() => { let n = 0; return ${model("(state) => n++ % 3 === 0 ? 7 : state")}; })()`,
        /line 10: judge threw the model is not deterministic: echo\(\d\) → "\d" by process \d in state 0 first leads to/,
      ],
    ];
    for (const [i, [judge, message]] of sliceOf([...cases.entries()], 3)) {
      const path = `${folder}/judge${i}.ts`;
      await Deno.writeTextFile(path, echoes(`judge${i}`, { judge }));
      const { result, history } = await run(path);
      assertEquals(result.valid, "unknown");
      assertMatch(parseResult(result).workload.error ?? "", message);
      assert((history ?? []).length >= 10);
    }
  },
);

folderTest("a part of a workload with another form ends the run with its file and line", async (folder) => {
  const failing = '() => ({ *invoke() { throw new Error("always"); } })';
  const cases: readonly (readonly [parts: Readonly<Record<string, string>>, message: RegExp])[] = [
    [{ generator: "() => {}" }, /part\d+\.ts, line 8: generator returned no object with a function `next`/],
    [{ generator: "async () => ({ next() {} })" }, /line 8: generator returned no object with a function/],
    [{ finalGenerator: "() => 5" }, /line 11: finalGenerator returned no object with a function `next`/],
    [{ client: "() => {}" }, /line 9: client returned no object with a function `invoke`/],
    [{ client: "() => ({ invoke: () => 5 })" }, /line 9: client returned no sequence of requests/],
    [{ client: "() => ({ async invoke() {} })" }, /line 9: client returned no sequence of requests/],
    [
      { client: "() => ({ *invoke() { yield 5; } })" },
      /line 9: client returned a step that is not a request/,
    ],
    [{ setup: '() => { throw new Error("no setup"); }' }, /line 11: setup threw no setup/],
    [{ setup: "() => 5" }, /line 11: setup returned no sequence of requests/],
    [
      { client: failing, recordFailure: '() => { throw new Error("no record"); }' },
      /line 11: recordFailure threw no record/,
    ],
    [{ client: failing, recordFailure: "() => 5" }, /line 11: recordFailure returned neither/],
  ];
  for (const [i, [parts, message]] of sliceOf([...cases.entries()], 3)) {
    const path = `${folder}/part${i}.ts`;
    await Deno.writeTextFile(path, echoes(`part${i}`, parts));
    const { result } = await run(path);
    assertEquals(result.valid, "unknown");
    assertMatch(result["early-end"]?.text ?? "", message);
  }
});

// A process of its own, because the thread of a check that does not return lasts as long as its process.
folderTest(
  "a check that exceeds its time or its memory ends at its limit, and the run is kept",
  async (folder) => {
    const cases = [
      ["endless", "() => { for (;;); }", "--check-timeout=0.1", /line 10: judge did not return in time/],
      [
        "large",
        "() => { const kept = []; for (;;) kept.push(new Array(100_000).fill(kept.length)); }",
        "--check-memory=100",
        /line 10: judge reached the limit of\s+memory/,
      ],
    ] as const;
    for (const [name, judge, limit, message] of cases) {
      const path = `${folder}/${name}.ts`;
      await Deno.writeTextFile(path, echoes(name, { judge }));
      const node = [
        "--virtual",
        "--module",
        `${EXAMPLES}/nodes/echo.ts`,
        "--time-limit",
        "2",
        "--rate",
        "20",
      ];
      const { status, stdout } = await bench(["test", "-w", path, ...node, limit, "--store", folder]);
      assertEquals(status, 2, stdout);
      assertMatch(stdout, message);
      const [counted = "nothing"] = stdout.match(/^operations .* ok, .*$/m) ?? [];
      const checked = await bench(["check", `${folder}/${name}/latest`, limit]);
      assertEquals(checked.status, 2, checked.stdout);
      assertMatch(checked.stdout, message);
      assertStringIncludes(checked.stdout, `${counted}\n`);
      const history = await Deno.readTextFile(`${folder}/${name}/latest/history.jsonl`);
      assert(history.split("\n").length >= 20);
    }
  },
  { permissions: ["run", "env"], slices: 4 },
);

folderTest(
  "a check of a built-in workload that ends at its limit says so, and is unknown",
  async (folder) => {
    const history = generateHistory({
      workload: "txn-list-append",
      anomaly: "G0",
      seed: 1,
      operations: 5000,
    });
    const path = `${folder}/history.jsonl`;
    await Deno.writeTextFile(path, history.map((event) => `${eventLine(event)}\n`).join(""));
    const { status, stdout } = await bench([
      "check",
      path,
      "-w",
      "txn-list-append",
      "--check-timeout",
      "0.001",
    ]);
    assertEquals(status, 2);
    assertMatch(stdout, /^The check ended at its limit of 0\.001 s/);
  },
  { permissions: ["run", "env"], slices: 4 },
);

folderTest("a generator that does not return ends a run in real time, with its nodes", async (folder) => {
  const path = `${folder}/stops.ts`;
  const generator = "() => { let n = 0; return { next: ({ free }) => { while (n === 5); " +
    'return { f: "echo", value: n++, thread: free[0] }; } }; }';
  await Deno.writeTextFile(path, echoes("stops", { generator }));
  const options = ["--bin", `${ROOT}bin/echo`, "--node-count", "1", "--rate", "50", "--time-limit", "5"];
  const { status, stderr } = await bench(["test", "-w", path, ...options, "--store", folder]);
  assertEquals(status, 137, stderr);
  assertMatch(stderr, /stops\.ts, line 8: generator did not return in time\. The run is kept: .*test\.json/);
  const kept = JSON.parse(await Deno.readTextFile(`${folder}/stops/latest/test.json`));
  assertEquals(kept.state, "failed");
  assertMatch(kept.error, /line 8: generator did not return/);
  const history = await Deno.readTextFile(`${folder}/stops/latest/history.jsonl`);
  assertEquals(history.trim().split("\n").length, 10);
  const temporary = `${folder}/temporary`;
  await Deno.mkdir(temporary);
  const fuzzed = await bench(["fuzz", "-w", path, "--seeds", "7..8", ...options, "--store", folder], {
    env: { TMPDIR: temporary },
  });
  assertEquals(fuzzed.status, 137, fuzzed.stderr);
  assertMatch(fuzzed.stderr, /seed 7: .*stops\.ts, line 8: generator did not return in time/);
  assertEquals([...Deno.readDirSync(temporary)], []);
}, { permissions: ["run", "env"], slices: 4 });

folderTest(
  "a generator that does not return ends a test in virtual time, which runs once",
  async (folder) => {
    const path = `${folder}/starts.ts`;
    const started = `${folder}/started`;
    const generator = `() => { Deno.writeTextFileSync("${started}", "x", { append: true });` +
      ` while (Deno.statSync("${started}").size === 1); throw new Error("a second run"); }`;
    await Deno.writeTextFile(path, echoes("starts", { generator }));
    const node = ["--virtual", "--module", `${EXAMPLES}/nodes/echo.ts`, "--store", folder];
    const { status, stdout } = await bench(["test", "-w", path, ...node]);
    assertEquals(status, 2, stdout);
    assertMatch(stdout, /line 8: generator did not return in time/);
    assertEquals(await Deno.readTextFile(started), "x");
  },
  { permissions: ["run", "env"], slices: 4 },
);

folderTest("a workload file whose code fails ends an exploration without a verdict", async (folder) => {
  const next = (code: string) =>
    `() => { let n = 0; return { next: ({ free: [thread] }) => { if (n++ === 1) ${code};` +
    ' return { f: "echo", value: n, thread }; } }; }';
  const cases: readonly (readonly [parts: Readonly<Record<string, string>>, message: RegExp])[] = [
    [
      { generator: next('return { f: "shout", value: 1, thread }') },
      /line 8: generator returned an operation shout, which is not in the list `operations`/,
    ],
    [{ generator: next("for (;;)") }, /line 8: generator did not return in time/],
    [{ judge: '() => { throw new Error("no verdict"); }' }, /line 10: judge threw no verdict/],
    [{ judge: "() => { for (;;); }" }, /line 10: judge did not return in time/],
  ];
  for (const [i, [parts, message]] of sliceOf([...cases.entries()], 3)) {
    const path = `${folder}/explored${i}.ts`;
    await Deno.writeTextFile(path, echoes(`explored${i}`, parts));
    const options = ["--node-count", "1", "--operations", "2", "--check-timeout", "1", "--store", folder];
    const line = ["-w", path, "--module", `${EXAMPLES}/nodes/echo.ts`, ...options];
    const { status, stdout, stderr } = await bench(["explore", ...line]);
    assertEquals(status, 2, stdout + stderr);
    assertMatch(stdout, message);
    const [, json = ""] = (await bench(["explore", ...line, "--json"])).stdout.match(/^(\{.*\})$/m) ?? [];
    assertEquals(JSON.parse(json).valid, "unknown");
  }
}, { permissions: ["run", "env"], slices: 4 });

folderTest("output of a workload file is not among the results of a command", async (folder) => {
  const judge = '() => { console.log("printed"); console.table([1]); return judgment([]); }';
  const path = `${folder}/prints.ts`;
  await Deno.writeTextFile(path, `console.info("loaded");\n${echoes("prints", { judge })}`);
  const node = ["--module", `${EXAMPLES}/nodes/echo.ts`, "--store", `${folder}/store`];
  const commands = [
    ["test", "--virtual", ...node],
    ["check", `${folder}/store/latest`],
    ["sweep", "--seeds", "1..2", ...node],
    ["explore", "--operations", "1", ...node],
  ];
  for (const [command = "", ...args] of commands) {
    const line = [command, "-w", path, ...args, "--json"];
    const { status, stdout, stderr } = await bench(line);
    assertEquals(status, 0, stderr);
    assert(typeof JSON.parse(stdout) === "object");
    assertMatch(stderr, /^loaded$/m, command);
    assertMatch(stderr, /^printed$/m, command);
  }
}, { permissions: ["run", "env"], slices: 4 });

folderTest("a judge that does not return ends a fuzzed run without a verdict", async (folder) => {
  await Deno.writeTextFile(`${folder}/loops.ts`, echoes("loops", { judge: "() => { for (;;); }" }));
  const node = ["--bin", `${ROOT}bin/echo`, "--node-count", "1", "--time-limit", "1", "--store", folder];
  const line = ["-w", `${folder}/loops.ts`, "--seeds", "1..2", "--check-timeout", "0.1", ...node];
  const { status, stdout, stderr } = await bench(["fuzz", ...line]);
  assertEquals(status, 2, stdout + stderr);
  assertMatch(stdout, /line 10: judge did not return in time/);
  assert((await Deno.stat(`${folder}/loops/latest/history.jsonl`)).size > 0);
}, { permissions: ["run", "env"], slices: 4 });

folderTest("an exception of a client is an indeterminate operation with its place", async (folder) => {
  const path = `${folder}/client.ts`;
  await Deno.writeTextFile(
    path,
    echoes("client", { client: "() => ({ *invoke({ value }) { value.x.y; } })" }),
  );
  const { history } = await run(path);
  const ends = (history ?? []).map((line) => JSON.parse(line)).filter(({ type }) => type === "info");
  assertMatch(ends[0].error, /client\.ts, line 9\)$/);
});

folderTest("a check with a limit runs once, and its report has the messages", async (folder) => {
  const judged = JSON.stringify(`${folder}/judged`);
  const judge = `() => { Deno.writeTextFileSync(${judged}, "x", { append: true }); throw new Error("no"); }`;
  await Deno.writeTextFile(`${folder}/once.ts`, echoes("once", { judge }));
  const args = ["-w", `${folder}/once.ts`, "--module", `${EXAMPLES}/nodes/echo.ts`, "--time-limit", "1"];
  const { status, stdout, stderr } = await bench([
    "test",
    "--virtual",
    ...args,
    "--store",
    `${folder}/store`,
  ]);
  assertEquals(status, 2, stdout + stderr);
  assertEquals(await Deno.readTextFile(`${folder}/judged`), "x");
  assert((await Deno.stat(`${folder}/store/latest/messages.jsonl`)).size > 0);
});

folderTest("test, check, sweep and replay take a workload file", async (folder) => {
  const workload = `${EXAMPLES}/workloads/bank.ts`;
  const node = (name: string) => ["--module", `${EXAMPLES}/nodes/${name}.ts`, "--store", folder];
  const test = ["test", "-w", workload, "--virtual", "--seed", "1", "--time-limit", "5", "--rate", "50"];
  assertEquals((await bench([...test, ...node("bank")])).status, 0);
  const wrong = await bench([...test, ...node("bank_wrong")]);
  assertEquals(wrong.status, 1);
  assertMatch(wrong.stdout, /Process \d read [\d, ]+: \d+ in total\./);
  const checked = await bench(["check", `${folder}/bank/latest`]);
  assertEquals(checked.status, 1);
  assertMatch(checked.stdout, /in total\./);
  const swept = await bench([
    "sweep",
    `--workload=${workload}`,
    "--seeds",
    "1..3",
    "--shrink-tries",
    "5",
    ...node("bank_wrong"),
  ]);
  assertEquals(swept.status, 1);
  const replayed = await bench(["replay", `${folder}/bank/latest/case.json`]);
  assertEquals(replayed.status, 1);
  assertMatch(replayed.stdout, /identical to the recorded one, byte for byte/);
  const moved = await bench(["check", `${folder}/bank/latest`], { cwd: folder });
  assertEquals(moved.status, 1, moved.stderr);
  const head = JSON.parse(await Deno.readTextFile(`${folder}/bank/latest/test.json`));
  head.test.workloadFile = "./gone.ts";
  await Deno.writeTextFile(`${folder}/bank/latest/test.json`, JSON.stringify(head));
  const gone = await bench(["check", `${folder}/bank/latest`]);
  assertMatch(gone.stderr, /the run's workload was \.\/gone\.ts, which is not there/);
  assertEquals((await bench(["check", `${folder}/bank/latest`, "-w", workload])).status, 1);
  for (const named of [[workload], ["-w", workload]]) {
    const described = await bench(["doc", ...named]);
    assertMatch(described.stdout, /`transfer`[^]*`balances`/);
  }
}, { permissions: ["run", "env"], slices: 4 });

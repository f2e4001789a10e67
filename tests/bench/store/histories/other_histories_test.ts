/** Public histories, one per kind of form or value, with the right verdicts. */

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { folderTest } from "../../../folder.ts";
import { writeProgram } from "../../../program.ts";
import { BenchError } from "../../../../lib/bench/errors.ts";
import { historyIn, runOfMaelstrom } from "../../../../lib/bench/store/histories/store_folder.ts";
import { readHistory, type RecordedHistory } from "../../../../lib/bench/store/history_file.ts";
import {
  checkHistory,
  type CheckOptions,
  historyToJepsen,
  type JepsenHistoryResult,
  type NewerFinding,
  type Validity,
  type WorkloadName,
} from "../../../../lib/checkers/mod.ts";

const FIXTURES = new URL("../../../fixtures/other_histories/", import.meta.url);

function read(name: string, workload: WorkloadName): RecordedHistory {
  return readHistory(new URL(name, FIXTURES).pathname, { workload, interrupted: false });
}

function judge(name: string, workload: WorkloadName, options: CheckOptions = {}): JepsenHistoryResult {
  const { history, isModelOnly } = read(name, workload);
  return historyToJepsen(checkHistory(workload, history, { countStats: !isModelOnly, ...options }));
}

/** A file, its workload, the verdict, and the names of the anomalies if they matter. */
const VERDICTS: readonly [file: string, workload: WorkloadName, valid: Validity, anomalies?: string[]][] = [
  ["edn-bigint.edn", "unique-ids", true],
  ["edn-bigintN.edn", "unique-ids", true],
  ["edn-uuid-inst.edn", "unique-ids", true],
  ["edn-exception.edn", "unique-ids", true],
  ["edn-nemesis.edn", "unique-ids", true],
  ["edn-kafka-intkeys.edn", "kafka", false, ["unseen"]], // the last message is sent after all polls
  ["kafka-big64.jsonl", "kafka", true],
  ["kafka-all-info.jsonl", "kafka", false],
  ["edn-comments.edn", "lin-kv", true],
  ["edn-unkeyed-good.edn", "lin-kv", true],
  ["edn-unkeyed.edn", "lin-kv", false],
  ["knossos-bad-analysis.edn", "lin-kv", false],
  ["knossos-cas-register-bug.edn", "lin-kv", true],
  ["knossos-immediate-failure.edn", "lin-kv", false],
  ["maelstrom92.edn", "lin-kv", false],
  ["etcd.log", "lin-kv", true],
  ["etcd-wrong.log", "lin-kv", false],
  ["key-value.txt", "lin-kv", true],
  ["key-value-wrong.txt", "lin-kv", false],
  ["edn-index-gap.edn", "txn-list-append", false, ["G-single-item-realtime"]],
  ["elle20.edn", "txn-list-append", false, ["G-single-item"]],
  ["elle20-process.edn", "txn-list-append", false, ["G-single-item"]],
  ["append-bigint-lost.jsonl", "txn-list-append", false, ["G-single-item-realtime"]],
  ["elle-internal-nil-la.edn", "txn-list-append", false, ["G-single-item"]],
  ["elle8.edn", "txn-rw-register", true, []],
  ["elle-internal-nil-rw.edn", "txn-rw-register", true, []],
  ["elle8-oneindexed.edn", "txn-rw-register", false, ["empty-transaction-graph"]],
  ["counter-pending.jsonl", "g-counter", true],
];

for (const [file, workload, valid, anomalies] of VERDICTS) {
  Deno.test(`${file} is judged ${valid} as ${workload}`, () => {
    const result = judge(file, workload);
    assertEquals(result.valid, valid);
    if (anomalies === undefined) return;
    assertEquals(result.workload["anomaly-types"] ?? result.workload["error-types"], anomalies);
  });
}

Deno.test("write cycles are valid under read-uncommitted, and no checker throws", () => {
  const result = judge("maelstrom56.edn", "txn-rw-register", { consistencyModels: ["read-uncommitted"] });
  assertEquals([result.valid, result.workload["error"]], [true, undefined]);
});

/** Findings in addition to Elle 0.2.2's verdict, and the anomalies if they count. */
const NEWER: readonly [string, WorkloadName, Pick<NewerFinding, "kind" | "elle" | "count">, string[]][] = [
  ["elle8.edn", "txn-rw-register", { kind: "thin-air-read", elle: null, count: 1 }, ["thin-air-read"]],
  ["elle-internal-nil-rw.edn", "txn-rw-register", { kind: "internal", elle: "0.2.7", count: 1 }, [
    "internal",
  ]],
  [
    "elle-internal-nil-la.edn",
    "txn-list-append",
    { kind: "internal", elle: "0.2.7", count: 1 },
    ["G-single-item", "internal"],
  ],
];

for (const [file, workload, additional, counted] of NEWER) {
  Deno.test(`${file}: ${additional.kind} is shown with the verdict, and counts with newer Elle`, () => {
    const findings = judge(file, workload).workload["newer-findings"];
    assert(Array.isArray(findings));
    assertEquals(findings.map(({ examples: _, ...rest }) => rest), [additional]);
    const { valid, workload: part } = judge(file, workload, { elle: "0.2.7" });
    assertEquals([valid, part["anomaly-types"], part["newer-findings"]], [false, counted, undefined]);
  });
}

Deno.test("an event without a process is rejected with its place", () => {
  const error = assertThrows(() => read("elle-paper-example.edn", "txn-list-append"), BenchError);
  assertStringIncludes(error.message, "line 1, column 1: this event has no :process");
});

Deno.test("a run folder of Maelstrom is read, and its path determines the workload", () => {
  const folder = new URL("maelstrom-store", FIXTURES).pathname;
  assertEquals(historyIn(folder), `${folder}/history.edn`);
  assertEquals(runOfMaelstrom(folder), {});
  const store = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${store}/unique-ids/20240101T000000`, { recursive: true });
    assertEquals(runOfMaelstrom(`${store}/unique-ids/20240101T000000`), { workload: "unique-ids" });
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
});

folderTest("a run of Maelstrom that crashed is never valid, but its history may be", async (store) => {
  const folder = `${store}/echo/latest`;
  Deno.mkdirSync(folder, { recursive: true });
  const write = (name: string, lines: readonly string[]) =>
    Deno.writeTextFileSync(`${folder}/${name}`, lines.join("\n") + "\n");
  const check = async (path: string) => {
    const { code, stdout } = await new Deno.Command("bin/charybdis", { args: ["check", path, "-w", "echo"] })
      .output();
    return { code, out: new TextDecoder().decode(stdout) };
  };
  const core = (text: string) => `[jepsen test runner] INFO jepsen.core - ${text}`;
  const run = (type: string, value: string) =>
    `[jepsen worker 0] INFO jepsen.util - 0\t${type}\t:echo\t${value}`;
  const started = [core("Running test:"), "{:args []}", run(":invoke", '"a"')];
  const done = [...started, run(":ok", '{:type "echo_ok", :echo "a"}')];
  write("jepsen.log", done);
  const killed = await check(folder);
  assertEquals(killed.code, 2, killed.out);
  assertStringIncludes(killed.out, "The run did not end");
  const complete = [...done, core("Run complete, writing")];
  write("jepsen.log", complete);
  assertEquals((await check(folder)).code, 0);
  write("jepsen.log", done.slice(2));
  assertEquals((await check(folder)).code, 0, "a part of a log");
  write("history.edn", [
    '{:type :invoke, :process 0, :f :echo, :value "a"}',
    '{:type :ok, :process 0, :f :echo, :value {:type "echo_ok", :echo "a"}}',
  ]);
  write("jepsen.log", complete);
  assertEquals((await check(folder)).code, 0, "results that were left out");
  write("jepsen.log", [...complete, core("Test crashed!"), "clojure.lang.ExceptionInfo: Node n0 crashed"]);
  const crashed = await check(folder);
  assertEquals(crashed.code, 2, crashed.out);
  assertStringIncludes(crashed.out, "The run crashed");
  assertEquals((await check(`${folder}/history.edn`)).code, 0);
}, { permissions: ["run"], slices: 3 });

folderTest("a check of the bench's own run keeps its report, and names its verdict", async (store) => {
  const bin = `${store}/silent`;
  writeProgram(
    bin,
    '#!/bin/sh\nread line\necho \'{"src":"n0","dest":"c0","body":{"type":"init_ok","in_reply_to":1}}\'\nexit 3\n',
  );
  const run = async (args: readonly string[]) => {
    const { code, stdout } = await new Deno.Command("bin/charybdis", { args: [...args] }).output();
    return { code, out: new TextDecoder().decode(stdout) };
  };
  const options = ["--node-count", "1", "--time-limit", "1", "--rate", "0", "--store", store];
  assertEquals((await run(["test", "-w", "echo", "--bin", bin, ...options])).code, 1);
  const folder = `${store}/echo/latest`;
  const report = Deno.readTextFileSync(`${folder}/report.html`);
  const { out } = await run(["check", folder]);
  assertStringIncludes(out, "That on the run was invalid");
  assertEquals(Deno.readTextFileSync(`${folder}/report.html`), report);
  assert(Deno.readTextFileSync(`${folder}/check.html`) !== report);
}, { permissions: ["run"], slices: 3 });

Deno.test("the command line in Maelstrom's log determines the options that decide the verdict", () => {
  const folder = Deno.makeTempDirSync();
  const logged = (args: string) => {
    const log = `INFO [2024-01-01 00:00:00,000] main - jepsen.core Command line:\nlein run test ${args}\n`;
    Deno.writeTextFileSync(`${folder}/jepsen.log`, log);
    return runOfMaelstrom(folder);
  };
  try {
    assertEquals(logged("-w txn-list-append --bin n"), { workload: "txn-list-append" });
    assertEquals(
      logged("--workload=txn-rw-register --consistency-models read-committed --availability total --bin n"),
      { workload: "txn-rw-register", availability: "total", consistencyModels: ["read-committed"] },
    );
    assertEquals(
      logged(`-w txn-list-append --availability 0.9 --consistency-models "PL-2 , snapshot-isolation"`),
      {
        workload: "txn-list-append",
        availability: 0.9,
        consistencyModels: ["PL-2", "snapshot-isolation"],
      },
    );
    assertEquals(logged("-w echo --availability :total").availability, "total");
    assertEquals(logged("-w echo --availability 1/2 --bin n").availability, 0.5);
    assertEquals(logged("--bin n"), {});
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a history judged by a model alone has no stats in its verdict", () => {
  const { history, isModelOnly } = read("edn-unkeyed-good.edn", "lin-kv");
  assertEquals(isModelOnly, true);
  assertEquals(history.map(({ value }) => value), [["register", 3], ["register", 3], ["register", null], [
    "register",
    3,
  ]]);
  assertEquals(read("edn-comments.edn", "lin-kv").isModelOnly, false);
});

import { assertEquals, assertThrows } from "@std/assert";
import { anomaliesOf, GENERATED_WORKLOADS, generateHistory } from "../../../lib/bench/generate/generate.ts";
import { eventEdn } from "../../../lib/bench/store/results_edn.ts";
import { eventLine } from "../../../lib/bench/store/format.ts";
import { readAs } from "../../../lib/bench/store/history_file.ts";
import {
  checkHistory,
  type History,
  historyToJepsen,
  isWorkload,
  type JepsenResult,
} from "../../../lib/checkers/mod.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { bench } from "../support/workload_runs.ts";

/** Anomalies that do not make a history invalid. */
const HARMLESS: ReadonlySet<string> = new Set(["never-read", "stale", "unexpected", "duplicated", "none"]);
/** Anomalies that another one always causes. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  "kafka lost-write": ["unseen"],
  "txn-list-append G1b": ["G-single-item"],
  "txn-rw-register lost-update": ["G2-item"],
};
const SET_OUTCOMES = ["lost", "never-read", "stale", "unexpected"];

/** Returns the names of all anomalies in a result. */
function anomaliesIn(workload: string, result: JepsenResult): readonly unknown[] {
  const named = result["anomaly-types"] ?? result["error-types"];
  // A sign that no transaction depends on another, as in a history of a single one.
  if (Array.isArray(named)) return named.filter((name) => name !== "empty-transaction-graph");
  if (workload.endsWith("set") || workload === "broadcast") {
    const duplicated = Object.keys(Object(result["duplicated"])).length > 0 ? ["duplicated"] : [];
    return [
      ...SET_OUTCOMES.filter((name) => Array.isArray(result[name]) && result[name].length > 0),
      ...duplicated,
    ];
  }
  return result.valid === false ? ["wrong"] : [];
}

/** Judges a history that was written in Jepsen's form. */
function judge(workload: string, history: History): JepsenResult {
  if (!isWorkload(workload)) throw new TypeError(workload);
  const text = history.map((event) => `${eventEdn(event)}\n`);
  const read = readAs("edn", text, { workload, interrupted: false });
  return historyToJepsen(checkHistory(workload, read.history)).workload;
}

for (const workload of GENERATED_WORKLOADS) {
  Deno.test(`a generated history of ${workload} has exactly its anomaly`, () => {
    for (const anomaly of [...anomaliesOf(workload), "none"]) {
      for (const [seed, operations] of [[1, 20], [2, 200], [3, 0]] as const) {
        const history = generateHistory({ workload, anomaly, seed, operations });
        const result = judge(workload, history);
        const place = `${workload}, ${anomaly}, seed ${seed}`;
        const isNamed = result["anomaly-types"] !== undefined || result["error-types"] !== undefined ||
          result["lost"] !== undefined;
        const wanted = anomaly === "none"
          ? []
          : isNamed
          ? [...IMPLIED[`${workload} ${anomaly}`] ?? [], anomaly]
          : ["wrong"];
        assertEquals([...anomaliesIn(workload, result)].sort(), wanted.sort(), place);
        // A history without any operation proves nothing.
        if (operations > 0) assertEquals(result.valid, HARMLESS.has(anomaly), place);
      }
    }
  });
}

Deno.test("polls of a generated log return only keys with messages and an acknowledged send", () => {
  // Jepsen's analysis ends at a key whose polls are all empty, and counts messages of a key without a send as unseen.
  for (const anomaly of [...anomaliesOf("kafka"), "none"]) {
    for (const [seed, operations] of [[1, 0], [1, 2], [2, 2], [3, 12]] as const) {
      const successes = generateHistory({ workload: "kafka", anomaly, seed, operations })
        .filter(({ type }) => type === "ok")
        .flatMap(({ value }) => Array.isArray(value) ? value : []);
      const sent = new Set(successes.filter(([f]) => f === "send").map(([, key]) => key));
      const polled = successes.filter(([f]) => f === "poll").flatMap(([, lists]) => Object.entries(lists));
      const wrong = polled.filter(([key, list]) => Object.keys(Object(list)).length === 0 || !sent.has(key));
      assertEquals(wrong, [], `${anomaly}, seed ${seed}, ${operations} operations`);
    }
  }
});

folderTest("the command writes a history that check judges, in both forms", async (folder) => {
  const edn = await bench([
    "generate",
    "-w",
    "txn-list-append",
    "--anomaly",
    "G-single",
    "--output",
    `${folder}/h.edn`,
  ]);
  assertEquals(edn.status, 0, edn.stderr);
  const checked = await bench(["check", `${folder}/h.edn`, "-w", "txn-list-append", "--json"]);
  assertEquals(JSON.parse(checked.stdout).workload["anomaly-types"], ["G-single-item"]);
  const jsonl = await bench([
    "generate",
    "-w",
    "g-set",
    "--anomaly",
    "lost",
    "--format",
    "jsonl",
    "--seed",
    "7",
  ]);
  const expected = generateHistory({ workload: "g-set", anomaly: "lost", seed: 7, operations: 20 });
  assertEquals(jsonl.stdout, expected.map((event) => `${eventLine(event)}\n`).join(""));
  const listed = await bench(["generate", "-w", "kafka"]);
  assertEquals(listed.stdout.trim().split("\n"), [...anomaliesOf("kafka"), "none"]);
}, { permissions: ["run", "env"] });

Deno.test("an unknown anomaly or workload is refused with the nearest name", () => {
  const generate = (workload: string, anomaly: string) =>
    generateHistory({ workload, anomaly, seed: 1, operations: 1 });
  assertThrows(() => generate("kafka", "lost-writ"), ArgumentError, "did you mean lost-write?");
  assertThrows(() => generate("echo", "lost"), ArgumentError, "Choose one of");
  assertThrows(() => anomaliesOf("./own.ts"), ArgumentError, "Choose one of");
});

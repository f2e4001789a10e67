import { assertEquals, assertGreater } from "@std/assert";
import {
  checkHistory,
  checkRegister,
  checkSetFull,
  historyToJepsen,
  toJepsen,
  type WorkloadName,
} from "../../lib/checkers/mod.ts";
import { differences, setDifferences } from "./agreement.ts";
import {
  canRead,
  casesIn,
  furtherRecordings,
  type GeneratedCase,
  generatedCases,
  record,
  type RecordedRun,
  recordedRuns,
  runsIn,
} from "./recorded.ts";

/** The number of recorded runs: judged by Jepsen, and crashed (a node died, so Maelstrom gave no verdict). */
const RECORDED: readonly [workload: WorkloadName, judged: number, crashed: number][] = [
  ["echo", 14, 0],
  ["unique-ids", 8, 1],
  ["broadcast", 23, 1],
  ["g-set", 10, 0],
  ["g-counter", 4, 1],
  ["pn-counter", 12, 0],
  ["kafka", 16, 0],
  ["lin-kv", 13, 1],
];

/** The differences of each run from its recorded verdict; those that crashed only have to be checked without a throw. */
function disagreements(
  runs: readonly RecordedRun[],
): { judged: number; crashed: number; differing: string[] } {
  const differing: string[] = [];
  let crashed = 0;
  for (const { name, workload, availability, history, expected } of runs) {
    const actual = historyToJepsen(checkHistory(workload, history, { availability }));
    if (expected["crashed"] === true) {
      crashed++;
      continue;
    }
    for (const difference of differences(workload, expected, actual)) {
      differing.push(`${name}: ${difference}`);
    }
  }
  return { judged: runs.length - crashed, crashed, differing };
}

for (const [workload, judged, crashed] of RECORDED) {
  Deno.test({
    name: `all ${judged} recorded ${workload} runs get Jepsen's verdicts and figures`,
    ignore: !canRead,
    fn: async () => {
      assertEquals(disagreements(await recordedRuns(workload)), { judged, crashed, differing: [] });
    },
  });
}

function setDisagreements(cases: readonly GeneratedCase[]): string[] {
  return cases.flatMap(({ name, history, options, valid, result }) => {
    const actual = toJepsen(checkSetFull(history, { linearizable: options["linearizable"] === true }));
    return setDifferences({ ...result, valid }, actual).map((difference) => `${name}: ${difference}`);
  });
}

/** Verdicts, and the operation that ends the longest linearizable prefix. */
function registerDisagreements(cases: readonly GeneratedCase[]): string[] {
  return cases.flatMap(({ name, history, valid, failedIndex }) => {
    const actual = toJepsen(checkRegister(history));
    const failed = record(actual["op"])["index"] ?? null;
    return actual.valid === valid && failed === failedIndex
      ? []
      : [`${name}: ${actual.valid} at ${failed}, not ${valid} at ${failedIndex}`];
  });
}

Deno.test({
  name: "all 105 generated sets get the verdicts and figures of Jepsen's set-full",
  ignore: !canRead,
  fn: async () => {
    const cases = await generatedCases("set");
    assertEquals([cases.length, ...setDisagreements(cases)], [105]);
  },
});

Deno.test({
  name: "all 210 generated registers get Knossos's verdicts, and fail at the same operation",
  ignore: !canRead,
  fn: async () => {
    const cases = await generatedCases("register");
    assertEquals([cases.length, ...registerDisagreements(cases)], [210]);
  },
});

const further = furtherRecordings();

Deno.test({
  name: "recordings in the folder CHARYBDIS_ORACLE get their recorded verdicts",
  ignore: further === null || !canRead,
  fn: async () => {
    const folder = further ?? "";
    const runs = await runsIn(folder, new Set(RECORDED.map(([workload]) => workload)));
    const sets = await casesIn(folder, "set");
    const registers = await casesIn(folder, "register");
    assertGreater(runs.length + sets.length + registers.length, 0);
    assertEquals(
      [...disagreements(runs).differing, ...setDisagreements(sets), ...registerDisagreements(registers)],
      [],
    );
  },
});

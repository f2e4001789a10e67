/**
 * The command `charybdis replay`, which runs a case again with the same bytes.
 *
 * Tested by `tests/bench/sweep/processes_test.ts`.
 */

import { VERDICT_STATUSES } from "./exit_statuses.ts";
import { parseHistory, resultText } from "../../checkers/parse.ts";
import {
  ArgumentError,
  describeSettings,
  flag,
  number,
  parseSettings,
  text,
} from "../../runtime/settings.ts";
import { type FailureCase, historyCrc, jobOf, readCase } from "../replay/case.ts";
import { findingsOfJob } from "../findings/job_findings.ts";
import { loadInvariants } from "../invariants/registry.ts";
import { loadRecordedWorkload } from "../run/workload_file.ts";
import { say, styleFor } from "../terminal/output.ts";
import { writeCaseReport } from "../report/write_report.ts";
import { summarize } from "../terminal/summary.ts";
import { exitStatus } from "../exit_status.ts";
import { VERSION } from "../version.ts";
import { describeInevitability, inevitabilityOf, type ToldInevitability } from "../replay/futures.ts";
import { readInevitability, writeInevitability } from "../replay/inevitability_file.ts";
import type { JobResult } from "../worker/job.ts";
import { narrate } from "../replay/narrative.ts";
import { BenchWorker } from "../worker/handle.ts";

const settings = {
  workload: text({
    syntax: "FILE",
    description: "Workload file of the case. Default: its path when the case was recorded.",
  }),
  inevitable: flag(false, {
    description:
      "Draws the rest of the run again from many moments, and shows since when the failure was inevitable.",
  }),
  futures: number(100, {
    min: 1,
    max: 100_000,
    whole: true,
    description: "Maximum number of futures drawn per moment, with --inevitable.",
  }),
  json: flag(false, { description: "Prints the results as JSON, and nothing else, on stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export async function replayCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const values = parseSettings(settings, args, { positional, alias: { w: "workload" } });
  if (values.help) {
    say(
      [
        "Usage: charybdis replay FILE [options]",
        "",
        "Runs a recorded case again: case.json, or the folder it is in.",
        "",
        describeSettings(settings),
        "",
        VERDICT_STATUSES,
      ].join("\n"),
    );
    return 0;
  }
  const [given, ...more] = positional;
  if (given === undefined || more.length > 0) {
    throw new ArgumentError("replay takes one file: case.json, or the folder it is in");
  }
  const recorded = readCase(given.endsWith(".json") ? given : `${given.replace(/\/$/, "")}/case.json`);
  const folder = given.endsWith(".json") ? given.replace(/\/?[^/]*$/, "") || "." : given.replace(/\/$/, "");
  if (values.workload === undefined) await loadRecordedWorkload(recorded.test.workloadFile);
  if (recorded.test.invariants !== undefined) await loadInvariants(recorded.test.invariants);
  say(whatRuns(recorded), "stderr");
  const worker = new BenchWorker();
  try {
    const ran = await worker.run({ ...jobOf(recorded), keepMessages: true });
    const inevitability = values.inevitable && !ran.hasHung
      ? await drawFutures(recorded, { ran, worker, count: values.futures })
      : undefined;
    const crc = historyCrc(ran.history ?? []);
    if (inevitability !== undefined) writeInevitability(folder, { historyCrc: crc, inevitability });
    await writeCaseReport(folder, { recorded, ran }, inevitability ?? readInevitability(folder, crc));
    const same = crc === recorded.historyCrc;
    if (values.json) {
      say(resultText(inevitability === undefined ? ran.result : { ...ran.result, inevitability }));
      return exitStatus(ran.result.valid);
    }
    for (const line of narrate(recorded, parseHistory(ran.history ?? [], { cutOff: "drop" }), ran.messages)) {
      say(line);
    }
    say("");
    const { test, seed } = recorded;
    const findings = findingsOfJob(test, ran);
    const told = { test, style: styleFor("stdout"), seed, store: folder, findings };
    for (const line of summarize(ran.result, told)) say(line);
    if (inevitability !== undefined) {
      for (const line of [...describeInevitability(inevitability), ""]) say(line);
    } else if (values.inevitable) {
      say("No futures were drawn, because the run hung: each future would wait for its time limit.");
      say("");
    }
    say(
      same
        ? "The history is identical to the recorded one, byte for byte."
        : `The history differs from the recorded one: the case was written by version ${recorded.charybdis}, this is ${VERSION}, and a node or the bench has changed.`,
    );
    return exitStatus(ran.result.valid);
  } finally {
    worker.stop();
  }
}

/** The number of futures between two progress lines. */
const PROGRESS_FUTURES = 500;

async function drawFutures(
  recorded: FailureCase,
  { ran, worker, count }: {
    readonly ran: JobResult;
    readonly worker: BenchWorker;
    readonly count: number;
  },
): Promise<ToldInevitability> {
  const others = Array.from({ length: navigator.hardwareConcurrency - 1 }, () => new BenchWorker());
  try {
    return await inevitabilityOf(recorded, ran, {
      count,
      workers: [worker, ...others],
      progress: (drawn) => {
        if (drawn % PROGRESS_FUTURES === 0) say(`${drawn} futures drawn`, "stderr");
      },
    });
  } finally {
    for (const other of others) other.stop();
  }
}

/** Describes what a case runs, before it runs, because the case file may include the code of a module. */
function whatRuns({ test, seed, module, code }: FailureCase): string {
  const node = code !== undefined
    ? "the code in the case, without permissions"
    : module === undefined
    ? `the built-in ${test.workload} node`
    : `the module ${module}, without permissions`;
  return `replay runs ${node}, with seed ${seed}.`;
}

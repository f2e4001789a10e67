/** The command `charybdis check`, which judges a recorded history. Tested by `tests/bench/run/interruption_test.ts`. */

import { VERDICT_STATUSES } from "./exit_statuses.ts";
import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import { resultText } from "../../checkers/parse.ts";
import { ELLE_VERSIONS, type ElleVersion } from "../../checkers/elle/mod.ts";
import { WORKLOADS } from "../../checkers/workloads.ts";
import { isObject } from "../../protocol/schema.ts";
import { ArgumentError, describeSettings, flag, parseSettings, text } from "../../runtime/settings.ts";
import { say, styleFor } from "../terminal/output.ts";
import { historyIn, missingEnd, runOfMaelstrom } from "../store/histories/store_folder.ts";
import type { CheckJob } from "../worker/job.ts";
import { findWorkload } from "../workloads/registry.ts";
import { checkLimitsOf, requireKnownModels, requireWorkload, testSettings } from "../run/options.ts";
import { loadRecordedWorkload } from "../run/workload_file.ts";
import { Progress } from "../terminal/progress.ts";
import { readJson } from "../store/files.ts";
import { readHistory } from "../store/history_file.ts";
import { checkReport } from "../report/check_report.ts";
import type { Finding } from "../findings/finding.ts";
import { BenchError } from "../errors.ts";
import { STORE_FORMAT } from "../store/format.ts";
import { summarizeChecked } from "../terminal/summary.ts";
import { exitStatus } from "../exit_status.ts";
import { BenchWorker } from "../worker/handle.ts";
import type { CheckedHistory } from "../worker/messages.ts";

/** The report's name in the folder of a run, which has a report of its own. */
const CHECK_REPORT_FILE = "check.html";

const settings = {
  workload: testSettings.workload,
  availability: testSettings.availability,
  consistencyModels: testSettings.consistencyModels,
  elle: testSettings.elle,
  checkTimeout: testSettings.checkTimeout,
  checkMemory: testSettings.checkMemory,
  json: flag(false, { description: "Prints the results as JSON, and nothing else, on stdout." }),
  verbose: flag(false, { description: "Prints all results, not only the summary." }),
  report: text({
    syntax: "FILE",
    description:
      `File for the report. Default: ${CHECK_REPORT_FILE} in the run's folder, if a folder is given.`,
  }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export async function checkCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const stated = new Set<string>();
  const values = parseSettings(settings, args, { positional, given: stated, alias: { w: "workload" } });
  if (values.help) {
    say(usage());
    return 0;
  }
  const [given, ...more] = positional;
  if (given === undefined || more.length > 0) {
    throw new ArgumentError("check takes one history: a file, or the folder of a run");
  }
  const { path, folder, test } = locate(given);
  if (values.workload === undefined) await loadRecordedWorkload(test.workloadFile);
  const workload = workloadFor(values.workload ?? test.workload, path);
  const { earlyEnd } = test;
  const consistencyModels = stated.has("consistencyModels")
    ? values.consistencyModels
    : test.consistencyModels ?? values.consistencyModels;
  requireKnownModels(consistencyModels);
  const { result, findings } = await inWorker({
    kind: "check",
    path,
    workload,
    earlyEnd,
    availability: (stated.has("availability") ? values.availability : test.availability) ?? null,
    consistencyModels,
    elle: stated.has("elle") ? values.elle : test.elle ?? values.elle,
    ...checkLimitsOf(values, findWorkload(workload)?.source !== undefined),
  }, values.json);
  // The bench never writes to Maelstrom's folders.
  const ownFolder = test.isOwn ? folder : undefined;
  const output = values.report ?? (ownFolder === undefined ? undefined : `${ownFolder}/${CHECK_REPORT_FILE}`);
  const report = output === undefined ? undefined : await attempted(values, () => {
    const { history } = readHistory(path, { workload, interrupted: earlyEnd !== undefined });
    return checkReport({ workload, history, result, path, folder: ownFolder });
  });
  show(result, { ...values, workload, findings: report?.findings ?? findings });
  if (ownFolder !== undefined && !values.json) sayOtherVerdict(ownFolder, result);
  if (output !== undefined && report !== undefined) {
    await attempted(values, async () => {
      await report.write(output);
      if (!values.json) say(`${"report".padEnd(13)} ${output}`);
    });
  }
  return exitStatus(result.valid);
}

/**
 * Takes a step to the report. A failed automatic report must not affect the verdict, because the folder may be read-only:
 * prints the reason, and returns undefined.
 */
async function attempted<T>(
  { report }: { readonly report: string | undefined },
  step: () => T | Promise<T>,
): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (report !== undefined || !(error instanceof BenchError)) throw error;
    say(`charybdis: no report: ${error.message}`, "stderr");
    return undefined;
  }
}

/** Says that the verdict on a run was another one. A run can also fail by its nodes, or by a bound on its figures. */
function sayOtherVerdict(folder: string, { valid }: JepsenHistoryResult): void {
  const verdict = readJson(`${folder}/results.json`)?.["valid"];
  if (verdict === undefined || verdict === valid) return;
  const word = verdict === true ? "valid" : verdict === false ? "invalid" : "unknown";
  say(`This is the verdict on the history alone. That on the run was ${word}: see ${folder}/results.json`);
}

/** Checks in a worker, so that the main thread can show progress. */
async function inWorker(job: CheckJob, quiet: boolean): Promise<CheckedHistory> {
  const progress = new Progress({ quiet, timeLimitS: 0 });
  const worker = new BenchWorker();
  try {
    progress.phase("checking");
    return await worker.check(job, { progress: (part) => progress.checking(part) });
  } finally {
    worker.stop();
    await progress.end();
  }
}

/** The options of a recorded run, from this bench's test.json or from Maelstrom's log. */
interface RecordedRun {
  /** True if this bench recorded the run. */
  readonly isOwn: boolean;
  readonly workload?: string;
  readonly workloadFile?: string;
  readonly availability?: number | "total" | null;
  readonly consistencyModels?: readonly string[];
  readonly elle?: ElleVersion;
  /** The reason why the verdict covers a part of the run alone; undefined if the run has ended. */
  readonly earlyEnd: string | undefined;
}

/** The path of the history, and the data stored with it. */
function locate(given: string): {
  readonly path: string;
  /** The run's folder, if the argument was one. */
  readonly folder: string | undefined;
  readonly test: RecordedRun;
} {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(given);
  } catch {
    throw new ArgumentError(`file not found: ${given}`);
  }
  const folder = info.isDirectory ? given.replace(/\/$/, "") : given.replace(/\/?[^/]*$/, "") || ".";
  return {
    path: info.isDirectory ? historyIn(folder) : given,
    folder: info.isDirectory ? folder : undefined,
    test: readTest(`${folder}/test.json`) ?? {
      ...runOfMaelstrom(folder),
      isOwn: false,
      earlyEnd: info.isDirectory ? missingEnd(folder) : undefined,
    },
  };
}

/** Reads a run's test.json. Returns undefined if this bench did not write it. Throws `BenchError` for another format. */
function readTest(path: string): RecordedRun | undefined {
  let recorded: unknown;
  try {
    recorded = JSON.parse(Deno.readTextFileSync(path));
  } catch {
    return undefined;
  }
  if (!isObject(recorded) || recorded["charybdis"] === undefined) return undefined;
  if (recorded["format"] !== STORE_FORMAT) {
    throw new BenchError(
      `${path} is of store format ${recorded["format"]}; this version reads ${STORE_FORMAT}`,
    );
  }
  const test = isObject(recorded["test"]) ? recorded["test"] : {};
  const { workload, workloadFile, availability, consistencyModels } = test;
  const elle = ELLE_VERSIONS.find((version) => version === test["elle"]);
  return {
    isOwn: true,
    ...(typeof workload === "string" ? { workload } : {}),
    ...(typeof workloadFile === "string" ? { workloadFile } : {}),
    ...(typeof availability === "number" || availability === "total" ? { availability } : {}),
    ...(Array.isArray(consistencyModels) ? { consistencyModels: consistencyModels.map(String) } : {}),
    ...(elle === undefined ? {} : { elle }),
    earlyEnd: recorded["state"] === "done"
      ? undefined
      : "The run ended early: the verdict covers only the recorded part.",
  };
}

function workloadFor(name: string | undefined, path: string): string {
  if (name !== undefined) return requireWorkload(name).workload.name;
  throw new ArgumentError(`the workload of ${path} is unknown. Name it with -w: ${WORKLOADS.join(", ")}`);
}

function show(
  result: JepsenHistoryResult,
  { json, verbose, workload, findings }: {
    readonly json: boolean;
    readonly verbose: boolean;
    readonly workload: string;
    readonly findings: readonly Finding[];
  },
): void {
  if (json) return say(resultText(result));
  if (verbose) say(resultText(result, 1));
  for (const line of summarizeChecked(result, { workload, style: styleFor("stdout"), findings })) {
    say(line);
  }
}

function usage(): string {
  return [
    "Usage: charybdis check HISTORY -w WORKLOAD [options]",
    "",
    "Judges a recorded history. HISTORY is a file or the folder of a run of this bench or of Maelstrom. Options that",
    "you do not give are those of the run, if its folder records them. The format is detected from the content:",
    "  history.jsonl    this bench's events, one JSON object per line",
    "  history.edn      Jepsen's operations, as maps or records, one by one or in one vector or list; also those of",
    "                   Elle and Knossos. Without invocations only for the transactional workloads",
    "  history.json     operations as JSON, one by one or in one list, with the names and values of history.edn",
    "  history.txt      Jepsen's operations, one per line, and logs with its jepsen.util lines (jepsen.log, Porcupine's",
    "                   etcd logs)",
    "-w lin-kv judges registers. Operations without a key are judged as one register, as Knossos does; a history of",
    "get, put and append is judged as a key-value store (Porcupine's logs). Stats count only in the history of a test.",
    "",
    describeSettings(settings),
    "",
    VERDICT_STATUSES,
  ].join("\n");
}

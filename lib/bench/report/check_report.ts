/** The report of a history that was checked without its run. Tested by `tests/bench/report/run_record_test.ts`. */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import type { History } from "../../checkers/history.ts";
import type { Finding } from "../findings/finding.ts";
import { writeText } from "../store/files.ts";
import { makeReport } from "./report.ts";
import { reportData } from "./run_page.ts";
import { readRun, type RunRecord } from "../store/run_record.ts";

/** The checked history and its result. */
export interface JudgedHistory {
  readonly workload: string;
  readonly history: History;
  readonly result: JepsenHistoryResult;
  /** Path of the history. */
  readonly path: string;
  /** Folder of the history's run, if it has one. The report then includes other data of the run. */
  readonly folder: string | undefined;
}

/** A report that is made, and not written yet. */
export interface CheckReport {
  readonly findings: readonly Finding[];
  /** Writes the report to a file. Throws `BenchError` on failure. */
  readonly write: (output: string) => Promise<void>;
}

/** Makes the report of a checked history. Throws `BenchError` if its run cannot be read. */
export function checkReport(judged: JudgedHistory): CheckReport {
  const { workload, history, result, path, folder } = judged;
  const recorded: Omit<RunRecord, "workload" | "history"> = folder === undefined
    ? { name: path, head: {}, messages: undefined, logs: [], result: {} }
    : readRun(folder);
  const { net } = recorded.result;
  // The run counted its messages; the check does not count them again.
  const run = {
    ...recorded,
    workload,
    history,
    result: { ...result, ...(net === undefined ? {} : { net }) },
  };
  const made = reportData(run);
  return {
    findings: made.findings,
    write: async (output) => writeText(output, await makeReport(run, made)),
  };
}

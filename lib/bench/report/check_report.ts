/** The report of a history that was checked without its run. Tested by `tests/bench/report/run_record_test.ts`. */

import type { JepsenHistoryResult } from "../../checkers/jepsen.ts";
import type { History } from "../../checkers/history.ts";
import { writeText } from "../store/files.ts";
import { makeReport } from "./report.ts";
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

/** Writes the report to a file. Throws `BenchError` on failure. */
export async function writeCheckReport(output: string, judged: JudgedHistory): Promise<void> {
  const { workload, history, result, path, folder } = judged;
  const run: Omit<RunRecord, "workload" | "history"> = folder === undefined
    ? { name: path, head: {}, messages: undefined, logs: [], result: {} }
    : readRun(folder);
  const { net } = run.result;
  const page = await makeReport({
    ...run,
    workload,
    history,
    // The run counted its messages; the check does not count them again.
    result: { ...result, ...(net === undefined ? {} : { net }) },
  });
  writeText(output, page);
}

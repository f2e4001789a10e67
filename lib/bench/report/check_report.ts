/** The report of a history that was judged alone. */

import type { JepsenHistoryResult as Checked } from "../../checkers/jepsen.ts";
import type { History } from "../../checkers/history.ts";
import { writeText } from "../store/files.ts";
import { makeReport } from "./report.ts";
import { readRun, type RunRecord } from "../store/run_record.ts";

/** What was judged. */
export interface JudgedHistory {
  readonly workload: string;
  readonly history: History;
  readonly result: Checked;
  /** The history's file. */
  readonly path: string;
  /** The folder of its run, if it is in one: then what else is known of the run is shown, too. */
  readonly folder: string | undefined;
}

/** Writes the report to a file. Throws `BenchError` when it cannot be written. */
export async function writeCheckReport(output: string, judged: JudgedHistory): Promise<void> {
  const { workload, history, result, path, folder } = judged;
  const run: Omit<RunRecord, "workload" | "history"> = folder === undefined
    ? { name: path, head: {}, messages: undefined, logs: [], result: {} }
    : readRun(folder);
  const net = run.result["net"];
  const page = await makeReport({
    ...run,
    workload,
    history,
    // Messages were counted by the run, and are not judged again.
    result: { ...result, ...(net === undefined ? {} : { net }) },
  });
  writeText(output, page);
}

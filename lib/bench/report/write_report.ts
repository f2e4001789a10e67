/** Reports that a run writes automatically. Tested by `tests/bench/cluster/process_cluster_test.ts`. */

import { parseHistory } from "../../checkers/parse.ts";
import { reasonOf } from "../errors.ts";
import type { FailureCase } from "../replay/case.ts";
import type { ToldInevitability } from "../replay/futures.ts";
import { say } from "../terminal/output.ts";
import { writeText } from "../store/files.ts";
import type { JobResult } from "../worker/job.ts";
import { loadedSources } from "../workloads/registry.ts";
import { makeReport } from "./report.ts";
import { REPORT_FILE } from "../store/run_record.ts";
import type { ReportAnswer, ReportRequest, WrittenReport } from "./report_worker.ts";

/**
 * Writes the report of the run in a folder, in a worker. Returns undefined and prints the reason to stderr if that fails; the
 * verdict does not change.
 */
export async function writeReportAside(directory: string): Promise<WrittenReport | undefined> {
  const worker = new Worker(new URL("./report_worker.ts", import.meta.url), { type: "module" });
  try {
    const { report, problem } = await new Promise<ReportAnswer>((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<ReportAnswer>) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        resolve({ problem: event.message });
      };
      const request: ReportRequest = { directory, workloads: loadedSources() };
      worker.postMessage(request);
    });
    if (problem !== undefined) say(`charybdis: report failed: ${problem}`, "stderr");
    return report;
  } finally {
    worker.terminate();
  }
}

/** Writes the report of a recorded case, which ran with its messages, to a folder. Prints a failure to stderr. */
export async function writeCaseReport(
  directory: string,
  { recorded: { test, seed }, ran }: { readonly recorded: FailureCase; readonly ran: JobResult },
  inevitability?: ToldInevitability,
): Promise<void> {
  const page = await makeReport({
    workload: test.workload,
    name: `a case of seed ${seed}`,
    head: { test, seed, virtual: true, state: "done", command: "sweep" },
    result: ran.result,
    history: parseHistory(ran.history ?? [], { cutOff: "drop" }),
    messages: ran.messages,
    states: ran.states,
    inevitability,
    logs: [...ran.logs ?? []].map(([node, lines]) => [node, lines.slice(-40).join("\n")]),
  });
  try {
    writeText(`${directory}/${REPORT_FILE}`, page);
  } catch (error) {
    say(`charybdis: report failed: ${reasonOf(error)}`, "stderr");
  }
}

/**
 * Creates reports in a worker, because the main thread may be running tests in real time.
 *
 * Tested by `tests/bench/report/run_record_test.ts`.
 */

/// <reference lib="deno.worker" />

import { reasonOf } from "../errors.ts";
import { importWorkload } from "../run/workload_file.ts";
import type { WorkloadSource } from "../workloads/registry.ts";
import { writeReport } from "../cli/report.ts";
import type { ToldFinding } from "../findings/finding.ts";
import type { RunDigest } from "./digest.ts";

/** The request to the worker: a run's folder, and the workloads that are not built in. */
export interface ReportRequest {
  readonly directory: string;
  readonly workloads: readonly WorkloadSource[];
}

/** A report that was written. */
export interface WrittenReport {
  readonly path: string;
  readonly digest: RunDigest;
  readonly findings: readonly ToldFinding[];
}

/** The worker's reply: the report, or the reason for its failure. */
export interface ReportAnswer {
  readonly report?: WrittenReport;
  readonly problem?: string;
}

self.onmessage = async ({ data }: MessageEvent<ReportRequest>) => {
  let answer: ReportAnswer;
  try {
    for (const source of data.workloads) await importWorkload(source);
    answer = { report: await writeReport(data.directory) };
  } catch (error) {
    answer = { problem: reasonOf(error) };
  }
  self.postMessage(answer);
};

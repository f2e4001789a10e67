/** Makes reports beside the main thread, which may be driving other tests on the wall clock meanwhile. */

/// <reference lib="deno.worker" />

import { reasonOf } from "../errors.ts";
import { writeReport } from "../cli/report.ts";

/** What the worker is asked: a run's folder. */
export interface ReportRequest {
  readonly directory: string;
}

/** What it answers: the report's path, or why there is none. */
export interface ReportAnswer {
  readonly path?: string;
  readonly problem?: string;
}

self.onmessage = async ({ data }: MessageEvent<ReportRequest>) => {
  let answer: ReportAnswer;
  try {
    answer = { path: await writeReport(data.directory) };
  } catch (error) {
    answer = { problem: reasonOf(error) };
  }
  self.postMessage(answer);
};

/** The data of a synthetic run's report. */

import { faultBands } from "../../../lib/bench/report/data/fault_intervals.ts";
import { messageColumns } from "../../../lib/bench/report/data/message_columns.ts";
import { operationColumns } from "../../../lib/bench/report/data/operation_columns.ts";
import type { ReportData } from "../../../lib/bench/report/data/report_data.ts";
import { type SampleOptions, sampleRun } from "./sample_run.ts";

/** Returns the data of a sample run. */
export function sampleData(options: SampleOptions): ReportData {
  const { history, messages = [], workload } = sampleRun(options);
  const nodes = Array.from({ length: options.nodes ?? 5 }, (_, i) => `n${i}`);
  const { columns, traffic } = messageColumns(messages, { nodes, windows: [] });
  const endUs = Math.max(...columns.resolved, ...history.map(({ time }) => time / 1000));
  return {
    workload,
    beginUs: Math.min(0, ...columns.sent),
    endUs,
    nodes,
    operations: operationColumns(history, { threads: nodes.length, evidence: new Set() }).columns,
    messages: columns,
    faults: faultBands(history, endUs),
    ends: {},
    findings: [],
    traffic,
    states: null,
    logs: null,
    carried: null,
    story: [],
    opening: { from: 0, to: 0, at: 0, messages: [], operations: [] },
    lastWords: [],
    replies: [],
  };
}

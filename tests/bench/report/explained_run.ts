/** Reports of real runs in virtual time, for tests in a browser. */

import { parseTest } from "../../../lib/bench/run/options.ts";
import { makeReport } from "../../../lib/bench/report/report.ts";
import type { RunRecord } from "../../../lib/bench/store/run_record.ts";
import { WRONG_NODES } from "../findings/wrong_nodes.ts";
import { virtualRun, type VirtualRunOptions } from "../support/virtual_run.ts";

/** Runs a test and returns it as the store would have it. */
export async function recordedRun(commandLine: string, options: VirtualRunOptions): Promise<RunRecord> {
  const { test } = parseTest(["--virtual", ...commandLine.split(" ")]);
  const { history, result, messages, states, logs } = await virtualRun(commandLine, options);
  const logsOf = (node: string) => logs.filter((line) => line.startsWith(`${node}: `)).join("\n");
  return {
    workload: test.workload,
    name: "2026-11-25T10:00:00.000Z",
    head: { test, seed: options.seed, virtual: true, state: "done", argv: commandLine.split(" ") },
    result,
    history,
    messages,
    states,
    logs: test.nodes.map((node) => [node, logsOf(node)] as const).filter(([, text]) => text !== ""),
  };
}

/** Returns the report of a node with a known bug. */
export async function reportOfWrongNode(name: string): Promise<string> {
  const wrong = WRONG_NODES.find((each) => each.name === name);
  if (wrong === undefined) throw new Error(`there is no wrong node ${name}`);
  const { commandLine, ...options } = wrong;
  return await makeReport(await recordedRun(commandLine, options));
}

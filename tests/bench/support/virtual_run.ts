/** Runs a test in virtual time for a test: a command line, a program, a seed. */

import type { Event } from "../../../lib/checkers/history.ts";
import { parseTest } from "../../../lib/bench/run/options.ts";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import type { Schedule } from "../../../lib/bench/run/schedule.ts";
import { messageLines } from "../../../lib/bench/run/message_journal.ts";
import { StateLines, STATES_LENGTH_MAX } from "../../../lib/bench/run/state_journal.ts";
import { judge, type TestResult } from "../../../lib/bench/run/verdict.ts";
import { runVirtual, type VirtualRunObservations } from "../../../lib/bench/run/virtual_run.ts";
import type { Node } from "../../../lib/runtime/node.ts";

/** The outcome of a virtual run. */
export interface VirtualRun {
  readonly history: readonly Event[];
  readonly observations: VirtualRunObservations;
  readonly result: TestResult;
  /** The lines of messages.jsonl. */
  readonly messages: readonly string[];
  /** The lines of states.jsonl. */
  readonly states: readonly string[];
  /** The log lines of nodes. */
  readonly logs: readonly string[];
}

/** Options of a virtual run. */
export interface VirtualRunOptions {
  readonly seed: number;
  readonly program?: (node: Node) => void;
  readonly storage?: boolean;
  readonly schedule?: Schedule;
}

/** Runs `charybdis test` with that command line in virtual time. */
export async function virtualRun(
  commandLine: string,
  options: VirtualRunOptions,
): Promise<VirtualRun> {
  const { test } = parseTest(["--virtual", ...commandLine.split(" ").filter((word) => word !== "")]);
  const program = options.program ?? await loadProgram({ workload: test.workload, args: [] });
  const history: Event[] = [];
  const logs: string[] = [];
  const states: string[] = [];
  const { sink, lines } = messageLines();
  const observations = await runVirtual({
    test,
    seed: options.seed,
    program,
    storage: options.storage ?? false,
    schedule: options.schedule,
    messages: sink,
    states: (now) => new StateLines(now, (line) => states.push(line), STATES_LENGTH_MAX),
    log: (node, text) => logs.push(`${node}: ${text}`),
    record: (event) => history.push(event),
  });
  return {
    history,
    observations,
    messages: lines,
    states,
    logs,
    result: judge(history, { test, observations }),
  };
}

/** A test in real time: executables over pipes. Tested by `tests/bench/run/interruption_test.ts`. */

import { StartError } from "../errors.ts";
import type { Event } from "../../checkers/history.ts";
import { assemble, type Assembly } from "./setup.ts";
import type { Enter } from "./workload_guard.ts";
import type { TestOptions } from "./options.ts";
import { filesFor, requireFiles } from "../store/open_files.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { RunObservations } from "./run_observations.ts";
import { type NodeSandbox, ProcessCluster } from "../cluster/process_cluster.ts";
import { FailFast } from "./fail_fast.ts";
import type { TestResult } from "./verdict.ts";
import { type Phase } from "./test_run.ts";
import type { Schedule } from "./schedule.ts";
import type { MessageSink } from "./message_journal.ts";
import type { StateLines } from "./state_journal.ts";
import { LineSplitter } from "../../protocol/lines.ts";
import { RealClock } from "../cluster/real_clock.ts";

/** The settings of a test in real time. */
export interface ProcessRunOptions {
  readonly test: TestOptions;
  readonly seed: number;
  readonly bin: string;
  readonly args: (node: string) => readonly string[];
  /** The choices that replace random ones. */
  readonly schedule?: Schedule | undefined;
  readonly record: (event: Event) => void;
  readonly stderr: (node: string, chunk: Uint8Array) => void;
  readonly messages?: MessageSink;
  /** Makes the journal of the nodes' log lines, with the times at which the bench read them. */
  readonly states?: (now: () => number) => StateLines;
  readonly progress?: (phase: Phase) => void;
  /** Receives the part of a workload file that runs now. */
  readonly entered?: Enter | undefined;
  /** Receives a function that ends the test early, once the test has started. */
  readonly interruptible?: (interrupt: () => void) => void;
  /** The maximum size of each file of the store, in MB. */
  readonly fileLimitMb?: number | undefined;
  /** The sandbox of the nodes, if they run in one. */
  readonly sandbox?: NodeSandbox | undefined;
  /** Judges the history so far. If it is present, the run ends as soon as its failure is certain. */
  readonly judgeSoFar?: ((observations: RunObservations) => Promise<TestResult | undefined>) | undefined;
}

/** The output of a run in real time. */
export interface ProcessRunObservations extends RunObservations {
  /** The injected faults. */
  readonly faultSchedule: readonly ScheduledFault[];
}

/** Runs a test in real time. Rejects with `StartError` when a node does not start. */
export async function runProcesses(options: ProcessRunOptions): Promise<ProcessRunObservations> {
  requireFiles(filesFor(options.test.nodes.length));
  const clock = new RealClock();
  const states = options.states?.(() => clock.now());
  const splitters = new Map(options.test.nodes.map((node) => [node, new LineSplitter()]));
  const { judgeSoFar } = options;
  const failFast = judgeSoFar && new FailFast({
    clock,
    isTotal: options.test.availability === "total",
    judge: () => judgeSoFar({ ...assembly.observations(), interrupted: true }),
    end: (reason) => assembly.endEarly(reason),
  });
  const assembly: Assembly<ProcessCluster> = assemble({
    ...options,
    record: (event) => {
      options.record(event);
      failFast?.recorded(event);
    },
    progress: (phase) => {
      if (phase === "running") failFast?.start();
      options.progress?.(phase);
    },
    failed: (fault) => failFast?.failed(fault),
    clock,
    states,
    deliverSynchronously: true,
    makeCluster: ({ send, fault, observe }) =>
      new ProcessCluster({
        bin: options.bin,
        args: options.args,
        send,
        stderr: (node, chunk) => {
          options.stderr(node, chunk);
          for (const line of splitters.get(node)?.push(chunk) ?? []) states?.logged(node, line);
        },
        fault,
        observe,
        sandbox: options.sandbox,
      }),
  });
  const { run, cluster, nemesis, observations } = assembly;
  let interrupted = false;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  options.interruptible?.(() => {
    interrupted = true;
    run.stop();
    end();
  });
  const running = run.run();
  running.catch(() => {}); // after an interruption, its failure does not matter
  try {
    await Promise.race([running, ended]);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw error.quotesOutput
      ? error
      : new StartError(error.node, `${error.message}\n${cluster.lastOutput(error.node)}`, {
        quotesOutput: true,
      });
  } finally {
    failFast?.stop();
    nemesis.stop();
    clock.stop();
    if (interrupted) await cluster.killAll();
    else await cluster.stop();
  }
  return { ...observations(), interrupted, faultSchedule: nemesis.schedule };
}

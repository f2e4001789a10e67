/** A test on the wall clock: executables over pipes. */

import type { Event } from "../../checkers/history.ts";
import { assemble } from "./setup.ts";
import type { TestOptions } from "./options.ts";
import { filesFor, requireFiles } from "../store/open_files.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { RunFacts } from "./run_observations.ts";
import { ProcessCluster } from "../cluster/process_cluster.ts";
import { type Phase, StartError } from "./test_run.ts";
import type { Script } from "./schedule.ts";
import type { MessageSink } from "./message_journal.ts";
import { WallClock } from "../cluster/real_clock.ts";

/** How a test on the wall clock is run. */
export interface WallOptions {
  readonly test: TestOptions;
  readonly seed: number;
  readonly bin: string;
  readonly args: (node: string) => readonly string[];
  /** What happens, in place of what chance would make of it. */
  readonly script?: Script | undefined;
  readonly record: (event: Event) => void;
  readonly stderr: (node: string, chunk: Uint8Array) => void;
  readonly messages?: MessageSink;
  readonly progress?: (phase: Phase) => void;
  /** Given a way to end the test early, when it has begun. */
  readonly interruptible?: (interrupt: () => void) => void;
  /** The size that each file of the store may have, in MB. */
  readonly fileLimitMb?: number | undefined;
}

/** What a run on the wall clock leaves behind. */
export interface WallFacts extends RunFacts {
  /** The faults that were injected. */
  readonly schedule: readonly ScheduledFault[];
}

/** Runs a test on the wall clock. Rejects with `StartError` when a node does not come up. */
export async function runWall(options: WallOptions): Promise<WallFacts> {
  requireFiles(filesFor(options.test.nodes.length));
  const clock = new WallClock();
  const { run, cluster, nemesis, facts } = assemble({
    ...options,
    clock,
    instant: true,
    makeCluster: ({ send, fault, observe }) =>
      new ProcessCluster({
        bin: options.bin,
        args: options.args,
        send,
        stderr: options.stderr,
        fault,
        observe,
      }),
  });
  let interrupted = false;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  options.interruptible?.(() => {
    interrupted = true;
    run.stop();
    end();
  });
  const running = run.run();
  running.catch(() => {}); // after an interruption its failure is of no interest
  try {
    await Promise.race([running, ended]);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const wrote = cluster.lastOutput(error.node);
    throw error.message.includes("It wrote") || error.message.includes(wrote)
      ? error
      : new StartError(error.node, `${error.message}\n${wrote}`);
  } finally {
    nemesis.stop();
    clock.stop();
    if (interrupted) await cluster.killAll();
    else await cluster.stop();
  }
  return { ...facts(), interrupted, schedule: nemesis.schedule };
}

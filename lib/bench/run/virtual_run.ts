/** A test in virtual time: nodes, clients, network and faults in this process, from one seed. */

import { setImmediate } from "node:timers";
import type { Event } from "../../checkers/history.ts";
import { Runtime } from "../../runtime/node.ts";
import type { Host } from "../../runtime/host.ts";
import { InProcessCluster, type Receiver } from "../../sim/in_process.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import { VirtualClock } from "../../sim/virtual_clock.ts";
import { assemble } from "./setup.ts";
import type { TestOptions } from "./options.ts";
import type { RunFacts } from "./run_observations.ts";
import type { BoundProgram } from "../cluster/program.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Phase } from "./test_run.ts";
import type { Script } from "./schedule.ts";
import type { MessageSink } from "./message_journal.ts";

/** How a test in virtual time is run. */
export interface VirtualOptions {
  readonly test: TestOptions;
  readonly seed: number;
  readonly program: BoundProgram | RemoteProgram;
  /** Whether nodes have a disk. */
  readonly storage: boolean;
  /** What happens, in place of what chance would make of it. */
  readonly script?: Script | undefined;
  /** The size that each file of the store may have, in MB. */
  readonly fileLimitMb?: number | undefined;
  readonly record: (event: Event) => void;
  readonly log?: (node: string, text: string, timeMs: number) => void;
  readonly messages?: MessageSink;
  readonly progress?: (phase: Phase, timeMs: number) => void;
  /** Told in which state a node is killed or paused. */
  readonly hit?: (how: "killed" | "paused", state: string) => void;
  /** Told which node works now, so that one that never ends can be named. */
  readonly working?: (node: string | undefined) => void;
}

/** A program that runs in another thread. */
export interface RemoteProgram {
  /** The number of events that may follow one another without time passing. */
  readonly instantEventsMax: number;
  /** Runs the program on a host. `ended` is called when the thread does not answer any more. */
  readonly start: (host: Host, ended: (text: string) => void) => Receiver;
}

/** What a run in virtual time leaves behind. */
export interface VirtualFacts extends RunFacts {
  /** The faults that were injected. */
  readonly schedule: readonly ScheduledFault[];
  /** Events that the clock fired. */
  readonly events: number;
  /** Virtual time from the nodes' start to the end, in ms. */
  readonly virtualMs: number;
}

/** Runs a test in virtual time. Rejects with `StartError` when a node does not come up. */
export async function runVirtual(options: VirtualOptions): Promise<VirtualFacts> {
  const { program, progress, working, hit } = options;
  const clock = new VirtualClock();
  const { run, cluster, nemesis, facts } = assemble({
    ...options,
    clock,
    instant: false,
    makeCluster: ({ random, send, fault: report }) => {
      const fault = (found: NodeFault) => {
        report(found);
        if (found.kind === "stuck") run.stop();
      };
      return new InProcessCluster({
        clock,
        random,
        send,
        run: (host, node) =>
          typeof program === "function"
            ? new Runtime(host, program)
            : program.start(host, (text) => fault({ node, kind: "stuck", text })),
        log: (node, text) => options.log?.(node, text, clock.now()),
        fault,
        storage: options.storage,
        ...(typeof program === "function" ? {} : { instantEventsMax: program.instantEventsMax }),
        ...(working === undefined ? {} : { working }),
        ...(hit === undefined ? {} : { hit }),
      });
    },
    clockOf: (cluster, node) => cluster.clockOf(node),
    progress: progress && ((phase) => progress(phase, clock.now())),
  });
  const outcome: { ended: boolean; error?: unknown } = { ended: false };
  run.run().then(() => outcome.ended = true, (error) => {
    outcome.ended = true;
    outcome.error = error;
  });
  await microtasks();
  while (!outcome.ended) {
    if (!clock.step()) throw new Error("nothing is left to happen, and the test is not at its end");
    while (cluster.unsettled || run.takeWoken()) {
      await microtasks();
      cluster.settle();
    }
  }
  cluster.stop();
  await microtasks(); // what ends with the nodes ends inside this run, not in the next one
  if (outcome.error !== undefined) throw outcome.error;
  const found = facts();
  const interrupted = found.faults.some(({ kind }) => kind === "stuck");
  return { ...found, interrupted, schedule: nemesis.schedule, events: clock.fired, virtualMs: clock.now() };
}

/** Lets every promise that can go on do so. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

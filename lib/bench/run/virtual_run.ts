/** Runs a test in virtual time: nodes, clients, network and faults in this process, from one seed. */

import { nextTick } from "node:process";
import type { Event } from "../../checkers/history.ts";
import { Runtime } from "../../runtime/node.ts";
import type { Host } from "../../runtime/host.ts";
import { InProcessCluster, type Receiver } from "../../sim/in_process.ts";
import type { NodeFault } from "../../sim/cluster.ts";
import { Redraw } from "../../sim/random.ts";
import type { StateJournal } from "../../sim/watches.ts";
import { VirtualClock } from "../../sim/virtual_clock.ts";
import type { MessageForm } from "../../sim/message_router.ts";
import { assemble } from "./setup.ts";
import type { Enter } from "./workload_guard.ts";
import type { TestOptions } from "./options.ts";
import type { RunObservations } from "./run_observations.ts";
import { InvariantJournal } from "../invariants/journal.ts";
import { invariantsOf } from "../invariants/registry.ts";
import type { NodeProgram } from "../cluster/program.ts";
import { needWatches } from "../nemesis/faults.ts";
import type { Intervention } from "../nemesis/interventions.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Phase } from "./test_run.ts";
import type { Schedule } from "./schedule.ts";
import type { MessageSink } from "./message_journal.ts";
import type { StateLines } from "./state_journal.ts";

/** The settings of a test in virtual time. */
export interface VirtualOptions {
  readonly test: TestOptions;
  readonly seed: number;
  readonly program: NodeProgram | RemoteProgram;
  /** True if nodes have a disk. */
  readonly storage: boolean;
  /** The form of messages between nodes of this process; a program in another thread always uses text. Default: `text`. */
  readonly form?: MessageForm | undefined;
  /** The choices that replace random ones. */
  readonly schedule?: Schedule | undefined;
  readonly interventions?: readonly Intervention[] | undefined;
  /** The moment from which the rest of the run is drawn again, in ms since the start of the test, and the seed of the draws. */
  readonly redraw?: RedrawFrom | undefined;
  /** The maximum size of each file of the store, in MB. */
  readonly fileLimitMb?: number | undefined;
  readonly record: (event: Event) => void;
  readonly log?: (node: string, text: string, timeMs: number) => void;
  readonly messages?: MessageSink;
  /** Makes the journal of the nodes' states. Without it, states and the times of log lines are not recorded. */
  readonly states?: ((now: () => number) => StateLines) | undefined;
  /** Receives the changes of the nodes' states, in addition to `states`. */
  readonly watched?: StateJournal | undefined;
  readonly progress?: (phase: Phase, timeMs: number) => void;
  /** Receives the state in which a node is killed or paused. */
  readonly hit?: (how: "killed" | "paused", state: string) => void;
  /** Receives the node that runs now, so that the bench can name a node that hangs. */
  readonly working?: (node: string | undefined) => void;
  /** Receives the part of a workload file that runs now. */
  readonly entered?: Enter;
}

/** A moment from which all random draws, and the faults, come from another seed. */
export interface RedrawFrom {
  readonly atMs: number;
  readonly seed: number;
}

/** A program that runs in another thread. */
export interface RemoteProgram {
  /** The maximum number of consecutive events at the same virtual time. */
  readonly instantEventsMax: number;
  /** Runs the program on a host. Calls `ended` when the thread no longer answers. */
  readonly start: (host: Host, ended: (text: string) => void) => Receiver;
  /** Changes the seed of the random numbers of all running nodes. */
  readonly redraw?: (seed: number) => void;
}

/** The output of a run in virtual time. */
export interface VirtualRunObservations extends RunObservations {
  /** The injected faults. */
  readonly faultSchedule: readonly ScheduledFault[];
  /** The number of events that the clock fired. */
  readonly events: number;
  /** Virtual time from the nodes' start to the end, in ms. */
  readonly virtualMs: number;
}

/** Runs a test in virtual time. Rejects with `StartError` when a node does not start. */
export async function runVirtual(options: VirtualOptions): Promise<VirtualRunObservations> {
  const { program, progress, working, hit, redraw, watched } = options;
  const redrawSwitch = new Redraw();
  const clock = new VirtualClock();
  const states = options.states?.(() => clock.now());
  const invariants = invariantsOf(options.test.invariants);
  const checked = invariants.size === 0
    ? undefined
    : new InvariantJournal(invariants, { now: () => clock.now(), next: states, enter: options.entered });
  const journals = [checked ?? states, watched].filter((journal) => journal !== undefined);
  const form = typeof program === "function" ? options.form ?? "text" : "text";
  const { run, cluster, nemesis, observations } = assemble({
    ...options,
    redraw: redraw && { switch: redrawSwitch, atMs: redraw.atMs },
    form,
    clock,
    states,
    deliverSynchronously: false,
    makeCluster: ({ random, send, sendMessage, fault: report }) => {
      const fault = (found: NodeFault) => {
        report(found);
        if (found.kind === "stuck") run.stop();
      };
      return new InProcessCluster({
        clock,
        random,
        send,
        ...(form === "objects" ? { sendMessage } : {}),
        run: (host, node) =>
          typeof program === "function"
            ? new Runtime(host, program)
            : program.start(host, (text) => fault({ node, kind: "stuck", text })),
        log: (node, text) => {
          options.log?.(node, text, clock.now());
          states?.logged(node, text);
        },
        states: journals.length > 1 ? journalOfAll(journals) : journals[0],
        isWatched: needWatches(options.test.faults),
        fault,
        storage: options.storage,
        ...(typeof program === "function" ? {} : { instantEventsMax: program.instantEventsMax }),
        ...(working === undefined ? {} : { working }),
        ...(hit === undefined ? {} : { hit }),
      });
    },
    watchedOf: (cluster, node, name) => cluster.watchedOf(node, name),
    disksOf: (cluster) => cluster,
    stateOf: (cluster, node) => cluster.stateOf(node),
    clockOf: (cluster, node) => cluster.clockOf(node),
    progress: (phase) => {
      // Set first, so that the change comes before all other events at its moment.
      if (phase === "running" && redraw !== undefined) {
        clock.after(redraw.atMs, () => {
          redrawSwitch.seed = redraw.seed;
          if (typeof program !== "function") program.redraw?.(redraw.seed);
        });
      }
      if (phase === "running") checked?.began();
      progress?.(phase, clock.now());
    },
  });
  const outcome: { ended: boolean; error?: unknown } = { ended: false };
  run.run().then(() => outcome.ended = true, (error) => {
    outcome.ended = true;
    outcome.error = error;
  });
  await microtasks();
  while (!outcome.ended) {
    if (!clock.step()) throw new Error("no event is left, but the test has not ended");
    while (cluster.hasPendingTurns || run.consumeAsyncFlag()) {
      await microtasks();
      cluster.settle();
    }
  }
  cluster.stop();
  await microtasks(); // effects of the nodes' end must stay in this run
  if (outcome.error !== undefined) throw outcome.error;
  const found = observations();
  const interrupted = found.faults.some(({ kind }) => kind === "stuck");
  return {
    ...found,
    ...(checked === undefined
      ? {}
      : { invariants: { steps: checked.steps, violations: checked.violations } }),
    interrupted,
    faultSchedule: nemesis.schedule,
    events: clock.fired,
    virtualMs: clock.now(),
  };
}

/** Returns a journal that forwards to several ones. */
function journalOfAll(journals: readonly StateJournal[]): StateJournal {
  return {
    changed: (node, values) => journals.forEach((journal) => journal.changed(node, values)),
    ended: (node) => journals.forEach((journal) => journal.ended(node)),
  };
}

/** Runs every promise continuation that is ready. A tick costs a fraction of what a turn of the event loop costs. */
export function microtasks(): Promise<void> {
  return new Promise((resolve) => nextTick(resolve));
}

/** A test in virtual time: nodes, clients, network and faults in this process, from one seed. */

import { setImmediate } from "node:timers";
import type { Event } from "../checkers/history.ts";
import { Runtime } from "../runtime/node.ts";
import type { NodeFault } from "../sim/cluster.ts";
import { InProcessCluster } from "../sim/in_process.ts";
import { Network } from "../sim/network.ts";
import { SeededRandom } from "../sim/random.ts";
import { services } from "../sim/services.ts";
import { VirtualClock } from "../sim/virtual_clock.ts";
import { World } from "../sim/world.ts";
import { attachServices } from "./attach_services.ts";
import { Nemesis } from "./nemesis.ts";
import type { TestOptions } from "./options.ts";
import { NODE_FAULTS_MAX, type RunFacts } from "./outcome.ts";
import type { BoundProgram } from "./programs.ts";
import { type Phase, TestRun } from "./run.ts";
import { type MessageSink, Traffic } from "./traffic.ts";
import { workloadOf } from "./workloads/mod.ts";

/** How a test in virtual time is run. */
export interface VirtualOptions {
  readonly test: TestOptions;
  readonly seed: number;
  readonly program: BoundProgram;
  /** Whether nodes have a disk. */
  readonly storage: boolean;
  readonly record: (event: Event) => void;
  readonly log?: (node: string, text: string, timeMs: number) => void;
  readonly messages?: MessageSink;
  readonly progress?: (phase: Phase, timeMs: number) => void;
  /** Told which node works now, so that one that never ends can be named. */
  readonly working?: (node: string | undefined) => void;
}

/** What a run in virtual time leaves behind. */
export interface VirtualFacts extends RunFacts {
  /** Events that the clock fired. */
  readonly events: number;
  /** Virtual time from the nodes' start to the end, in ms. */
  readonly virtualMs: number;
}

/** Runs a test in virtual time. Rejects with `StartError` when a node does not come up. */
export async function runVirtual(options: VirtualOptions): Promise<VirtualFacts> {
  const { test, seed, program } = options;
  const random = new SeededRandom(seed);
  const clock = new VirtualClock();
  const traffic = new Traffic(() => clock.now(), options.messages);
  const network = new Network(test.latency, random.split("network"));
  const world = new World({
    clock,
    network,
    journal: traffic,
    malformed: (malformed) => traffic.malformed(malformed),
    instant: false,
  });
  const faults: NodeFault[] = [];
  const cluster = new InProcessCluster({
    clock,
    random: random.split("nodes"),
    run: (host) => new Runtime(host, program),
    send: (node, line) => world.sendLine(node, line),
    log: (node, text) => options.log?.(node, text, clock.now()),
    fault: (fault) => {
      if (faults.length < NODE_FAULTS_MAX) faults.push(fault);
      if (fault.kind === "stuck") run.stop();
      run.nodeEnded(fault.node, fault.text);
    },
    storage: options.storage,
    ...(options.working === undefined ? {} : { working: options.working }),
  });
  attachServices(world, services(random.split("services")));
  const nemesis = new Nemesis({
    ...test,
    intervalMs: test.nemesisIntervalS * 1000,
    clock,
    network,
    cluster,
    random: random.split("nemesis"),
    clockOf: (node) => cluster.clockOf(node),
  });
  const run: TestRun = new TestRun({
    clock,
    world,
    cluster,
    nemesis,
    workload: workloadOf(test.workload),
    options: test,
    random: random.split("test"),
    rate: test.rate,
    timeLimitMs: test.timeLimitS * 1000,
    record: options.record,
    progress: (phase) => options.progress?.(phase, clock.now()),
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
  return {
    counts: traffic.counts,
    malformed: traffic.malformedLines,
    faults,
    interrupted: faults.some(({ kind }) => kind === "stuck"),
    events: clock.fired,
    virtualMs: clock.now(),
  };
}

/** Lets every promise that can go on do so. */
function microtasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

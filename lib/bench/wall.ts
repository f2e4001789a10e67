/** A test on the wall clock: executables over pipes. */

import type { Event } from "../checkers/history.ts";
import type { NodeFault } from "../sim/cluster.ts";
import { Network } from "../sim/network.ts";
import { SeededRandom } from "../sim/random.ts";
import { services } from "../sim/services.ts";
import { World } from "../sim/world.ts";
import { attachServices } from "./attach_services.ts";
import { Nemesis } from "./nemesis.ts";
import type { TestOptions } from "./options.ts";
import { NODE_FAULTS_MAX, type RunFacts } from "./outcome.ts";
import { ProcessCluster } from "./processes.ts";
import { type Phase, StartError, TestRun } from "./run.ts";
import { type MessageSink, Traffic } from "./traffic.ts";
import { WallClock } from "./wall_clock.ts";
import { workloadOf } from "./workloads/mod.ts";

/** How a test on the wall clock is run. */
export interface WallOptions {
  readonly test: TestOptions;
  readonly seed: number;
  readonly bin: string;
  readonly args: (node: string) => readonly string[];
  readonly record: (event: Event) => void;
  readonly stderr: (node: string, chunk: Uint8Array) => void;
  readonly messages?: MessageSink;
  readonly progress?: (phase: Phase) => void;
  /** Given a way to end the test early, when it has begun. */
  readonly interruptible?: (interrupt: () => void) => void;
}

/** Runs a test on the wall clock. Rejects with `StartError` when a node does not come up. */
export async function runWall(options: WallOptions): Promise<RunFacts> {
  const { test, seed } = options;
  const random = new SeededRandom(seed);
  const clock = new WallClock();
  const traffic = new Traffic(() => clock.now(), options.messages);
  const network = new Network(test.latency, random.split("network"));
  const world = new World({
    clock,
    network,
    journal: traffic,
    malformed: (malformed) => traffic.malformed(malformed),
    instant: true,
  });
  const faults: NodeFault[] = [];
  const cluster = new ProcessCluster({
    bin: options.bin,
    args: options.args,
    send: (node, line) => world.sendLine(node, line),
    stderr: options.stderr,
    fault: (fault) => {
      if (faults.length < NODE_FAULTS_MAX) faults.push(fault);
      if (fault.kind === "ended") run.nodeEnded(fault.node, fault.text);
    },
  });
  attachServices(world, services(random.split("services")));
  const nemesis = new Nemesis({
    ...test,
    intervalMs: test.nemesisIntervalS * 1000,
    clock,
    network,
    cluster,
    random: random.split("nemesis"),
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
    ...(options.progress === undefined ? {} : { progress: options.progress }),
  });
  let interrupted = false;
  options.interruptible?.(() => {
    interrupted = true;
    run.stop();
  });
  try {
    await run.run();
  } catch (error) {
    if (error instanceof StartError) {
      const malformed = traffic.malformedLines.find(({ node }) => node === error.node);
      const wrote = malformed === undefined ? cluster.lastWords(error.node) : `It wrote: ${malformed.line}`;
      error.message += error.message.includes(wrote) ? "" : `\n${wrote}`;
    }
    throw error;
  } finally {
    nemesis.stop();
    clock.stop();
    if (interrupted) cluster.abandon();
    else await cluster.stop();
  }
  return { counts: traffic.counts, malformed: traffic.malformedLines, faults, interrupted };
}

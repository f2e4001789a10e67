/**
 * Assembles a test: message router, services, cluster, nemesis and clients, on either clock.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import type { NetCounts } from "../../checkers/net.ts";
import { isClient } from "../../protocol/message.ts";
import type { Clock } from "../../runtime/host.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { DiskControl } from "../../sim/disk.ts";
import type { Cluster, NodeFault } from "../../sim/cluster.ts";
import { Network } from "../../sim/network.ts";
import type { NodeClock } from "../../sim/node_clock.ts";
import { type Redraw, SeededRandom } from "../../sim/random.ts";
import { type Observation, RemarkCollector, stopsReading } from "../../sim/remarks.ts";
import { type Service, services } from "../../sim/services.ts";
import { type MessageForm, MessageRouter } from "../../sim/message_router.ts";
import { definitionOf } from "../nemesis/faults.ts";
import { HeldMessages, type Intervention } from "../nemesis/interventions.ts";
import { Nemesis } from "../nemesis/nemesis.ts";
import { registeredWorkload } from "../workloads/registry.ts";
import { HANDOVER_MS, type TestOptions } from "./options.ts";
import { NODE_FAULTS_MAX, type RunObservations } from "./run_observations.ts";
import { type Phase, TestRun } from "./test_run.ts";
import { replayGenerator, type Schedule } from "./schedule.ts";
import { type EarlyEnd, FILE_LIMIT_MB, HistoryLimit } from "../store/file_limit.ts";
import type { StateLines } from "./state_journal.ts";
import { StormWatch } from "./storm.ts";
import { LinkCounts } from "./progress.ts";
import { type MessageSink, Traffic } from "./message_journal.ts";
import { type Enter, guarded } from "./workload_guard.ts";

/** The environment of a cluster. */
export interface ClusterHooks {
  /** The random stream of the nodes. */
  readonly random: SeededRandom;
  readonly send: (node: string, line: string) => void;
  readonly sendMessage: (node: string, message: Envelope) => void;
  readonly fault: (fault: NodeFault) => void;
  readonly observe: (observation: Observation) => void;
}

/** The parts of a test. */
export interface AssemblyOptions<C extends Cluster> {
  readonly test: TestOptions;
  readonly seed: number;
  readonly clock: Clock;
  /** True if messages without delay are handed over at once: see `MessageRouter`. */
  readonly deliverSynchronously: boolean;
  /** The form of messages; text by default. */
  readonly form?: MessageForm | undefined;
  readonly makeCluster: (hooks: ClusterHooks) => C;
  /** The clock of a node, if it can be skewed. */
  readonly clockOf?: (cluster: C, node: string) => NodeClock | undefined;
  /** Returns the current value that a node watches, if it can be read. */
  readonly watchedOf?: (cluster: C, node: string, name: string) => unknown;
  /** Returns the disks of the nodes, if they are simulated. */
  readonly disksOf?: (cluster: C) => DiskControl;
  /** Returns the state that a node describes, if it can be read. */
  readonly stateOf?: (cluster: C, node: string) => string | undefined;
  /** The choices that replace random ones. */
  readonly schedule?: Schedule | undefined;
  readonly interventions?: readonly Intervention[] | undefined;
  /** The change of all random draws in the middle of the run. */
  readonly redraw?: { readonly switch: Redraw; readonly atMs: number } | undefined;
  /** The maximum size of each file of the store, in MB; {@linkcode FILE_LIMIT_MB} by default. */
  readonly fileLimitMb?: number | undefined;
  readonly record: (event: Event) => void;
  readonly messages?: MessageSink | undefined;
  readonly states?: StateLines | undefined;
  readonly progress?: ((phase: Phase) => void) | undefined;
  /** Receives the failures of nodes. */
  readonly failed?: ((fault: NodeFault) => void) | undefined;
  /** Receives the part of a workload file that runs now. */
  readonly entered?: Enter | undefined;
}

/** A test that is ready to run. */
export interface Assembly<C extends Cluster> {
  readonly run: TestRun;
  readonly cluster: C;
  readonly nemesis: Nemesis;
  readonly traffic: Traffic;
  /** The observations so far, in addition to the history. */
  readonly observations: () => Omit<RunObservations, "interrupted">;
  /** Ends the run early, for the first given reason. */
  readonly endEarly: (reason: EarlyEnd) => void;
}

/** Assembles a test. */
export function assemble<C extends Cluster>(options: AssemblyOptions<C>): Assembly<C> {
  const { test, clock, clockOf, stateOf, watchedOf, disksOf, schedule, interventions = [] } = options;
  const held = new HeldMessages(interventions);
  const random = new SeededRandom(options.seed, options.redraw?.switch);
  const links = test.progressWithinS === undefined ? undefined : new LinkCounts();
  const traffic = new Traffic(() => clock.now(), options.messages, {
    sent: (delivery) => {
      const { message } = delivery;
      nemesis.sent(message);
      links?.sent(message);
      storm.sent(message);
      if (isClient(message.dest)) historyLimit.add(delivery.length);
    },
    dropped: (message, why) => nemesis.dropped(message, why),
    duplicated: () => nemesis.duplicated(),
  });
  /** The counts when the test was done. */
  let countsAtEnd: NetCounts | undefined;
  let ended: EarlyEnd | undefined;
  const endEarly = (reason: EarlyEnd) => {
    ended ??= reason;
    router.silence();
    run.stop();
  };
  const historyLimit = new HistoryLimit(options.fileLimitMb ?? FILE_LIMIT_MB, endEarly);
  const storm = new StormWatch(() => clock.now(), endEarly);
  const handoverMs = test.handoverMs ?? HANDOVER_MS[options.deliverSynchronously ? "processes" : "virtual"];
  const network = new Network(test.latency, random.split("network"), handoverMs);
  const remarks = new RemarkCollector();
  const muted = new Set<string>();
  const router: MessageRouter = new MessageRouter({
    overflow: (count) => storm.overflowed(count),
    clock,
    network,
    journal: traffic,
    observe: (observation) => {
      remarks.add(observation);
      if (!stopsReading(observation.kind)) return;
      muted.add(observation.node);
      run.nodeMuted(observation);
    },
    deliverSynchronously: options.deliverSynchronously,
    ...(options.form === undefined ? {} : { form: options.form }),
    lateReplies: isMaelstroms(test.faults) && interventions.length === 0 ? "refuse" : "drop",
    ...(interventions.length === 0 ? {} : { heldMs: (id) => held.delayMs(id, nemesis.timeMs) }),
  });
  const faults: NodeFault[] = [];
  const cluster = options.makeCluster({
    random: random.split("nodes"),
    send: (node, line) => router.sendLine(node, line),
    sendMessage: (node, message) => router.sendMessage(node, message),
    observe: (observation) => router.observe(observation),
    fault: (fault) => {
      if (countsAtEnd !== undefined) return;
      if (faults.length < NODE_FAULTS_MAX) faults.push(fault);
      run.nodeEnded(fault.node, fault.text);
      options.failed?.(fault);
    },
  });
  attachServices(router, services(random.split("services")));
  const nemesis: Nemesis = new Nemesis({
    nodes: test.nodes,
    faults: test.faults,
    parameters: test,
    intervalMs: test.nemesisIntervalS * 1000,
    clock,
    network,
    cluster,
    random: random.split("nemesis"),
    ...(schedule === undefined ? {} : { schedule: schedule.faults }),
    ...(options.redraw === undefined ? {} : { redrawMs: options.redraw.atMs }),
    interventions,
    endRun: (text) => endEarly({ kind: "unsupported-fault", text }),
    ...(clockOf === undefined ? {} : { clockOf: (node) => clockOf(cluster, node) }),
    ...(disksOf === undefined ? {} : { disks: disksOf(cluster) }),
    ...(watchedOf === undefined ? {} : { watchedOf: (node, name) => watchedOf(cluster, node, name) }),
  });
  const run: TestRun = new TestRun({
    clock,
    router,
    cluster,
    nemesis,
    workload: guarded(registeredWorkload(test.workload), {
      fail: (text) => endEarly({ kind: "workload-error", text }),
      enter: options.entered ?? (() => {}),
    }),
    options: test,
    random: random.split("test"),
    takesTurns: options.deliverSynchronously,
    ...(schedule === undefined
      ? { rate: test.rate }
      : { rate: Infinity, generator: replayGenerator(schedule) }),
    timeLimitMs: test.timeLimitS * 1000,
    ...(links === undefined || test.progressWithinS === undefined ? {} : {
      liveness: {
        links,
        muted,
        withinMs: test.progressWithinS * 1000,
        stateOf: stateOf && ((node) => stateOf(cluster, node)),
      },
    }),
    record: (event) => {
      if (event.type === "invoke" && event.process !== NEMESIS) storm.began();
      options.record(event);
    },
    progress: (phase) => {
      if (phase === "running") {
        options.messages?.began?.(clock.now());
        options.states?.began();
      }
      if (phase === "done") countsAtEnd = traffic.counts;
      options.progress?.(phase);
    },
  });
  const observations = () => ({
    counts: countsAtEnd ?? traffic.counts,
    remarks: remarks.remarks,
    faults,
    effects: nemesis.effects,
    ...(ended === undefined ? {} : { earlyEnd: ended }),
    convergence: run.convergence,
    progress: run.liveness,
  });
  return { run, cluster, nemesis, traffic, observations, endEarly };
}

/**
 * Returns true if these faults are among those that every release of Maelstrom has. A client that gives up on a paused, killed
 * or slow node would silence the node with its late answer, which hides the effect of the fault.
 */
function isMaelstroms(faults: TestOptions["faults"]): boolean {
  return faults.every((kind) => definitionOf(kind)?.isMaelstroms === true);
}

/** Registers each service as the receiver of the requests to its name. */
function attachServices(router: MessageRouter, all: ReadonlyMap<string, Service>): void {
  for (const [name, service] of all) {
    router.attach(name, (delivery) => {
      const { src, body } = delivery.message;
      const reply = service(src, body);
      if (reply === undefined) {
        const problem = `${name} does not answer a request of this type`;
        router.observe({ kind: "unanswered-request", node: src, problem, line: delivery.line });
        return true;
      }
      const message = { src: name, dest: src, body: { ...reply, in_reply_to: body["msg_id"] ?? null } };
      router.send(message);
      return true;
    });
  }
}

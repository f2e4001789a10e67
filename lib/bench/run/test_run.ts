/**
 * Runs one test, from the nodes' start to the last operation, on a virtual or a real clock.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import type { Clock } from "../../runtime/host.ts";
import type { Cluster } from "../../sim/cluster.ts";
import type { MessageRouter } from "../../sim/message_router.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { Observation } from "../../sim/remarks.ts";
import type { Nemesis } from "../nemesis/nemesis.ts";
import type { Generator } from "../workloads/operations.ts";
import type { ConvergenceCheck, Workload, WorkloadOptions } from "../workloads/workload.ts";
import { ClientThreads } from "./client_threads.ts";
import { Connections } from "./connections.ts";
import {
  compareAnswers,
  type Convergence,
  CONVERGENCE_MS,
  CONVERGENCE_MS_MAX,
  KEYS_ASKED_MAX,
} from "./convergence.ts";
import { EventRecorder } from "./event_recorder.ts";
import { NodeStarter } from "./node_starter.ts";
import { OperationLoop, type Pace, UNPACED } from "./operation_loop.ts";
import { checkProgress, type Progress, type ProgressParts } from "./progress.ts";
import { RunSignals } from "./run_signals.ts";

/** Idle time of the network before the final operations, in ms. */
export const RECOVERY_MS = 10_000;

/** The parts of a test. */
export interface RunOptions {
  readonly clock: Clock;
  readonly router: MessageRouter;
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly options: WorkloadOptions;
  readonly nemesis: Nemesis;
  readonly random: SeededRandom;
  /** True if operations go to the clients in turn, as on Maelstrom; otherwise at random. */
  readonly takesTurns: boolean;
  readonly rate: number;
  readonly timeLimitMs: number;
  /** The operations that replace the workload's own. */
  readonly generator?: Generator;
  readonly record: (event: Event) => void;
  /** Receives the current phase of the test. */
  readonly progress?: (phase: Phase) => void;
  /** The bound of the liveness check, with the parts of it that the run does not have; no check if absent. */
  readonly liveness?: Pick<ProgressParts, "links" | "muted" | "stateOf"> & { readonly withinMs: number };
}

/**
 * The phases of a test, in order. When it is done, Maelstrom's test is over: the comparison of the nodes after it is part of
 * neither the verdict nor the message counts.
 */
export type Phase = "starting" | "running" | "recovering" | "final" | "done";

/** Runs a test. Advance the clock until the promise of `run` settles. */
export class TestRun {
  readonly #o: RunOptions;
  readonly #signals = new RunSignals();
  readonly #recorder: EventRecorder;
  readonly #connections: Connections;
  readonly #threads: ClientThreads;
  readonly #starter: NodeStarter;
  #convergence: Convergence | undefined;
  #progress: Progress | undefined;
  /** Ends the current phase or pause. */
  #endCurrent: () => void = () => {};

  constructor(options: RunOptions) {
    this.#o = options;
    const { clock, workload, record, router } = options;
    this.#recorder = new EventRecorder({ clock, workload, record });
    this.#connections = new Connections({ clock, router, signals: this.#signals });
    const shared = { ...options, connections: this.#connections, signals: this.#signals };
    this.#threads = new ClientThreads({ ...shared, recorder: this.#recorder });
    this.#starter = new NodeStarter({ ...shared, nodes: options.options.nodes });
  }

  /** Runs the whole test. Rejects with a `StartError` when a node does not start. */
  async run(): Promise<void> {
    const { progress, workload, options } = this.#o;
    progress?.("starting");
    await this.#startNodes();
    this.#threads.open();
    this.#recorder.start();
    progress?.("running");
    const generator = await this.#runOperations();
    const checked = this.#checkProgress();
    const final = generator.final === undefined ? workload.finalGenerator?.(options) : generator.final();
    if (final !== undefined && !this.#signals.isStopped) {
      progress?.("recovering");
      await this.#pause(RECOVERY_MS);
      await checked;
      progress?.("final");
      await this.#runPhase(final, this.#o.random.split("final"), UNPACED);
    }
    await checked;
    progress?.("done");
    if (workload.convergence !== undefined && !this.#signals.isStopped) {
      this.#convergence = await this.#checkConvergence(workload.convergence);
    }
  }

  /** The result of the liveness check, if it ran. */
  get liveness(): Progress | undefined {
    return this.#progress;
  }

  /** The result of the convergence check, if it ran. */
  get convergence(): Convergence | undefined {
    return this.#convergence;
  }

  /** Ends the test early: no further operation starts, and the test does not wait for those in progress. */
  stop(): void {
    this.#signals.stop();
    this.#endCurrent();
  }

  /** Fails a pending start when the node's output cannot be read any more. */
  nodeMuted(observation: Observation): void {
    this.#starter.nodeMuted(observation);
  }

  /** Fails a pending start when the node has ended by itself. */
  nodeEnded(node: string, how: string): void {
    this.#starter.nodeEnded(node, how);
  }

  /** Returns true if promises were settled since the last call: microtasks must then run before time advances. */
  consumeAsyncFlag(): boolean {
    return this.#signals.consumeAsyncFlag();
  }

  async #startNodes(): Promise<void> {
    const { options, workload: { setup } } = this.#o;
    await Promise.all(options.nodes.map((node) => this.#starter.start(node)));
    if (setup === undefined) return;
    await Promise.all(options.nodes.map((node) => this.#starter.setUp(node, setup(options))));
  }

  /** Runs the main phase under faults. Returns its generator. */
  async #runOperations(): Promise<Generator> {
    const { nemesis, options, workload, rate, timeLimitMs } = this.#o;
    nemesis.start({
      record: (f, value) => this.#recorder.record({ process: NEMESIS, type: "info", f, value }),
      startNode: (node) => this.#starter.start(node),
      request: (node, requests) => this.#connections.once(node, requests),
    });
    const random = this.#o.random.split("operations");
    const generator = this.#o.generator ?? workload.generator(options, random.split("generator"));
    await this.#runPhase(generator, random, { rate, timeLimitMs });
    nemesis.stop();
    return generator;
  }

  async #checkProgress(): Promise<void> {
    const { clock, workload: { progress }, options: { nodes }, liveness } = this.#o;
    if (liveness === undefined || progress === undefined || this.#signals.isStopped) return;
    const { withinMs, ...rest } = liveness;
    const parts = { clock, connections: this.#connections, signals: this.#signals, ...rest };
    const found = await checkProgress(nodes, progress, { withinMs, parts });
    if (!this.#signals.isStopped) this.#progress = found;
  }

  #runPhase(generator: Generator, random: SeededRandom, pace: Pace): Promise<void> {
    const shared = { threads: this.#threads, recorder: this.#recorder, signals: this.#signals };
    const loop = new OperationLoop({ clock: this.#o.clock, ...shared }, { generator, random, pace });
    this.#endCurrent = () => loop.stop();
    return loop.run();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#endCurrent = () => {
        this.#signals.settled();
        resolve();
      };
      this.#o.clock.after(delayMs, this.#endCurrent);
    });
  }

  /** Asks every node for every key after the last operation, and repeats the check while the nodes differ. */
  async #checkConvergence(check: ConvergenceCheck): Promise<Convergence> {
    let afterMs = 0;
    let found: Convergence;
    do {
      const waitMs = afterMs === 0 ? CONVERGENCE_MS : afterMs; // the delay doubles each time
      await this.#pause(waitMs);
      afterMs += waitMs;
      found = await this.#compare(check, afterMs);
    } while (!found.converged && afterMs < CONVERGENCE_MS_MAX && !this.#signals.isStopped);
    return found;
  }

  async #compare({ read }: ConvergenceCheck, afterMs: number): Promise<Convergence> {
    const keys = [...this.#recorder.keys];
    const answers = await Promise.all(this.#o.options.nodes.map(async (node) => {
      const values: unknown[] = [];
      for (let from = 0; from < keys.length; from += KEYS_ASKED_MAX) {
        const outcome = await this.#connections.once(node, read(keys.slice(from, from + KEYS_ASKED_MAX)));
        if ("error" in outcome) return [node, undefined] as const;
        values.push(...outcome.value);
      }
      return [node, values] as const;
    }));
    return compareAnswers(keys, { answers: new Map(answers), afterMs });
  }
}

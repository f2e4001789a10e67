/**
 * Runs one test, from the nodes' start to the last operation, on a virtual or a real clock.
 *
 * Tested by `tests/bench/run/virtual_run_test.ts`.
 */

import type { Event } from "../../checkers/history.ts";
import { NEMESIS } from "../../checkers/history.ts";
import { show } from "../../protocol/schema.ts";
import type { Clock } from "../../runtime/host.ts";
import type { Cluster } from "../../sim/cluster.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { Observation } from "../../sim/remarks.ts";
import type { MessageRouter } from "../../sim/message_router.ts";
import { Connection, type Outcome } from "./connection.ts";
import {
  compareAnswers,
  type Convergence,
  CONVERGENCE_MS,
  CONVERGENCE_MS_MAX,
  KEYS_ASKED_MAX,
} from "./convergence.ts";
import type { Nemesis } from "../nemesis/nemesis.ts";
import {
  type Client,
  type Generator,
  type GeneratorContext,
  INIT_TIMEOUT_MS,
  introduce,
  type RequestSequence,
  type ThreadOperation,
} from "../workloads/operations.ts";
import type { ConvergenceCheck, Key, Workload, WorkloadOptions } from "../workloads/workload.ts";

/** Idle time of the network before the final operations, in ms. */
export const RECOVERY_MS = 10_000;
/** Delay before the next request to a generator that had no operation for any thread, in ms. */
const PENDING_MS = 1;

/** Maximum lateness of an operation without delaying later ones, in ms. */
const LATENESS_MS_MAX = 5;

/** The parts of a test. */
export interface RunOptions {
  readonly clock: Clock;
  readonly router: MessageRouter;
  readonly cluster: Cluster;
  readonly workload: Workload;
  readonly options: WorkloadOptions;
  readonly nemesis: Nemesis;
  readonly random: SeededRandom;
  readonly rate: number;
  readonly timeLimitMs: number;
  /** The operations that replace the workload's own. */
  readonly generator?: Generator;
  readonly record: (event: Event) => void;
  /** Receives the current phase of the test. */
  readonly progress?: (phase: Phase) => void;
}

/** The phases of a test, in order. */
export type Phase = "starting" | "running" | "recovering" | "final" | "done";

/** The error for a node that could not start; its message describes the node's behavior. */
export class StartError extends Error {
  readonly node: string;
  /** True if the message quotes the node's output. */
  readonly quotesOutput: boolean;

  constructor(node: string, text: string, { quotesOutput = false } = {}) {
    super(text);
    this.name = "StartError";
    this.node = node;
    this.quotesOutput = quotesOutput;
  }
}

/** The content of an event, without its index and time. */
type EventFields = Pick<Event, "process" | "type" | "f" | "value" | "final" | "error"> & {
  readonly extra?: unknown;
};

/** An event before its completion. */
type Draft = { -readonly [K in keyof Event]: Event[K] };

interface Thread {
  readonly thread: number;
  readonly node: string;
  process: number;
  client: Client;
  connection: Connection;
}

/** Runs a test. Advance the clock until the promise of `run` settles. */
export class TestRun {
  readonly #o: RunOptions;
  readonly #threads: Thread[] = [];
  readonly #free = new Set<number>();
  #nextClient = 0;
  #index = 0;
  #startedAt = 0;
  #stopped = false;
  readonly #keys = new Set<Key>();
  #convergence: Convergence | undefined;
  #woken = false;
  readonly #starting = new Map<string, (error: StartError) => void>();
  #phaseEnd: () => void = () => {};

  constructor(options: RunOptions) {
    this.#o = options;
  }

  /** Runs the whole test. Rejects with {@linkcode StartError} when a node does not start. */
  async run(): Promise<void> {
    const { nemesis, options, progress, workload, timeLimitMs } = this.#o;
    progress?.("starting");
    await Promise.all(options.nodes.map((node) => this.startNode(node)));
    await this.#setup();
    for (let thread = 0; thread < options.concurrency; thread++) this.#threads.push(this.#makeThread(thread));
    this.#startedAt = this.#o.clock.now();
    progress?.("running");
    nemesis.start({
      record: (f, value) => this.#recordEvent({ process: NEMESIS, type: "info", f, value }),
      startNode: (node) => this.startNode(node),
    });
    const random = this.#o.random.split("operations");
    const generator = this.#o.generator ?? workload.generator(options, random.split("generator"));
    await this.#phase(generator, { random, timeLimitMs });
    nemesis.stop();
    const final = generator.final?.() ?? workload.finalGenerator?.(options);
    if (final !== undefined && !this.#stopped) {
      progress?.("recovering");
      await this.#sleep(RECOVERY_MS);
      progress?.("final");
      await this.#phase(final, { random: this.#o.random.split("final") });
    }
    if (workload.convergence !== undefined && !this.#stopped) {
      this.#convergence = await this.#checkConvergence(workload.convergence);
    }
    progress?.("done");
  }

  /** The result of the convergence check, if it ran. */
  get convergence(): Convergence | undefined {
    return this.#convergence;
  }

  /** Asks every node for every key after the last operation, and repeats the check while the nodes differ. */
  async #checkConvergence(convergence: ConvergenceCheck): Promise<Convergence> {
    let afterMs = 0;
    let found: Convergence;
    do {
      const waitMs = afterMs === 0 ? CONVERGENCE_MS : afterMs; // the delay doubles each time
      await this.#sleep(waitMs);
      afterMs += waitMs;
      found = await this.#compare(convergence, afterMs);
    } while (!found.converged && afterMs < CONVERGENCE_MS_MAX && !this.#stopped);
    return found;
  }

  async #compare({ read }: ConvergenceCheck, afterMs: number): Promise<Convergence> {
    const keys = [...this.#keys];
    const answers = await Promise.all(this.#o.options.nodes.map(async (node) => {
      const values: unknown[] = [];
      for (let from = 0; from < keys.length; from += KEYS_ASKED_MAX) {
        const outcome = await this.#once(node, read(keys.slice(from, from + KEYS_ASKED_MAX)));
        if ("error" in outcome) return [node, undefined] as const;
        values.push(...outcome.value);
      }
      return [node, values] as const;
    }));
    return compareAnswers(keys, { answers: new Map(answers), afterMs });
  }

  /** Ends the test early: no further operation starts, and the test does not wait for those in progress. */
  stop(): void {
    this.#stopped = true;
    this.#phaseEnd();
  }

  /** Starts a node and sends `init` to it. Rejects when the node does not answer `init` in time. */
  async startNode(node: string): Promise<void> {
    const { cluster, options, router } = this.#o;
    router.attach(node, (delivery) => cluster.deliver(node, delivery));
    this.#woken = true;
    await cluster.start(node);
    const fields = { node_id: node, node_ids: options.nodes };
    const { promise: ended, reject } = Promise.withResolvers<never>();
    this.#starting.set(node, reject);
    try {
      const outcome = await Promise.race([
        this.#once(node, introduce(fields)),
        ended,
      ]);
      if (!("error" in outcome) || this.#stopped) return;
      const why = text(outcome.error) || `no answer within ${INIT_TIMEOUT_MS / 1000} s`;
      throw new StartError(node, `node ${node} did not answer init with init_ok: ${why}`);
    } finally {
      this.#starting.delete(node);
    }
  }

  /** Fails a pending start when the node's output cannot be read any more. */
  nodeMuted({ node, problem, line }: Observation): void {
    const wrote = line === undefined ? "" : `\nIt wrote: ${show(line)}`;
    const text =
      `node ${node} wrote a line before it answered init that Maelstrom refuses: ${problem}${wrote}`;
    this.#starting.get(node)?.(new StartError(node, text, { quotesOutput: line !== undefined }));
  }

  /** Fails a pending start when the node has ended by itself. `how` quotes its last output. */
  nodeEnded(node: string, how: string): void {
    this.#starting.get(node)?.(new StartError(node, `node ${node} ${how}`, { quotesOutput: true }));
  }

  /** True if promises were settled since the last call: microtasks must then run before time advances. */
  consumeAsyncFlag(): boolean {
    const was = this.#woken;
    this.#woken = false;
    return was;
  }

  async #setup(): Promise<void> {
    const { options, workload } = this.#o;
    const { setup } = workload;
    if (setup === undefined) return;
    await Promise.all(options.nodes.map(async (node) => {
      const outcome = await this.#once(node, setup(options));
      if ("error" in outcome) {
        throw new StartError(node, `node ${node} failed the setup: ${text(outcome.error)}`);
      }
    }));
  }

  /** Runs steps with a client that is used once. */
  #once<T>(node: string, steps: RequestSequence<T>): Promise<Outcome<T>> {
    const connection = this.#connect(node);
    return new Promise((resolve) =>
      connection.run(steps, (outcome) => {
        connection.close();
        this.#woken = true;
        resolve(outcome);
      })
    );
  }

  #connect(node: string): Connection {
    return new Connection({
      clock: this.#o.clock,
      router: this.#o.router,
      id: `c${this.#nextClient++}`,
      node,
    });
  }

  #makeThread(thread: number): Thread {
    const { nodes } = this.#o.options;
    const node = nodes[thread % nodes.length] ?? "";
    this.#free.add(thread);
    return {
      thread,
      node,
      process: thread,
      client: this.#makeClient(thread),
      connection: this.#connect(node),
    };
  }

  #makeClient(process: number): Client {
    return this.#o.workload.client(this.#o.options, {
      process,
      random: this.#o.random.split(`client ${process}`),
    });
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#phaseEnd = () => {
        this.#woken = true;
        resolve();
      };
      this.#o.clock.after(delayMs, this.#phaseEnd);
    });
  }

  /**
   * Runs the generator's operations on the threads until the generator or the time ends and all replies have arrived. With a
   * time limit, the delay between two operations is uniform in 0…2/rate seconds.
   */
  #phase(
    generator: Generator,
    options: { readonly random: SeededRandom; readonly timeLimitMs?: number },
  ): Promise<void> {
    const { clock, rate } = this.#o;
    const { random, timeLimitMs } = options;
    const gapMs = timeLimitMs === undefined ? 0 : 2000 / rate;
    const endsAt = timeLimitMs === undefined ? Infinity : clock.now() + timeLimitMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => {
      this.#woken = true;
      resolve();
    };
    this.#phaseEnd = end;
    let ended = false; // no further operation starts
    let nextAt = rate > 0 || timeLimitMs === undefined ? clock.now() : Infinity;
    let waiting = false; // true if a timer will call pump
    const settle = () => {
      if (this.#stopped || (ended && this.#free.size === this.#threads.length)) end();
    };
    if (timeLimitMs !== undefined) {
      clock.after(timeLimitMs, () => {
        ended = true;
        settle();
      });
    }
    const wakeIn = (delayMs: number) => {
      if (waiting || delayMs === Infinity) return;
      waiting = true;
      clock.after(delayMs, () => {
        waiting = false;
        pump();
      });
    };
    const pump = () => {
      while (!ended && !this.#stopped && this.#free.size > 0) {
        const now = clock.now();
        if (now >= endsAt) break;
        if (nextAt > now) {
          wakeIn(nextAt - now);
          break;
        }
        const operation = generator.next(this.#context(random));
        if (operation === undefined) {
          ended = true;
        } else if (operation === "pending" || "waitMs" in operation) {
          wakeIn(operation === "pending" ? PENDING_MS : operation.waitMs);
          break;
        } else {
          // Counts from the due time, so that a late timer does not reduce the rate. Operations that are late because all
          // threads were busy are not made up for.
          nextAt = Math.max(nextAt, now - LATENESS_MS_MAX) + random.uniform(0, gapMs);
          this.#invoke(operation, { generator, freed: () => (settle(), pump()) });
        }
      }
      settle();
    };
    pump();
    return promise;
  }

  #context(random: SeededRandom): GeneratorContext {
    return {
      timeMs: this.#o.clock.now() - this.#startedAt,
      free: [...this.#free],
      processOf: (thread) => this.#threads[thread]?.process ?? thread,
      random,
    };
  }

  #invoke(
    operation: ThreadOperation,
    { generator, freed }: { readonly generator: Generator; readonly freed: () => void },
  ): void {
    const slot = this.#threads[operation.thread];
    if (slot === undefined || !this.#free.delete(operation.thread)) {
      throw new RangeError("no such free thread");
    }
    const { f, value, final, extra } = operation;
    const { process } = slot;
    const base = {
      process,
      f,
      ...(final === undefined ? {} : { final }),
      ...(extra === undefined ? {} : { extra }),
    };
    const invoked = this.#recordEvent({ ...base, type: "invoke", value });
    generator.update?.(invoked, slot.thread);
    slot.connection.run(slot.client.invoke(operation), (outcome) => {
      if (this.#stopped) return;
      const event = "error" in outcome
        ? { ...base, value, ...this.#o.workload.recordFailure(outcome.error, operation) }
        : { ...base, value: outcome.value, type: "ok" as const };
      const recorded = this.#recordEvent(event);
      if (event.type === "info") this.#replace(slot);
      this.#free.add(slot.thread);
      generator.update?.(recorded, slot.thread);
      freed();
    });
  }

  /** Replaces the process after an indeterminate operation: its thread continues as a new process with a new client. */
  #replace(slot: Thread): void {
    slot.process += this.#threads.length;
    slot.connection.close();
    slot.connection = this.#connect(slot.node);
    slot.client = this.#makeClient(slot.process);
  }

  #recordEvent(event: EventFields): Event {
    const time = Math.round((this.#o.clock.now() - this.#startedAt) * 1e6);
    const { process, type, f, value, final, extra, error } = event;
    const recorded: Draft = { index: this.#index++, time, process, type, f, value };
    if (final !== undefined) recorded.final = final;
    if (extra !== undefined) recorded["extra"] = extra;
    if (error !== undefined) recorded.error = error;
    this.#o.record(recorded);
    for (const key of this.#o.workload.convergence?.keys(recorded) ?? []) this.#keys.add(key);
    return recorded;
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

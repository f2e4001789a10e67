/** The threads of a run's clients: each runs one operation at a time, as one process after another. */

import type { Event } from "../../checkers/history.ts";
import type { SeededRandom } from "../../sim/random.ts";
import { type Client, recordFailure, type ThreadOperation } from "../workloads/operations.ts";
import type { Workload, WorkloadOptions } from "../workloads/workload.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";
import type { EventFields, EventRecorder } from "./event_recorder.ts";
import type { Outcome } from "./request_steps.ts";
import type { RunSignals } from "./run_signals.ts";

/** The parts of a run that threads need. */
export interface ThreadParts {
  readonly workload: Workload;
  readonly options: WorkloadOptions;
  readonly random: SeededRandom;
  readonly connections: Connections;
  readonly recorder: EventRecorder;
  readonly signals: RunSignals;
  /** True if operations go to the threads in turn, as on Maelstrom; otherwise at random. */
  readonly takesTurns: boolean;
}

/** Receives each event of a thread's operations. */
export type EventListener = (event: Event, thread: number) => void;

interface Thread {
  readonly node: string;
  process: number;
  /** The process for which the client was made. */
  clientProcess: number;
  client: Client;
  connection: Connection;
}

/** The threads of one run. */
export class ClientThreads {
  readonly #parts: ThreadParts;
  readonly #threads: Thread[] = [];
  readonly #free: number[] = [];
  /** The number of the next turn, up to the number of threads. The last one belongs to the faults. */
  #turn = 0;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
  }

  /** Opens all threads. Thread t talks to node t modulo the number of nodes. */
  open(): void {
    const { nodes, concurrency } = this.#parts.options;
    for (let thread = 0; thread < concurrency; thread++) {
      const node = nodes[thread % nodes.length] ?? "";
      this.#free.push(thread);
      const client = this.#makeClient(thread);
      const connection = this.#parts.connections.open(node);
      this.#threads.push({ node, process: thread, clientProcess: thread, client, connection });
    }
  }

  /** The idle threads, the longest idle one first. */
  get free(): readonly number[] {
    return this.#free;
  }

  /** True if no operation is in progress. */
  get areIdle(): boolean {
    return this.#free.length === this.#threads.length;
  }

  /**
   * Chooses one of several free threads for the next operation. In turn, that is the first one from the turn's number on, or else
   * the first one of all, as in Jepsen (`jepsen.generator.context`): the turn that belongs to the faults goes to the first thread,
   * too.
   */
  choose(free: readonly number[], random: SeededRandom): number {
    if (!this.#parts.takesTurns) return random.pick(free);
    const following = free.filter((thread) => thread >= this.#turn);
    return Math.min(...(following.length === 0 ? free : following));
  }

  /** Returns the current process of a thread. */
  processOf(thread: number): number {
    return this.#threads[thread]?.process ?? thread;
  }

  /** Runs an operation on its thread. `listener` receives the invocation at once, and the completion later. */
  run(operation: ThreadOperation, listener: EventListener): void {
    const { thread, f, value, final, extra } = operation;
    const slot = this.#threads[thread];
    const place = this.#free.indexOf(thread);
    if (slot === undefined || place < 0) throw new RangeError("no such free thread");
    this.#free.splice(place, 1);
    this.#turn = (this.#turn + 1) % (this.#threads.length + 1);
    const { process, clientProcess } = slot;
    const { recorder, signals, workload } = this.#parts;
    if (process !== clientProcess && workload.keepsClients !== true) this.#renewClient(slot);
    listener(recorder.record({ process, type: "invoke", f, value, final, extra }), thread);
    slot.connection.run(slot.client.invoke(operation), (outcome) => {
      if (signals.isStopped) return;
      const completion = this.#completionOf(operation, outcome);
      const event = recorder.record({ process, f, final, extra, ...completion });
      if (event.type === "info") slot.process += this.#threads.length;
      this.#free.push(thread);
      listener(event, thread);
    });
  }

  #completionOf(
    operation: ThreadOperation,
    outcome: Outcome<unknown>,
  ): Pick<EventFields, "type" | "value" | "error"> {
    if (!("error" in outcome)) return { type: "ok", value: outcome.value };
    const { recordFailure: record = recordFailure } = this.#parts.workload;
    return { value: operation.value, ...record(outcome.error, operation) };
  }

  /**
   * Replaces the client of an earlier process. As in Jepsen, this happens at the new process's first operation: until then, late
   * replies have a receiver.
   */
  #renewClient(slot: Thread): void {
    slot.connection.close();
    slot.connection = this.#parts.connections.open(slot.node);
    slot.client = this.#makeClient(slot.process);
    slot.clientProcess = slot.process;
  }

  #makeClient(process: number): Client {
    const { workload, options, random } = this.#parts;
    return workload.client(options, { process, random: random.split(`client ${process}`) });
  }
}

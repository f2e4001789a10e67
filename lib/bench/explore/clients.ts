/**
 * The clients of an explored cluster. Each thread runs its operations one after another.
 *
 * Tested by `tests/bench/explore/world_test.ts`.
 */

import type { Event } from "../../checkers/history.ts";
import { CODE } from "../../protocol/errors.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { SeededRandom } from "../../sim/random.ts";
import type { EventFields } from "../run/event_recorder.ts";
import { type Outcome, runSteps } from "../run/request_steps.ts";
import {
  type Client,
  type Generator,
  introduce,
  pickAtRandom,
  recordFailure,
  type Reply,
  type RequestSequence,
  type ThreadOperation,
} from "../workloads/operations.ts";
import type { Workload, WorkloadOptions } from "../workloads/workload.ts";

/** The parts of an execution that clients need. */
export interface ClientParts {
  readonly test: WorkloadOptions;
  readonly workload: Workload;
  readonly random: SeededRandom;
  /** The number of operations before the final ones. */
  readonly operationCount: number;
  readonly send: (message: Envelope) => void;
  readonly record: (event: EventFields) => Event;
}

interface Thread {
  readonly node: string;
  readonly id: string;
  process: number;
  client: Client;
  isBusy: boolean;
  /** The number of operations that began. */
  startedCount: number;
  readonly waiting: ThreadOperation[];
}

/** The maximum number of draws per operation. */
const DRAWS_MAX = 100;

/** A request that waits for its reply. */
interface Waiting {
  readonly msgId: number;
  readonly reply: (body: Reply) => void;
}

/** The clients of one execution. */
export class ExploredClients {
  readonly #parts: ClientParts;
  readonly #threads: Thread[] = [];
  readonly #waiting = new Map<string, Waiting>();
  #nextClient = 0;
  readonly #msgIds = new Map<string, number>();
  /** The generator of the current phase. */
  #generator: Generator | undefined;
  #finalRandom: SeededRandom | undefined;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    const { workload, test, random } = parts;
    this.#generator = workload.generator(test, random.split("operations").split("generator"));
  }

  /** Opens all threads. Thread t talks to node t modulo the number of nodes. */
  open(): void {
    const { test: { nodes, concurrency } } = this.#parts;
    const operations = this.#draw();
    for (let thread = 0; thread < concurrency; thread++) {
      this.#threads.push({
        node: nodes[thread % nodes.length] ?? "",
        id: `c${this.#nextClient++}`,
        process: thread,
        client: this.#clientOf(thread),
        isBusy: false,
        startedCount: 0,
        waiting: operations.filter((operation) => operation.thread === thread),
      });
    }
  }

  /**
   * Draws the operations before any of them begins, so that all executions have the same. They go to the last thread, the first one, the
   * last but one, and so on, because in some workloads the first threads only read.
   */
  #draw(): ThreadOperation[] {
    const { test: { concurrency }, random: parent, operationCount } = this.#parts;
    const random = parent.split("operations");
    const pick = pickAtRandom(random);
    const operations: ThreadOperation[] = [];
    for (let i = 0; operations.length < operationCount && i < operationCount * DRAWS_MAX; i++) {
      const turn = operations.length % concurrency;
      const thread = turn % 2 === 0 ? concurrency - 1 - turn / 2 : (turn - 1) / 2;
      const processOf = (each: number) => each;
      const next = this.#generator?.next({ timeMs: i, free: [thread], processOf, random, pick });
      if (next === undefined) break;
      if (next !== "pending" && !("waitMs" in next)) operations.push(next);
    }
    return operations;
  }

  /** The threads whose next operation can begin. */
  get ready(): number[] {
    return this.#threads.flatMap(({ isBusy, waiting }, thread) =>
      isBusy || waiting.length === 0 ? [] : [thread]
    );
  }

  /** True if no operation is in progress. */
  get isIdle(): boolean {
    return this.#threads.every(({ isBusy }) => !isBusy);
  }

  /** The nodes of the operations in progress. */
  get waitingFor(): string[] {
    return [...new Set(this.#threads.flatMap(({ isBusy, node }) => isBusy ? [node] : []))];
  }

  nodeOf(thread: number): string {
    return this.#threads[thread]?.node ?? "";
  }

  /** The number of operations that a thread began. */
  startedCount(thread: number): number {
    return this.#threads[thread]?.startedCount ?? 0;
  }

  /** Begins the next operation of a thread. Returns the function that sends its first request. */
  begin(thread: number): () => void {
    const slot = this.#threads[thread];
    const operation = slot?.waiting.shift();
    if (slot === undefined || operation === undefined) return () => {};
    slot.isBusy = true;
    slot.startedCount++;
    const { f, value, final, extra } = operation;
    const fields = {
      process: slot.process,
      f,
      value,
      ...(final === undefined ? {} : { final }),
      ...(extra === undefined ? {} : { extra }),
    };
    this.#update(this.#parts.record({ ...fields, type: "invoke" }), thread);
    const { recordFailure: failureOf = recordFailure } = this.#parts.workload;
    return () =>
      this.#run(slot, slot.client.invoke(operation), (outcome) => {
        const completion = "error" in outcome
          ? failureOf(outcome.error, operation)
          : { value: outcome.value, type: "ok" as const };
        const event = this.#parts.record({ ...fields, ...completion });
        slot.isBusy = false;
        if (event.type === "info") {
          slot.process += this.#threads.length;
          slot.client = this.#clientOf(slot.process);
        }
        this.#update(event, thread);
      });
  }

  /** Ends the operations in progress at a node, with an unknown outcome. */
  giveUp(node: string): void {
    for (const { id, isBusy, node: own } of this.#threads) {
      const waiting = this.#waiting.get(id);
      if (own !== node || !isBusy || waiting === undefined) continue;
      this.#waiting.delete(id);
      waiting.reply({ type: "error", code: CODE.timeout, text: "" });
    }
  }

  /** Sends `init` to a node. */
  introduce(node: string): void {
    this.once(node, introduce({ node_id: node, node_ids: this.#parts.test.nodes }));
  }

  /** Runs requests to a node with a client that is used once. */
  once(node: string, steps: RequestSequence<void>): void {
    this.#run({ id: `c${this.#nextClient++}`, node }, steps, () => {});
  }

  /** Takes a message to a client. */
  receive({ dest, body }: Envelope): void {
    const waiting = this.#waiting.get(dest);
    if (waiting === undefined || body["in_reply_to"] !== waiting.msgId) return;
    this.#waiting.delete(dest);
    waiting.reply(body);
  }

  /** True if the test has operations after the recovery. */
  get hasFinal(): boolean {
    return this.#generator?.final !== undefined || this.#parts.workload.finalGenerator !== undefined;
  }

  /** Prepares the operations after the recovery. Operations that are still in progress never end. Returns false if there are none. */
  beginFinal(): boolean {
    const { workload, test, random } = this.#parts;
    this.#waiting.clear();
    for (const [thread, slot] of this.#threads.entries()) {
      if (!slot.isBusy) continue;
      slot.isBusy = false;
      slot.process += this.#threads.length;
      slot.client = this.#clientOf(slot.process);
      this.#threads[thread] = { ...slot, id: `c${this.#nextClient++}` };
    }
    this.#generator = this.#generator?.final?.() ?? workload.finalGenerator?.(test);
    this.#finalRandom = random.split("final");
    return this.continueFinal();
  }

  /** Hands the next final operations to idle threads. Returns false at the end. */
  continueFinal(): boolean {
    const random = this.#finalRandom;
    if (random === undefined) return false;
    const busy = new Set(this.#threads.flatMap(({ isBusy }, thread) => isBusy ? [thread] : []));
    let given = 0;
    for (;;) {
      const free = this.#threads.flatMap((_, thread) => busy.has(thread) ? [] : [thread]);
      if (free.length === 0) break;
      const processOf = (thread: number) => this.#threads[thread]?.process ?? thread;
      const next = this.#generator?.next({ timeMs: 0, free, processOf, random, pick: pickAtRandom(random) });
      if (next === undefined || next === "pending" || "waitMs" in next) break;
      busy.add(next.thread);
      this.#threads[next.thread]?.waiting.push(next);
      given++;
    }
    return given > 0;
  }

  #update(event: Event, thread: number): void {
    this.#generator?.update?.(event, thread);
  }

  #clientOf(process: number): Client {
    const { workload, test, random } = this.#parts;
    return workload.client(test, { process, random: random.split(`client ${process}`) });
  }

  #run<T>(
    { id, node }: { readonly id: string; readonly node: string },
    steps: RequestSequence<T>,
    done: (outcome: Outcome<T>) => void,
  ): void {
    runSteps(steps, ({ body }, { reply }) => {
      const msgId = (this.#msgIds.get(id) ?? 0) + 1;
      this.#msgIds.set(id, msgId);
      this.#waiting.set(id, { msgId, reply });
      this.#parts.send({ src: id, dest: node, body: { ...body, msg_id: msgId } });
    }, done);
  }
}

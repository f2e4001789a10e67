/** Runs a workload's generator and clients against a function, with no network and no nodes. */

import type { Event } from "../../../lib/checkers/history.ts";
import {
  type Client,
  type Generator,
  type Operation,
  pickAtRandom,
  recordFailure,
  type Reply,
  type Request,
  type RequestSequence,
} from "../../../lib/bench/workloads/operations.ts";
import type { Workload, WorkloadOptions } from "../../../lib/bench/workloads/workload.ts";
import { CODE, RpcError } from "../../../lib/protocol/errors.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";

/** Answers a request with the reply's own fields; throws `RpcError` for an error. */
export type Server = (body: Reply) => Readonly<Record<string, unknown>>;

/** Options that fit every workload, with Maelstrom's defaults. */
export function options(changed: Partial<WorkloadOptions> = {}): WorkloadOptions {
  return {
    nodes: ["n1", "n2", "n3", "n4", "n5"],
    concurrency: 10,
    topology: "grid",
    latencyMs: 0,
    keyCount: undefined,
    maxTxnLength: 4,
    maxWritesPerKey: 16,
    ...changed,
  };
}

/** Options for driving a workload. */
export interface DriveOptions {
  readonly seed: number;
  /** The number of operations of the main phase. */
  readonly operations: number;
  readonly server: Server;
  /** The probability that a request is executed but its reply is lost. */
  readonly lostReplies?: number;
  /** True to omit the operations after the recovery. */
  readonly mainOnly?: boolean;
  /** Ms from one step (the start of an operation, or one request of it) to the next. */
  readonly stepMs?: number;
}

/** Less than half, so that few operations are concurrent and a wrong reply has no other explanation. */
const BEGIN_PROBABILITY = 0.35;

interface Thread {
  process: number;
  client: Client;
  /** The current operation, and its request in flight. */
  pending:
    | { readonly operation: Operation; readonly steps: RequestSequence<unknown>; readonly request: Request }
    | null;
}

/** Returns the history of a whole test: main and final operations, several at a time. */
export function drive(workload: Workload, options: WorkloadOptions, drive: DriveOptions): Event[] {
  const { lostReplies = 0, mainOnly = false, operations, seed, server, stepMs = 1 } = drive;
  const random = new SeededRandom(`drive/${seed}`);
  const history: Event[] = [];
  let timeMs = 0;

  const makeClient = (process: number) =>
    workload.client(options, { process, random: random.split(process) });
  const threads: Thread[] = Array.from({ length: options.concurrency }, (_, process) => ({
    process,
    client: makeClient(process),
    pending: null,
  }));

  const record = (
    { process }: Thread,
    { f, value, extra }: Operation,
    change: Partial<Event> & Pick<Event, "type">,
  ): Event => {
    const event: Event = {
      index: history.length,
      time: timeMs * 1e6,
      process,
      f,
      value,
      ...(extra === undefined ? {} : { extra }),
      ...change,
    };
    history.push(event);
    return event;
  };

  const advance = (
    index: number,
    generator: Generator,
    take: {
      operation: Operation;
      steps: RequestSequence<unknown>;
      resume: () => IteratorResult<Request, unknown>;
    },
  ) => {
    const thread = threads[index];
    if (thread === undefined) throw new RangeError("no such thread");
    const { operation, steps, resume } = take;
    let event: Event;
    try {
      const result = resume();
      if (!result.done) {
        thread.pending = { operation, steps, request: result.value };
        return;
      }
      event = record(thread, operation, { type: "ok", value: result.value });
    } catch (error) {
      event = record(thread, operation, { ...(workload.recordFailure ?? recordFailure)(error, operation) });
    }
    thread.pending = null;
    if (event.type === "info") {
      thread.process += options.concurrency;
      thread.client = makeClient(thread.process);
    }
    generator.update?.(event, index);
  };

  const begin = (generator: Generator): "started" | "pending" | "ended" => {
    const free = threads.flatMap(({ pending }, index) => pending === null ? [index] : []);
    if (free.length === 0) return "pending";
    const processOf = (thread: number) => threads[thread]?.process ?? thread;
    const next = generator.next({ timeMs, free, processOf, random, pick: pickAtRandom(random) });
    if (next === undefined) return "ended";
    if (next === "pending" || "waitMs" in next) return "pending";
    const { thread: index, ...operation } = next;
    const thread = threads[index];
    if (thread === undefined || thread.pending !== null) throw new RangeError(`thread ${index} is not free`);
    const invoked = record(thread, operation, { type: "invoke" });
    generator.update?.(invoked, index);
    const steps = thread.client.invoke(operation);
    advance(index, generator, { operation, steps, resume: () => steps.next({}) });
    return "started";
  };

  const answer = (index: number, generator: Generator): void => {
    const pending = threads[index]?.pending;
    if (!pending) return;
    const { operation, steps, request } = pending;
    const resume = () => {
      let reply: Reply;
      try {
        const body = request.body;
        reply = JSON.parse(JSON.stringify({ ...server(body), type: `${body["type"]}_ok`, in_reply_to: 1 }));
      } catch (error) {
        return steps.throw(error);
      }
      return random.chance(lostReplies) ? steps.throw(new RpcError(CODE.timeout, "")) : steps.next(reply);
    };
    advance(index, generator, { operation, steps, resume });
  };

  const run = (generator: Generator, count: number): void => {
    let left = count;
    for (;;) {
      timeMs += stepMs;
      const busy = threads.flatMap(({ pending }, index) => pending === null ? [] : [index]);
      if (left > 0 && (busy.length === 0 || random.chance(BEGIN_PROBABILITY))) {
        const outcome = begin(generator);
        if (outcome === "started") left--;
        if (outcome === "ended") left = 0;
      } else if (busy.length > 0) {
        answer(random.pick(busy), generator);
      } else {
        return;
      }
    }
  };

  const main = workload.generator(options, random.split("generator"));
  run(main, operations);
  if (mainOnly) return history;
  const final = main.final?.() ?? workload.finalGenerator?.(options);
  if (final !== undefined) run(final, Infinity);
  return history;
}

/** The invocations of a history. */
export function invocations(history: readonly Event[]): Event[] {
  return history.filter(({ type }) => type === "invoke");
}

/** The part of the values that the test holds for. */
export function share<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.filter(holds).length / values.length;
}

/** Returns a client's next request, given the reply to the previous one, without its declaration. */
export function asked(
  steps: RequestSequence<unknown>,
  before: Reply = {},
): { readonly body: Reply; readonly timeoutMs: number | undefined } {
  const { done, value } = steps.next(before);
  if (done) throw new RangeError(`nothing is asked; the value is ${JSON.stringify(value)}`);
  return { body: value.body, timeoutMs: value.timeoutMs };
}

/**
 * The final operations of the workload kafka. Each thread crashes its client, is assigned to every key from the start,
 * and polls until it has seen the highest observed offset of each key, for at most 10 s (`jepsen.tests.kafka/
 * final-polls`, limited as in Maelstrom: a node that lost messages must not delay the end of its test).
 *
 * Tested by `tests/bench/workloads/kafka_test.ts`.
 */

import type { Event } from "../../../checkers/history.ts";
import type { WholeNumber } from "../../../protocol/schema.ts";
import type { SeededRandom } from "../../../sim/random.ts";
import type { Generator, GeneratorContext, Operation } from "../operations.ts";
import { polledOffsets, SEEK_TO_BEGINNING } from "./offsets.ts";

const DURATION_MS = 10_000;
/** Mean time between two polls of a thread, in ms. */
const POLL_INTERVAL_MS = 200;

const POLL: Operation = { f: "poll", value: [["poll"]], extra: { "poll-ms": 1000 } };

interface Thread {
  /** The offsets that the thread has yet to see, by key. */
  readonly missing: Map<string, WholeNumber>;
  /** The operations that the thread has yet to do before it polls. */
  readonly first: Operation[];
  nextPollMs: number;
}

/** The generator of the final operations. */
export class KafkaFinalPolls implements Generator {
  readonly #threads: readonly Thread[];
  #endsAtMs: number | undefined;

  constructor(offsets: ReadonlyMap<string, WholeNumber>, concurrency: number) {
    const keys = [...offsets.keys()].sort((a, b) => Number(a) - Number(b));
    this.#threads = Array.from({ length: concurrency }, () => ({
      missing: new Map(offsets),
      first: [
        { f: "crash", value: null },
        { f: "assign", value: keys, extra: { [SEEK_TO_BEGINNING]: true } },
      ],
      nextPollMs: 0,
    }));
  }

  next(
    { free, random, timeMs }: GeneratorContext,
  ): Operation & { readonly thread: number } | "pending" | undefined {
    this.#endsAtMs ??= timeMs + DURATION_MS;
    if (timeMs >= this.#endsAtMs) return undefined;
    for (const thread of random.shuffle(free)) {
      const state = this.#threads[thread];
      const operation = state && nextOf(state, { random, timeMs });
      if (operation !== undefined) return { ...operation, thread };
    }
    return this.#threads.every(({ missing }) => missing.size === 0) ? undefined : "pending";
  }

  update(event: Event, thread: number): void {
    const missing = this.#threads[thread]?.missing;
    for (const [key, offset] of polledOffsets(event)) {
      if (offset >= (missing?.get(key) ?? Infinity)) missing?.delete(key);
    }
  }
}

function nextOf(
  thread: Thread,
  { random, timeMs }: { readonly random: SeededRandom; readonly timeMs: number },
): Operation | undefined {
  if (thread.missing.size === 0) return undefined;
  const first = thread.first.shift();
  if (first !== undefined) return first;
  if (timeMs < thread.nextPollMs) return undefined;
  thread.nextPollMs = timeMs + random.uniform(0, 2 * POLL_INTERVAL_MS);
  return POLL;
}

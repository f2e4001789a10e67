/**
 * The main operations of the workload kafka (`jepsen.tests.kafka`, without transactions and with manual assignments, as
 * Maelstrom configures it): sends and polls in equal proportion over a pool of keys like Elle's, occasional assignments to the
 * key of the next operation, and crashes of clients.
 *
 * Tested by `tests/bench/workloads/kafka_test.ts`.
 */

import type { Event } from "../../../checkers/history.ts";
import type { WholeNumber } from "../../../protocol/schema.ts";
import type { SeededRandom } from "../../../sim/random.ts";
import type { Generator, GeneratorContext, Operation } from "../operations.ts";
import { KafkaFinalPolls } from "./final_polls.ts";
import { polledOffsets, raise, sentOffset } from "./offsets.ts";
import { KEY_COUNT, randomTransactions } from "../txn_generator.ts";
import type { WorkloadOptions } from "../workload.ts";

/** Mean time between two crashes of clients, in ms. */
const CRASH_INTERVAL_MS = 30_000;
const ASSIGN_PROBABILITY = 1 / 64;
/** The probability that an assignment also includes the keys with messages that no client polled. */
const UNSEEN_PROBABILITY = 1 / 3;

const POLL: Operation = { f: "poll", value: [["poll"]] };

/** Creates the generator. Its final operations poll until all observed messages have been polled. */
export function kafkaGenerator(options: WorkloadOptions, random: SeededRandom): Generator {
  return new KafkaGenerator(options, random);
}

class KafkaGenerator implements Generator {
  readonly #random: SeededRandom;
  readonly #concurrency: number;
  readonly #next: () => Planned;
  #planned: Planned;
  #crashAtMs: number | undefined;
  /** The highest offsets of messages that were sent but not yet polled, and the highest polled offsets of these keys. */
  readonly #sent = new Map<string, WholeNumber>();
  readonly #polled = new Map<string, WholeNumber>();
  /** The highest observed offset of each key. */
  readonly #seen = new Map<string, WholeNumber>();

  constructor({ concurrency, keyCount = KEY_COUNT, maxWritesPerKey }: WorkloadOptions, random: SeededRandom) {
    this.#random = random;
    this.#concurrency = concurrency;
    this.#next = plan(random, { keyCount, maxWritesPerKey });
    this.#planned = this.#next();
  }

  next({ free, pick, timeMs }: GeneratorContext): Operation & { readonly thread: number } {
    return { ...this.#operation(timeMs), thread: pick(free) };
  }

  update(event: Event): void {
    const sent = sentOffset(event);
    if (sent !== undefined) this.#observeSend(...sent);
    for (const [key, offset] of polledOffsets(event)) this.#observePoll(key, offset);
  }

  #observeSend(key: string, offset: WholeNumber): void {
    raise(this.#seen, key, offset);
    if (offset >= 0) raise(this.#sent, key, offset);
  }

  #observePoll(key: string, offset: WholeNumber): void {
    raise(this.#seen, key, offset);
    const sent = this.#sent.get(key);
    if (sent === undefined) return;
    if (offset < sent) return raise(this.#polled, key, offset);
    this.#sent.delete(key);
    this.#polled.delete(key);
  }

  final(): Generator {
    return new KafkaFinalPolls(this.#seen, this.#concurrency);
  }

  #operation(timeMs: number): Operation {
    if (this.#crashes(timeMs)) return { f: "crash", value: null };
    const { key, operation } = this.#planned;
    if (this.#random.chance(ASSIGN_PROBABILITY)) return this.#assignment(key); // the planned operation follows it
    this.#planned = this.#next();
    return operation;
  }

  /**
   * Returns true if a due crash is selected. As in Jepsen, it competes with the other operations, and the first is due at once.
   */
  #crashes(timeMs: number): boolean {
    if (timeMs < (this.#crashAtMs ?? timeMs) || this.#random.chance(0.5)) return false;
    this.#crashAtMs = timeMs + this.#random.uniform(0, 2 * CRASH_INTERVAL_MS / this.#concurrency);
    return true;
  }

  #assignment(key: string): Operation {
    if (this.#sent.size === 0 || !this.#random.chance(UNSEEN_PROBABILITY)) {
      return { f: "assign", value: [key] };
    }
    const unseen = Object.fromEntries(
      [...this.#sent].map(([each, sent]) => [each, { polled: this.#polled.get(each) ?? -1, sent }]),
    );
    return { f: "assign", value: [...new Set([...this.#sent.keys(), key])], extra: { unseen } };
  }
}

interface Planned {
  /** Returns the key that the operation sends to, or would have read. */
  readonly key: string;
  readonly operation: Operation;
}

/** Sends and polls: Elle's transactions of one micro-operation. Each read becomes a poll of the client's assigned keys. */
function plan(
  random: SeededRandom,
  options: { readonly keyCount: number; readonly maxWritesPerKey: number },
): () => Planned {
  const transaction = randomTransactions(random, { ...options, write: "send", maxLength: 1 });
  return () => {
    const [first = ["r", 0, null] as const] = transaction();
    const [f, id, message] = first;
    const key = String(id);
    return {
      key,
      operation: f === "r" ? POLL : { f: "send", value: [["send", key, message]] },
    };
  };
}

/**
 * Workload kafka: append-only logs, one per key. Clients send messages and poll their assigned keys from
 * the position of their last poll. Sometimes a client is assigned other keys, or crashes on request. The generator is in
 * `generator.ts`, the final polls in `final_polls.ts`.
 *
 * Tested by `tests/bench/workloads/kafka_test.ts`.
 */

import { finalReadsOf } from "../../../checkers/caveats.ts";
import { checkerOf } from "../../../checkers/check_history.ts";
import { commitOffsets, listCommittedOffsets, poll, send } from "../../../protocol/kafka.ts";
import { array, json, literal, show, string, tuple, type WholeNumber } from "../../../protocol/schema.ts";
import { sparseRecord } from "../../../protocol/sparse_record.ts";
import {
  call,
  type Client,
  type Operation,
  PROGRESS_TIMEOUT_MS,
  recordFailure,
  type RequestSequence,
} from "../operations.ts";
import { kafkaGenerator } from "./generator.ts";
import { highestPolled, larger, type Offsets, SEEK_TO_BEGINNING, successor } from "./offsets.ts";
import { type Workload } from "../workload.ts";

const IDEMPOTENT = new Set(["assign"]);

const sends = tuple(tuple(literal("send"), string, json));
const keyList = array(string);

/** The error that ends a client when it crashes on request. */
class ClientCrash extends Error {
  override readonly name = "ClientCrash";
}

// deno-lint-ignore require-yield -- a crash sends no request
function* crash(): RequestSequence<never> {
  throw new ClientCrash();
}

/** The workload kafka. */
export const kafkaWorkload: Workload = {
  name: "kafka",
  description: "append-only logs, one per key, from which clients poll without missing a message",
  messages: [send, poll, commitOffsets, listCommittedOffsets],
  operations: ["send", "poll", "assign", "crash"],
  generator: kafkaGenerator,
  client: () => new KafkaClient(),
  recordFailure: (error, operation) =>
    error instanceof ClientCrash ? { type: "info" } : recordFailure(error, operation, IDEMPOTENT),
  progress: { request: () => call(poll, { offsets: {} }, { timeoutMs: PROGRESS_TIMEOUT_MS }) },
  judge: checkerOf("kafka"),
  finalReads: finalReadsOf("kafka"),
};

/** A client that is both a producer and a consumer. */
class KafkaClient implements Client {
  /** The next offset to poll by key. The keys are the client's assigned keys. */
  #offsets = new Map<string, WholeNumber>();
  /** The same as a request contains it; undefined after a change. Most polls return nothing new, and the next one asks the same. */
  #request: Readonly<Record<string, WholeNumber>> | undefined;

  invoke(operation: Operation): RequestSequence<unknown> {
    switch (operation.f) {
      case "send":
        return this.#send(operation);
      case "poll":
        return this.#poll();
      case "assign":
        return this.#assign(operation);
      default:
        return crash();
    }
  }

  *#send({ value }: Operation): RequestSequence<unknown> {
    if (!sends.is(value)) throw new TypeError(`not a message to send: ${show(value)}`);
    const [[, key, msg]] = value;
    const { offset } = yield* call(send, { key, msg });
    return [["send", key, [offset, msg]]];
  }

  *#poll(): RequestSequence<unknown> {
    this.#request ??= sparseRecord(this.#offsets);
    const { msgs } = yield* call(poll, { offsets: this.#request });
    // As in Maelstrom, the client continues from here even if its commit fails: a node that refuses commits loses messages.
    const processed = this.#advance(highestPolled(msgs));
    if (processed.length > 0) yield* call(commitOffsets, { offsets: sparseRecord(processed) });
    return [["poll", msgs]];
  }

  /**
   * Unassigns all keys except these. A key that the client had continues; a new one starts at its committed offset, or at 0.
   * Maelstrom's client starts there too, although the message at that offset has been processed.
   */
  *#assign({ value: keys, extra }: Operation): RequestSequence<unknown> {
    if (!keyList.is(keys)) throw new TypeError(`not a list of keys: ${show(keys)}`);
    if (extra?.[SEEK_TO_BEGINNING] === true) {
      this.#assigned(new Map(keys.map((key) => [key, 0])));
      return keys;
    }
    const { offsets: committed } = yield* call(listCommittedOffsets, { keys });
    const had = this.#offsets;
    this.#assigned(new Map(keys.map((key) => [key, had.get(key) ?? committed[key] ?? 0])));
    return keys;
  }

  #assigned(offsets: Map<string, WholeNumber>): void {
    this.#offsets = offsets;
    this.#request = undefined;
  }

  /** Continues after these offsets, and returns those of keys with messages. */
  #advance(highest: Offsets): Offsets {
    for (const [key, offset] of highest) {
      const before = this.#offsets.get(key);
      const next = larger(before ?? 0, successor(offset));
      if (next === before) continue;
      this.#offsets.set(key, next);
      this.#request = undefined;
    }
    return highest.filter(([, offset]) => offset >= 0);
  }
}

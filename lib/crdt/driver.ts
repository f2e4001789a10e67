/** Connects counters to a node: the name under which it counts, its disk, and the service seq-kv. */

import { CODE, invariant, RpcError } from "../protocol/errors.ts";
import type { Json } from "../protocol/schema.ts";
import { isObject } from "../protocol/schema.ts";
import { kvClient } from "../runtime/clients.ts";
import type { Node } from "../runtime/node.ts";
import { choice } from "../runtime/settings.ts";
import { Counter } from "./counter.ts";
import { StoredCounter } from "./stored_counter.ts";

/** The settings of every node that counts. */
export const counterSettings = {
  store: choice("nodes", {
    options: ["nodes", "seq-kv"],
    description: "Where the counter is kept: among the nodes, or in the service seq-kv.",
  }),
} as const;

const STORED_ORIGIN = "origin";
const STORED_COUNTER = "counter";
const STORED_INCARNATION = "incarnation";
const STORED_OWN = "incarnation sum";

/** The number of attempts of a request to the service before an operation fails. */
const ATTEMPTS = 4;

/** A counter as the handlers of a node use it. Both methods throw `RpcError` if the operation is impossible. */
export interface NodeCounter {
  add(delta: number): void;
  /** Returns the reply to a read. */
  read(): Sum | Promise<Sum>;
}

interface Sum {
  readonly value: number;
}

/** Spreads a counter to the other nodes. Returns the handle to report changes to. */
type Disseminate = (
  state: { readonly replica: Counter; readonly incarnation: string },
) => { changed(): void };

/** The configuration of {@linkcode nodeCounter}. */
export interface NodeCounterOptions {
  /** The value of the setting `store`. */
  readonly store: string;
  /** The maximum age of a read from the service, in ms. */
  readonly maxLatencyMs: number;
  readonly disseminate: Disseminate;
}

/** Opens the counter of a node in the place that `store` selects. */
export function nodeCounter(
  node: Node,
  { store, maxLatencyMs, disseminate }: NodeCounterOptions,
): NodeCounter {
  return store === "seq-kv" ? new SeqKvCounter(node, maxLatencyMs) : new GossipCounter(node, disseminate);
}

function refuseSum(): never {
  throw new RpcError(CODE.abort, "the sum would leave ±(2^53 - 1), and would not be exact any more");
}

/**
 * A counter that the nodes keep among themselves. After a restart, a node with a disk counts on under its own name. A node
 * without a disk has lost its part, so it counts under a new name. Its previous part remains at the nodes that received it.
 */
class GossipCounter implements NodeCounter {
  readonly #counter: PersistedCounter;
  readonly #gossip: { changed(): void };

  constructor(node: Node, disseminate: Disseminate) {
    const { storage } = node;
    const incarnation = node.random.id().slice(0, 12);
    const origin = storage?.get(STORED_ORIGIN) ?? `${node.id}.${incarnation}`;
    storage?.put(STORED_ORIGIN, origin);
    const counter = new PersistedCounter(
      origin,
      (encoded) => storage?.put(STORED_COUNTER, JSON.stringify(encoded)),
    );
    const stored = storage?.get(STORED_COUNTER);
    if (stored !== undefined) { // plant: forgotten-total
      const encoded: unknown = JSON.parse(stored);
      invariant(isObject(encoded), "the stored counter is malformed");
      counter.restore(encoded);
    }
    this.#counter = counter;
    this.#gossip = disseminate({ replica: counter, incarnation });
    node.watch("total", () => counter.value);
    node.watch("totals", () => totalsOf(counter));
  }

  add(delta: number): void {
    if (!this.#counter.add(delta)) refuseSum();
    if (delta === 0) return;
    this.#counter.persist();
    this.#gossip.changed();
  }

  read(): Sum {
    return { value: this.#counter.value ?? refuseSum() };
  }
}

/** Returns the total of each origin. */
function totalsOf({ states }: Counter): Record<string, number> {
  return Object.fromEntries([...states].map(([origin, { plus, minus }]) => [origin, plus - minus]));
}

/** A counter that is stored whenever a part of another node has changed. */
class PersistedCounter extends Counter {
  readonly #store: (encoded: Json) => void;

  constructor(origin: string, store: (encoded: Json) => void) {
    super(origin);
    this.#store = store;
  }

  persist(): void {
    this.#store(this.encode());
  }

  override merge(origin: string, payload: unknown): number {
    const before = this.vector.get(origin);
    const upTo = super.merge(origin, payload);
    if (this.vector.get(origin) !== before) this.persist();
    return upTo;
  }
}

/**
 * A counter in the service seq-kv: see `stored_counter.ts`. Additions are written within half of `freshMs`, any
 * number of them in one write. A read is answered from values that were read within the other half. Otherwise the node writes its
 * own key, and then reads all others; reads that arrive meanwhile wait for the same values. The write guarantees that the
 * values are current: a sequentially consistent store never shows a client a state older than the client's own last write.
 * A node with a disk continues with the additions that it had not written yet.
 */
class SeqKvCounter implements NodeCounter {
  readonly #node: Node;
  readonly #kv: ReturnType<typeof kvClient>;
  readonly #counter: StoredCounter;
  readonly #halfMs: number;
  #currentAt = -Infinity;
  #writing: Promise<void> | undefined;
  #reading: Promise<void> | undefined;
  #flushScheduled = false;

  constructor(node: Node, freshMs: number) {
    this.#node = node;
    this.#kv = kvClient(node, { service: "seq-kv" });
    const { storage } = node;
    const incarnation = storage?.get(STORED_INCARNATION) ?? node.random.id().slice(0, 12);
    storage?.put(STORED_INCARNATION, incarnation);
    const own = storage?.get(STORED_OWN);
    this.#counter = new StoredCounter(incarnation, own === undefined ? undefined : Number(own));
    this.#halfMs = freshMs / 2;
    node.watch("own total", () => this.#counter.own);
    node.watch("known total", () => this.#counter.value);
    node.watch("other totals", () => Object.fromEntries(this.#counter.others));
    node.watch("unwritten", () => this.#counter.hasUnstoredAdditions);
    this.#scheduleFlush(); // additions of a previous process that were not written
  }

  add(delta: number): void {
    if (!this.#counter.add(delta)) refuseSum();
    this.#node.storage?.put(STORED_OWN, String(this.#counter.own)); // the client is answered before the service is written
    this.#scheduleFlush();
  }

  read(): Sum | Promise<Sum> {
    if (this.#node.now() - this.#currentAt <= this.#halfMs) return this.#sum();
    return this.#refresh().then(() => this.#sum());
  }

  #sum(): Sum {
    return { value: this.#counter.value ?? refuseSum() };
  }

  /** Writes this node's key. A write under way may have started before the latest addition, so callers may have to repeat. */
  #write(): Promise<void> {
    this.#writing ??= attempt(() => this.#tryWrite()).finally(() => this.#writing = undefined);
    return this.#writing;
  }

  async #tryWrite(): Promise<void> {
    const counter = this.#counter;
    const key = this.#node.id;
    if (counter.stored === undefined) counter.recordStored(await this.#kv.read(key));
    const from: Json = counter.stored === undefined ? null : [...counter.stored];
    const to = counter.next();
    if (await this.#kv.cas(key, { from, to, create: true })) {
      counter.recordStored(to);
      return;
    }
    // A write that seemed lost, or a write of a previous incarnation, has arrived. The next attempt starts from its value.
    counter.recordStored(await this.#kv.read(key));
    throw new RpcError(CODE.temporarilyUnavailable, "the key was changed by another write");
  }

  #refresh(): Promise<void> {
    this.#reading ??= this.#readAll().finally(() => this.#reading = undefined);
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    await this.#writing?.catch(() => {}); // a write that started earlier does not prove that later reads are current
    const startedAt = this.#node.now();
    await this.#write();
    await Promise.all(this.#node.peers.map((peer) =>
      attempt(async () => {
        this.#counter.recordOther(peer, await this.#kv.read(peer));
      })
    ));
    this.#currentAt = startedAt;
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || !this.#counter.hasUnstoredAdditions) return;
    this.#flushScheduled = true;
    this.#node.after(this.#halfMs, async () => {
      this.#flushScheduled = false;
      if (this.#counter.hasUnstoredAdditions) {
        await this.#write().catch((error) => this.#node.log(`could not write: ${error}`));
      }
      this.#scheduleFlush();
    });
  }
}

/** Repeats an action until it succeeds, up to {@linkcode ATTEMPTS} times. Then it fails with code 11. */
async function attempt(work: () => Promise<void>): Promise<void> {
  for (let left = ATTEMPTS; left > 0; left--) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
    }
  }
  throw new RpcError(CODE.temporarilyUnavailable, "seq-kv does not respond");
}

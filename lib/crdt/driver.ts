/** Ties counters to a node: who adds under which name, what is kept on disk, and what in a store. */

import { CODE, invariant, RpcError } from "../protocol/errors.ts";
import type { Json } from "../protocol/schema.ts";
import { isObject } from "../protocol/schema.ts";
import { kvClient } from "../runtime/clients.ts";
import type { Node } from "../runtime/node.ts";
import { choice } from "../runtime/settings.ts";
import { Counter } from "./counter.ts";
import { StoredCounter } from "./stored_counter.ts";

/** Where a counter's state lives. */
export const counterSettings = {
  store: choice("nodes", {
    of: ["nodes", "seq-kv"],
    about: "Who keeps the counter: the nodes among themselves, or the service seq-kv.",
  }),
} as const;

const STORED_ORIGIN = "origin";
const STORED_COUNTER = "counter";
const STORED_LIFE = "life";
const STORED_OWN = "own";

/** A counter as a node's handlers see it. Both throw `RpcError` when they cannot be done. */
export interface NodeCounter {
  add(delta: number): void;
  /** What a read is answered with. */
  read(): Sum | Promise<Sum>;
}

interface Sum {
  readonly value: number;
}

/** Spreads a state, and whatever changes in it from then on. */
type Disseminate = (
  state: { readonly replica: Counter; readonly incarnation: string },
) => { changed(): void };

/** A counter that is kept where `store` says; among the nodes themselves, `disseminate` spreads it. */
export function nodeCounter(
  node: Node,
  { store, maxLatencyMs, disseminate }: {
    readonly store: string;
    readonly maxLatencyMs: number;
    readonly disseminate: Disseminate;
  },
): NodeCounter {
  return store === "seq-kv"
    ? serviceCounter(node, { freshMs: maxLatencyMs })
    : mergingCounter(node, disseminate);
}

function refuseSum(): never {
  throw new RpcError(CODE.abort, "the sum would leave ±(2^53 - 1), and would not be exact any more");
}

/**
 * A counter that the nodes keep among themselves; `disseminate` spreads it. A node with a store goes on under its own name
 * after a restart. One without has forgotten what it added, so it counts under a new name, and what it added before lives
 * on under the old one, where it had arrived.
 */
function mergingCounter(node: Node, disseminate: Disseminate): NodeCounter {
  const { storage } = node;
  const incarnation = node.random.id().slice(0, 12);
  const origin = storage?.get(STORED_ORIGIN) ?? `${node.id}.${incarnation}`;
  storage?.put(STORED_ORIGIN, origin);
  const keep = () => storage?.put(STORED_COUNTER, JSON.stringify(counter.encode()));
  const counter = new KeptCounter(origin, keep);
  const stored = storage?.get(STORED_COUNTER);
  if (stored !== undefined) {
    const encoded: unknown = JSON.parse(stored);
    invariant(isObject(encoded), "the stored counter has another form");
    counter.restore(encoded);
  }
  const gossip = disseminate({ replica: counter, incarnation });
  return {
    add(delta) {
      if (!counter.add(delta)) refuseSum();
      if (delta === 0) return;
      keep();
      gossip.changed();
    },
    read: () => ({ value: counter.value ?? refuseSum() }),
  };
}

/** A counter that is put into the store whenever another node's part was learned. */
class KeptCounter extends Counter {
  readonly #keep: () => void;

  constructor(origin: string, keep: () => void) {
    super(origin);
    this.#keep = keep;
  }

  override merge(origin: string, payload: unknown): number {
    const before = this.vector.get(origin);
    const upTo = super.merge(origin, payload);
    if (this.vector.get(origin) !== before) this.#keep();
    return upTo;
  }
}

/** How often a request to the service is tried before an operation is given up. */
const ATTEMPTS = 4;

/**
 * A counter in the service seq-kv: see `stored_counter.ts`. What was added is written within half of `freshMs`, whatever
 * the number of additions; a read is answered from what was read within the other half, else the node writes its own key
 * and then reads all others. The write makes that current: the store may show old states, but to nobody one that is older than
 * his own last write. With a store, a node goes on with what it had added and not yet written.
 */
function serviceCounter(node: Node, options: { readonly freshMs: number }): NodeCounter {
  const kv = kvClient(node, { service: "seq-kv" });
  const { storage } = node;
  const life = storage?.get(STORED_LIFE) ?? node.random.id().slice(0, 12);
  storage?.put(STORED_LIFE, life);
  const own = storage?.get(STORED_OWN);
  const counter = new StoredCounter(life, own === undefined ? undefined : Number(own));
  const halfMs = options.freshMs / 2;
  let currentAt = -Infinity;
  let writing: Promise<void> | undefined;
  let reading: Promise<void> | undefined;
  let flushSet = false;

  /** Writes this node's key, once; whoever wants it written from now on has to ask again. */
  const write = (): Promise<void> => {
    writing ??= attempt(async () => {
      if (counter.stored === undefined) counter.noteStored(await kv.read(node.id));
      const from: Json = counter.stored === undefined ? null : [...counter.stored];
      const to = counter.next();
      if (await kv.cas(node.id, { from, to, create: true })) counter.noteStored(to);
      else {
        // A write that was thought to be lost has arrived after all, or a former life's: what there is now counts.
        counter.noteStored(await kv.read(node.id));
        throw new RpcError(CODE.temporarilyUnavailable, "the key has changed under way");
      }
    }).finally(() => writing = undefined);
    return writing;
  };

  const refresh = (): Promise<void> => {
    reading ??= (async () => {
      await writing?.catch(() => {}); // one that began before is no proof of what there is now
      const begun = node.now();
      await write();
      await Promise.all(node.peers.map((peer) =>
        attempt(async () => {
          counter.noteOther(peer, await kv.read(peer));
        })
      ));
      currentAt = begun;
    })().finally(() => reading = undefined);
    return reading;
  };

  const flushLater = (): void => {
    if (flushSet || !counter.dirty) return;
    flushSet = true;
    node.after(halfMs, async () => {
      flushSet = false;
      if (counter.dirty) await write().catch((error) => node.log(`could not write: ${error}`));
      flushLater();
    });
  };

  flushLater(); // what a former start had added and not written
  const sum = () => ({ value: counter.value ?? refuseSum() });
  return {
    add(delta) {
      if (!counter.add(delta)) refuseSum();
      storage?.put(STORED_OWN, String(counter.own)); // the service has it later than the client has its answer
      flushLater();
    },
    read() {
      if (node.now() - currentAt <= halfMs) return sum();
      return refresh().then(sum);
    },
  };
}

/** Does something until it succeeds, {@linkcode ATTEMPTS} times at most; then fails with code 11. */
async function attempt(work: () => Promise<void>): Promise<void> {
  for (let left = ATTEMPTS; left > 0; left--) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
    }
  }
  throw new RpcError(CODE.temporarilyUnavailable, "seq-kv does not answer");
}

/**
 * Connects causally ordered logs to a node: its disk, its messages, its settings, and its bootstrap.
 *
 * Tested by `tests/scenarios/log_sweep_test.ts`.
 */

import { CODE, RpcError } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/schema.ts";
import type { Node } from "../../runtime/node.ts";
import { choice, number } from "../../runtime/setting.ts";
import { STARTUP_QUIET_MS } from "../../runtime/startup.ts";
import { Bootstrap } from "../bootstrap.ts";
import { CompositeReplica, type Replica } from "../composite_replica.ts";
import { newIncarnation, type NodeLogs, openLogs } from "../driver.ts";
import { estimateJsonBytes } from "../json_size.ts";
import type { Deliver } from "../origin_logs.ts";
import { SizeLimitedLogs } from "../size_limited_logs.ts";
import { CausalOrder, type CausalOrderOptions } from "./causal_order.ts";

/**
 * The default latency limit, in ms. It gives seven batches per second: less than 0.02 messages per operation between two
 * nodes at 1000 operations per second.
 */
const LATENCY_MS_MAX_DEFAULT = 200;
/**
 * The maximum size of an entry, in bytes. Larger entries are refused with code 12. Even with every character escaped, an
 * entry must fit into a line, or neither it nor any entry after it would ever reach another node.
 */
const ENTRY_BYTES_MAX = 8 * 1024 * 1024;

/** The settings of every node that keeps such logs. */
export const causalLogSettings = {
  dissemination: choice("hub", {
    options: ["hub", "direct"],
    description: "How updates spread: in rounds through a hub (fewest messages), or directly to every node.",
  }),
  maxLatencyMs: number(LATENCY_MS_MAX_DEFAULT, {
    min: 10,
    max: 600_000,
    description: "Time in which an update reaches every node, in ms. A higher limit needs fewer messages.",
  }),
} as const;

/** A replica that is spread together with the logs. */
export interface ExtraReplica {
  readonly replica: Replica;
  /** Returns true if an origin belongs to it, and not to the logs. */
  readonly has: (origin: string) => boolean;
}

/** The configuration of {@linkcode CausalLog}. */
export interface CausalLogOptions extends CausalOrderOptions {
  /** The name of this start of the node, from `newIncarnation`. Default: a new one. */
  readonly incarnation?: string;
  /** Keeps a replica the same on all nodes. Returns the handle to report changes to. */
  readonly disseminate: (replica: Replica, incarnation: string) => { changed(): void };
  /** State that is spread together with the logs. */
  readonly extraReplica?: ExtraReplica;
}

/** Returns the node that an origin belongs to. An origin is named `node.incarnation`. */
export function nodeOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf("."));
}

/** Throws an `RpcError` with code 12 if an entry is larger than {@linkcode ENTRY_BYTES_MAX}. */
export function assertEntrySize(entry: readonly Json[]): void {
  if (estimateJsonBytes(entry) <= ENTRY_BYTES_MAX) return;
  throw new RpcError(CODE.malformedRequest, `larger than ${ENTRY_BYTES_MAX} bytes`);
}

/** The log of one node among the logs of all nodes, delivered in causal order. */
export class CausalLog {
  /** The origin that this node writes. */
  readonly origin: string;
  readonly #node: Node;
  readonly #own: NodeLogs;
  readonly #order: CausalOrder;
  readonly #bootstrap: Bootstrap;
  readonly #gossip: { changed(): void };
  #announced = false;

  /** Opens the log. With a disk, all stored entries are delivered before the constructor returns. */
  constructor(node: Node, options: CausalLogOptions) {
    const restored: Parameters<Deliver>[] = [];
    let order: CausalOrder | undefined;
    this.#node = node;
    this.#own = openLogs(
      node,
      (entry, from) => order === undefined ? void restored.push([entry, from]) : order.receive(entry, from),
      options.incarnation ?? newIncarnation(node),
    );
    const { logs, incarnation } = this.#own;
    this.origin = logs.origin;
    this.#order = order = new CausalOrder(logs.origin, options);
    for (const [entry, from] of restored) order.receive(entry, from);

    const replica = withExtra(new SizeLimitedLogs(logs), options.extraReplica);
    const isNew = this.origin.endsWith(`.${incarnation}`);
    this.#bootstrap = new Bootstrap(node, { replica, isNew, quietMs: STARTUP_QUIET_MS });
    this.#gossip = options.disseminate(withOnMerged(replica, () => this.#onMerged()), incarnation);
  }

  /**
   * Appends an entry to this node's own log, after everything that was delivered to it, and delivers it here. Returns its
   * index. It is durable before a message of this turn leaves.
   *
   * @throws {RpcError} With code 12 if the entry is too large: see {@linkcode assertEntrySize}.
   */
  append(entry: readonly Json[]): number {
    assertEntrySize(entry);
    this.changed();
    return this.#write(entry);
  }

  /** Reports that this node changed its log or the extra replica. One report is enough for all changes of a turn. */
  changed(): void {
    if (this.#announced || this.#node.peers.length === 0) return;
    this.#announced = true;
    this.#node.after(0, () => {
      this.#announced = false;
      this.#gossip.changed();
    });
  }

  /** Call before each write: see {@linkcode Bootstrap.ready}. */
  ready(): Promise<void> | undefined {
    return this.#bootstrap.ready();
  }

  #write(entry: Json): number {
    const index = this.#own.append(entry);
    this.#order.receive(entry, { origin: this.origin, index });
    return index;
  }

  /** Appends an acknowledgement if one is due. Returns true if it did. */
  #onMerged(): boolean {
    this.#bootstrap.progress();
    const entry = this.#order.ackDue ? this.#order.ackEntry() : undefined;
    if (entry !== undefined) this.#write(entry);
    return entry !== undefined;
  }
}

function withExtra(logs: Replica, extra: ExtraReplica | undefined): Replica {
  if (extra === undefined) return logs;
  return new CompositeReplica([logs, extra.replica], (name) => extra.has(name) ? extra.replica : logs);
}

/** Returns the same replica with a callback for merged messages. */
function withOnMerged(replica: Replica, onMerged: () => boolean): Replica {
  return {
    get vector() {
      return replica.vector;
    },
    isOwn: (origin) => replica.isOwn(origin),
    delta: (origin, after, sizeMax) => replica.delta(origin, after, sizeMax),
    merge: (origin, payload) => replica.merge(origin, payload),
    onMerged,
  };
}

/** Ties logs in causal order to a node: its disk, its messages, its settings, and how it begins. */

import { CODE, RpcError } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/schema.ts";
import type { Node } from "../../runtime/node.ts";
import { choice, number } from "../../runtime/setting.ts";
import { openLogs } from "../driver.ts";
import { catchUp } from "../catch_up/driver.ts";
import { JoinedReplica, type Replica } from "../joined_replica.ts";
import type { Deliver } from "../origin_logs.ts";
import { WeighedLogs } from "../weighed_logs.ts";
import { weigh } from "../weight.ts";
import { CausalOrder, type CausalOrderOptions } from "./causal_order.ts";

/** Seven batches a second: less than 0.02 messages per operation between two nodes at 1000 operations a second. */
const LATENCY_MS_MAX_DEFAULT = 200;
/**
 * The most that an entry may weigh. Larger ones are refused with code 12: with every character escaped it still has to fit
 * into a line, or it would never reach another node, and nothing behind it either.
 */
export const ENTRY_BYTES_MAX = 8 * 1024 * 1024;

/** The settings of every node that keeps such logs. */
export const causalLogSettings = {
  dissemination: choice("hub", {
    of: ["hub", "direct"],
    about: "How news travel: in rounds through a hub (fewest messages), or straight to everyone and at once.",
  }),
  maxLatencyMs: number(LATENCY_MS_MAX_DEFAULT, {
    min: 10,
    max: 600_000,
    about: "How old news may be, in ms, when the last node learns of them. The more, the fewer messages.",
  }),
} as const;

/** How a node's log is opened. */
export interface CausalLogOptions extends CausalOrderOptions {
  /** Keeps a replica the same on all nodes; `life` names this start of this node. Returns what to call at its changes. */
  readonly disseminate: (replica: Replica, incarnation: string) => { changed(): void };
  /** State that travels along with the logs: given this start's name, a replica, and which origins are its own. */
  readonly beside?: (
    incarnation: string,
  ) => { readonly replica: Replica; readonly has: (origin: string) => boolean };
}

/** A node's log among all nodes' logs. */
export interface CausalLog {
  /** The origin that this node writes. */
  readonly origin: string;
  /**
   * Adds an entry to this node's own log, after all that was delivered to it, and delivers it here; its index. It is
   * durable before anything that this turn sends leaves. Throws as {@linkcode requireFitting}.
   */
  append(entry: readonly Json[]): number;
  /** What travels beside the logs was changed by this node. */
  changed(): void;
  /**
   * To be asked before each write: until when this node must not write, because it has no memory, and may have been here
   * before. Undefined once it knows what the others know, or cannot be told. Throws an `RpcError` with code 11 if there is
   * so much of it that nobody should wait.
   */
  catchUp(): Promise<void> | undefined;
}

/** The node that an origin belongs to: its name is the node's, a dot, and its life's. */
export function nodeOf(origin: string): string {
  return origin.slice(0, origin.lastIndexOf("."));
}

/** Throws an `RpcError` with code 12 if an entry is larger than {@linkcode ENTRY_BYTES_MAX}. */
export function requireFitting(entry: readonly Json[]): void {
  if (weigh(entry) <= ENTRY_BYTES_MAX) return;
  throw new RpcError(CODE.malformedRequest, `larger than ${ENTRY_BYTES_MAX} bytes`);
}

/** Opens a node's log; with a store, all that was kept there is delivered before this returns. */
export function openCausalLog(node: Node, options: CausalLogOptions): CausalLog {
  let receive: Deliver = (entry, from) => void restored.push([entry, from]);
  const restored: Parameters<Deliver>[] = [];
  const { logs, incarnation, append } = openLogs(node, (entry, from) => receive(entry, from));
  const { origin } = logs;
  const order = new CausalOrder(origin, options);
  receive = (entry, from) => order.receive(entry, from);
  for (const [entry, from] of restored) receive(entry, from);

  const weighed = new WeighedLogs(logs);
  const beside = options.beside?.(incarnation);
  const replica = beside === undefined ? weighed : new JoinedReplica(
    [weighed, beside.replica],
    (name) => beside.has(name) ? beside.replica : weighed,
  );
  const write = (entry: Json): number => {
    const index = append(entry);
    order.receive(entry, { origin, index });
    return index;
  };
  /** Writes a receipt if one is due. */
  const acknowledge = (): boolean => {
    const receipt = order.receiptDue ? order.receipt() : undefined;
    if (receipt !== undefined) write(receipt);
    return receipt !== undefined;
  };

  let announced = false;
  const announce = () => { // once for all that a turn brings
    if (announced || node.peers.length === 0) return;
    announced = true;
    node.after(0, () => {
      announced = false;
      gossip.changed();
    });
  };
  const start = catchUp(node, { replica, isNew: origin.endsWith(`.${incarnation}`) });
  const merged = () => {
    start.progress();
    return acknowledge();
  };
  const gossip = options.disseminate(withMerged(replica, merged), incarnation);
  return {
    origin,
    append: (entry) => {
      requireFitting(entry);
      announce();
      return write(entry);
    },
    changed: announce,
    catchUp: () => start.catchUp(),
  };
}

/** The same replica, told when a message was merged. */
function withMerged(replica: Replica, merged: () => boolean): Replica {
  return {
    get vector() {
      return replica.vector;
    },
    isOwn: (origin) => replica.isOwn(origin),
    delta: (origin, after, sizeMax) => replica.delta(origin, after, sizeMax),
    merge: (origin, payload) => replica.merge(origin, payload),
    onMerged: merged,
  };
}

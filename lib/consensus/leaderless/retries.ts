/** Repeated requests, and recoveries of instances that do not progress. Tested by `tests/consensus/leaderless/retries_test.ts`. */

import type { NodeId } from "../types.ts";
import type { ExecutedExchange } from "./executed_exchange.ts";
import { coordinatorOf } from "./instance_ids.ts";
import type { Floor, InstanceId, LeaderlessConfig } from "./types.ts";

/** The interval in ms between checks of what must be sent again. */
export const SCAN_MS = 20;
/** The number of missing instances that are fetched from a node at a time. */
const FETCHED_MAX = 200;

/** An instance that may need a further message. Times are in ms. */
export interface Retried {
  readonly id: InstanceId;
  readonly phase: string;
  /** The time at which its request was sent last. */
  sentAt: number;
  /** The time at which it was last known to progress. */
  readonly progressAt: number;
}

/** The state that decides on a fetch. */
export interface Fetcher {
  readonly exchange: ExecutedExchange;
  readonly now: number;
  readonly retryMs: number;
  send(to: NodeId, part: { readonly type: "fetch"; readonly id: InstanceId }): void;
}

/** Asks a node for instances that it has executed and this node does not know. */
export function fetchMissing(
  fetcher: Fetcher,
  { from, executed, instanceOf }: {
    readonly from: NodeId;
    /** The instances that the node has executed. */
    readonly executed: Floor;
    readonly instanceOf: (id: InstanceId) => Retried;
  },
): void {
  const { exchange, now, retryMs } = fetcher;
  for (const id of exchange.missingFrom(executed, FETCHED_MAX)) {
    const instance = instanceOf(id);
    if (instance.phase === "committed") continue;
    if (now - Math.max(instance.sentAt, instance.progressAt) < retryMs) continue;
    instance.sentAt = now;
    fetcher.send(from, { type: "fetch", id });
  }
}

/**
 * Returns the time in ms without progress after which a node recovers an instance. The nodes after its coordinator have their turns one
 * after the other, because recoveries at the same time obstruct each other. `random` is from 0 to 1.
 */
export function recoveryWaitMs(
  { recoveryMs, nodes, id }: LeaderlessConfig,
  { instance, random }: { readonly instance: InstanceId; readonly random: number },
): number {
  const rank = (nodes.indexOf(id) - nodes.indexOf(coordinatorOf(instance)) + nodes.length) % nodes.length;
  return recoveryMs * (1 + rank / nodes.length + random / nodes.length);
}

/** Types that the engines without a leader share. Tested by `tests/consensus/leaderless/instance_ids_test.ts`. */

import type { Json } from "../../protocol/schema.ts";
import type { NodeId } from "../types.ts";

/** The name of an instance: its initial coordinator and a number that the coordinator counts from 1, as `n0.17`. */
export type InstanceId = string;

/** The commands of an instance, which were submitted together; null for no operation. */
export type Commands = readonly Json[] | null;

/** For each coordinator, the number up to which its instances are meant. */
export type Floor = Readonly<Record<NodeId, number>>;

/** A key that a command uses. */
export interface KeyUse {
  readonly key: string;
  readonly writes: boolean;
}

/** The settings of a replica of an engine without a leader. Times are in ms. */
export interface LeaderlessConfig {
  readonly id: NodeId;
  readonly nodes: readonly NodeId[];
  readonly incarnation: string;
  /** True if requests go to a bare quorum of the nearest nodes first, and to all after `retryMs`. */
  readonly thrifty: boolean;
  /** Time without a reply after which a message is sent again. */
  readonly retryMs: number;
  /** Time after which a node recovers an instance that is not committed. */
  readonly recoveryMs: number;
  readonly requestTimeoutMs: number;
  readonly pendingMax: number;
  readonly batchIntervalMs: number;
  /** Stored records after which a snapshot replaces them. */
  readonly snapshotRecords: number;
}

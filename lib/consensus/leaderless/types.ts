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

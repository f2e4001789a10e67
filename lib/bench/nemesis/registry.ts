/**
 * The registry of faults. A new fault is a file in `faults/` and a line here, besides its import.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { bridgePartition } from "./faults/bridge_partition.ts";
import { clock } from "./faults/clock.ts";
import { clockBack } from "./faults/clock_back.ts";
import { clockUnbounded } from "./faults/clock_unbounded.ts";
import { diskDamage } from "./faults/disk_damage.ts";
import { diskError } from "./faults/disk_error.ts";
import { diskSlow } from "./faults/disk_slow.ts";
import { duplicate } from "./faults/duplicate.ts";
import { kill } from "./faults/kill.ts";
import { leaderPartition } from "./faults/leader_partition.ts";
import { loss } from "./faults/loss.ts";
import { membership } from "./faults/membership.ts";
import { oneWay } from "./faults/one_way.ts";
import { partition } from "./faults/partition.ts";
import { pause } from "./faults/pause.ts";
import { reorder } from "./faults/reorder.ts";
import { slow } from "./faults/slow.ts";

/** All kinds of faults, in the order of the help. */
export const FAULTS = [
  partition,
  oneWay,
  kill,
  pause,
  slow,
  loss,
  duplicate,
  reorder,
  clock,
  leaderPartition,
  diskSlow,
  diskError,
  clockUnbounded,
  bridgePartition,
  clockBack,
  diskDamage,
  membership,
] as const;

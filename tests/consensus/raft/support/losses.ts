/** The losses of state from which a cluster recovers: less than a majority of the voters at any time. */

import type { NodeId } from "../../../../lib/consensus/types.ts";
import type { World } from "./world.ts";

/** Returns true if a node may lose its state, by each configuration that a node has. */
export function mayLose(world: World, id: NodeId): boolean {
  const memberships = world.nodeIds.flatMap((each) => world.replica(each)?.engine.status.membership ?? []);
  return memberships.every(({ voters }) => isRecoverable(world, voters, id));
}

/** Returns true if less than a majority of some voters is without its state, once another one loses it. */
export function isRecoverable(world: World, voters: readonly NodeId[], loses?: NodeId): boolean {
  const lost = voters.filter((each) =>
    each === loses || world.node(each).killAt !== undefined ||
    world.replica(each)?.engine.status.eligible !== true
  );
  return lost.length <= Math.floor((voters.length - 1) / 2);
}

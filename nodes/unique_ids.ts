/**
 * Challenge 2: globally unique ids, without coordination, available under any partition and after any restart.
 *
 * Guarantee: no id is ever given twice, and every request is answered.
 *
 * Idea: an id is `<node id>-<incarnation>-<count>`. Node ids differ, and the count differs within one incarnation. So only two
 * incarnations of one node could give the same id, and each incarnation draws 128 random bits at its start. It needs no disk
 * and no clock. After n restarts of a node, the probability of a collision is below n² / 2^129. For a million restarts, that
 * is below 1.5·10^-27.
 *
 * Cost: no messages between nodes. Source: https://fly.io/dist-sys/2/; random incarnations are the usual answer to restarts
 * without stable storage (as in RFC 9562, UUID version 4).
 */

import { type Node, serve } from "../lib/mod.ts";
import { generate } from "../lib/protocol/unique_ids.ts";

/** Gives out ids that no node gives twice. */
export function uniqueIds(node: Node): void {
  // A node that was started again must not count from the same beginning.
  const incarnation = node.random.id(); // plant: reused-name
  let count = 0;
  node.watch("incarnation", () => incarnation.slice(0, 8));
  node.watch("count", () => count);
  node.on(generate, () => ({ id: `${node.id}-${incarnation}-${count++}` }));
}

if (import.meta.main) await serve(uniqueIds, { description: "Gives out ids that no node gives twice." });

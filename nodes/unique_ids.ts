/**
 * Challenge 2: globally unique ids, with no coordination, available under any partition and after any restart.
 *
 * An id is `<node id>-<incarnation>-<count>`. Node ids differ between nodes and the count differs within one life of a
 * node, so only two lives of the same node could ever give the same id, and each life draws 128 random bits, its
 * incarnation: no disk, no clock, no message. For n restarts of one node the chance that any two draw the same bits is
 * below n² / 2^129; a node started again a million times stays below 1.5·10^-27.
 *
 * Guarantee: unique for ever, total availability. Messages between nodes: none. Source: https://fly.io/dist-sys/2/; the
 * incarnation is the usual answer to restarts without stable storage (as in RFC 9562, UUID version 4).
 */

import { type Node, serve } from "../lib/mod.ts";
import { generate } from "../lib/protocol/unique_ids.ts";

/** Gives out ids that no node gives twice. */
export function uniqueIds(node: Node): void {
  const incarnation = node.random.id(); // a node that was started again must not count from the same beginning
  let count = 0;
  node.on(generate, () => ({ id: `${node.id}-${incarnation}-${count++}` }));
}

if (import.meta.main) await serve(uniqueIds, { about: "Gives out ids that no node gives twice." });

/**
 * The part that partitions share: they cut links, and report who does not hear whom.
 *
 * Tested by `tests/bench/nemesis/fault_effects_test.ts`.
 */

import { isObject } from "../../../protocol/schema.ts";
import type { BlockedLinks } from "../../../sim/network.ts";
import type { Fault, FaultSource } from "../fault.ts";
import type { FaultTarget } from "../fault_target.ts";

/** Returns a fault that cuts links, and heals them when it ends. */
export function cutFault(
  target: FaultTarget,
  { kind, asked, cuts, listed }: {
    readonly kind: string;
    readonly asked: string;
    readonly cuts: BlockedLinks;
    /** The nodes in the event's value: all of them, or those with a cut link. */
    readonly listed: "all" | "cut";
  },
): Fault {
  const rows = target.nodes.map((node) => [node, [...cuts.get(node) ?? []].sort()] as const);
  const done = [
    "isolated",
    Object.fromEntries(rows.filter(([, from]) => listed === "all" || from.length > 0)),
  ];
  return {
    start: () => {
      target.cut(kind, cuts);
      return { asked, done };
    },
    stop: () => {
      target.repair(kind);
      return { asked: null, done: "network-healed" };
    },
  };
}

/** Returns a test for the messages that the cuts of a kind of fault drop. */
export function droppedByCut(target: FaultTarget, kind: string): NonNullable<FaultSource["affectsDropped"]> {
  return ({ src, dest }, why) => why === "cut" && target.isCut(kind, src, dest);
}

/** Describes the value of a partition's event. Nodes that are cut off from the same peers are grouped. */
export function cutText(value: unknown): string | undefined {
  if (!Array.isArray(value) || value[0] !== "isolated" || !isObject(value[1])) return undefined;
  const groups = new Map<string, string[]>();
  for (const [node, from] of Object.entries(value[1])) {
    const others = Array.isArray(from) ? from.map(String).join(" ") : "";
    groups.set(others, [...groups.get(others) ?? [], node]);
  }
  return [...groups].map(([others, nodes]) =>
    `${nodes.join(" ")} hear${others === "" ? " all" : ` nothing from ${others}`}`
  ).join("; ");
}

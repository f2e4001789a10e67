/** The names of steps, and of what they create. Tested by `tests/bench/explore/world_test.ts`. */

import { murmur3 } from "../../sim/random.ts";

/** The time of one step in the history, in ms: steps have an order, but no duration. */
export const STEP_MS = 1;

/**
 * Returns the name of the message or timer that a step created as its `index`-th one. It is the same in every execution in which the
 * same steps led to it, on every core: 64 bits of a hash after the place.
 */
export function stepName(
  place: string,
  { creator, index }: { readonly creator: string | undefined; readonly index: number },
): string {
  if (creator === undefined) return `${place}:0.${index}`;
  return `${place}:${murmur3(creator, 1).toString(36)}${murmur3(creator, 2).toString(36)}.${index}`;
}

/** Returns the node whose timer fires in a step; undefined for other steps. */
export function firedAt(step: string): string | undefined {
  const [kind, name = ""] = step.split(/ (.*)/);
  return kind === "fire" ? name.split(":")[0] : undefined;
}

/** Returns a name that differs for each step of the same kind and place. */
export function numbered(place: string | number, earlier: number): string {
  return earlier === 0 ? String(place) : `${place}/${earlier + 1}`;
}

/** Returns the thread of the name of an operation's step. */
export function threadOf(name: string): number {
  return Number(name.split("/")[0]);
}

/**
 * Returns true if a step was excluded by the step with this name, and not by the end of its budget alone. A message that was not lost
 * because another one was, is lost where the other one arrives.
 */
export function isExcluded(id: string, name: string): boolean {
  const [kind, own] = id.split(/ (.*)/);
  return (kind !== "drop" && kind !== "twice") || own === name;
}

/**
 * Returns the cut that a step heals; undefined for other steps. It made the step possible, and not the first loss of a message, because
 * another message can be lost first.
 */
export function healedBy(id: string): string | undefined {
  return id.startsWith("heal ") ? id.replace("heal", "cut") : undefined;
}

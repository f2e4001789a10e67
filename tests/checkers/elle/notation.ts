/**
 * A short way to write histories: `"ax1 ry12 rz_"` appends 1 to x, reads y as [1, 2] and z as null; `"wx1 ry2"` writes 1 to
 * register x and reads 2 from y. Keys are letters, elements digits.
 */

import type { Event, EventType } from "../../../lib/checkers/history.ts";

type MicroOp = [f: string, key: string, value: unknown];

function microOps(text: string, lists: boolean): MicroOp[] {
  return text.split(" ").filter((word) => word !== "").map((word) => {
    const [f = "", key = "", ...rest] = [...word];
    const digits = rest.join("");
    if (f === "a") return ["append", key, Number(digits)];
    if (f === "w") return ["w", key, Number(digits)];
    if (digits === "_") return ["r", key, null];
    return ["r", key, lists ? rest.map(Number) : Number(digits)];
  });
}

/** Numbers the events; each is a millisecond after the one before. */
export function numbered(events: readonly Omit<Event, "index" | "time">[]): Event[] {
  return events.map((event, index) => ({ ...event, index, time: index * 1e6 } as Event));
}

/** A transaction: process, how it ended, what it did. */
export type Line = readonly [process: number, type: Exclude<EventType, "invoke">, text: string];

function event(process: number, type: EventType, value: unknown): Omit<Event, "index" | "time"> {
  return { process, type, f: "txn", value };
}

function asked(mops: MicroOp[]): MicroOp[] {
  return mops.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
}

/** Transactions one after the other, each invoked and at once completed. */
export function oneByOne(workload: "list" | "register", ...lines: Line[]): Event[] {
  return numbered(lines.flatMap(([process, type, text]) => {
    const mops = microOps(text, workload === "list");
    return [event(process, "invoke", asked(mops)), event(process, type, mops)];
  }));
}

/** Transactions all at once, each of its own process: they are invoked together, and complete in this order. */
export function concurrent(workload: "list" | "register", ...texts: string[]): Event[] {
  const all = texts.map((text) => microOps(text, workload === "list"));
  return numbered([
    ...all.map((mops, process) => event(process, "invoke", asked(mops))),
    ...all.map((mops, process) => event(process, "ok", mops)),
  ]);
}

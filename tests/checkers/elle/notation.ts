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

/** Numbers the events, one per millisecond. */
export function numbered(events: readonly Omit<Event, "index" | "time">[]): Event[] {
  return events.map((event, index) => ({ ...event, index, time: index * 1e6 } as Event));
}

/** A transaction: process, outcome and micro-operations. */
export type Line = readonly [process: number, type: Exclude<EventType, "invoke">, text: string];

function event(process: number, type: EventType, value: unknown): Omit<Event, "index" | "time"> {
  return { process, type, f: "txn", value };
}

function asked(mops: MicroOp[]): MicroOp[] {
  return mops.map(([f, key, value]) => [f, key, f === "r" ? null : value]);
}

/** Sequential transactions, each completed at once. */
export function oneByOne(workload: "list" | "register", ...lines: Line[]): Event[] {
  return numbered(lines.flatMap(([process, type, text]) => {
    const mops = microOps(text, workload === "list");
    return [event(process, "invoke", asked(mops)), event(process, type, mops)];
  }));
}

/** Concurrent transactions, each of its own process: invoked together, and completed in this order. */
export function concurrent(workload: "list" | "register", ...texts: string[]): Event[] {
  const all = texts.map((text) => microOps(text, workload === "list"));
  return numbered([
    ...all.map((mops, process) => event(process, "invoke", asked(mops))),
    ...all.map((mops, process) => event(process, "ok", mops)),
  ]);
}

/** Parts of histories of kafka for tests. */

import type { Draft } from "../simulated.ts";

/** Polled messages with their offsets, by key. */
export type Polled = Readonly<Record<string, readonly (readonly [offset: number, message: unknown])[]>>;

/** Returns a send and its completion; without an offset it is indeterminate. */
export function send(process: number, key: string, message: unknown, offset: number | null): Draft[] {
  return [
    { process, type: "invoke", f: "send", value: [["send", key, message]] },
    offset === null
      ? { process, type: "info", f: "send", value: [["send", key, message]], error: "net-timeout" }
      : { process, type: "ok", f: "send", value: [["send", key, [offset, message]]] },
  ];
}

/** Returns a poll and its completion. */
export function poll(process: number, polled: Polled): Draft[] {
  return [
    { process, type: "invoke", f: "poll", value: [["poll"]] },
    { process, type: "ok", f: "poll", value: [["poll", polled]] },
  ];
}

/** Returns an assignment of keys and its completion. */
export function assign(process: number, ...keys: string[]): Draft[] {
  return [
    { process, type: "invoke", f: "assign", value: keys },
    { process, type: "ok", f: "assign", value: keys },
  ];
}

/** Returns a transaction and its completion. */
export function txn(process: number, type: "ok" | "info" | "fail", ...parts: unknown[]): Draft[] {
  return [
    { process, type: "invoke", f: "txn", value: parts.map(() => ["poll"]) },
    { process, type, f: "txn", value: parts },
  ];
}

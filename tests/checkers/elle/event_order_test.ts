/** Real-time and process edges against their definitions. */

import { assertEquals } from "@std/assert";
import type { Event } from "../../../lib/checkers/history.ts";
import { forEachProcessEdge, forEachRealtimeEdge } from "../../../lib/checkers/elle/event_order.ts";
import {
  FAIL,
  INFO,
  OK,
  readTransactions,
  type Transactions,
} from "../../../lib/checkers/elle/transactions.ts";
import { numbered } from "./notation.ts";
import { seeded } from "./simulated_store.ts";

const SHAPE = { write: "append", lists: true };

/** `"aAbB"`: a begins, a ends well, b begins, b ends well. `!` after a capital: it failed; `?`: it is indeterminate. */
function timeline(text: string): Event[] {
  const events: Omit<Event, "index" | "time">[] = [];
  for (const [i, letter] of [...text].entries()) {
    if (letter === "!" || letter === "?") continue;
    const process = letter.toLowerCase().charCodeAt(0);
    const isInvoke = letter !== letter.toUpperCase();
    const end = text[i + 1] === "!" ? "fail" : text[i + 1] === "?" ? "info" : "ok";
    events.push({ process, type: isInvoke ? "invoke" : end, f: "txn", value: [] });
  }
  return numbered(events);
}

function named(txns: Transactions, t: number): string {
  return String.fromCharCode(Number(txns.op[t]?.process));
}

function realtime(text: string): string {
  const txns = readTransactions(timeline(text), SHAPE);
  const edges: string[] = [];
  forEachRealtimeEdge(txns, (before, after) => edges.push(named(txns, before) + named(txns, after)));
  return edges.sort().join(" ");
}

Deno.test("real-time edges are the transitive reduction", () => {
  assertEquals(realtime(""), "");
  assertEquals(realtime("aA"), "");
  assertEquals(realtime("aAbB"), "ab");
  assertEquals(realtime("aAbBcC"), "ab bc");
  assertEquals(realtime("aAbcCB"), "ab ac");
  assertEquals(realtime("abABcC"), "ac bc");
  assertEquals(realtime("abBAcdCD"), "ac ad bc bd");
  assertEquals(realtime("aAbdBcDCeE"), "ab ad bc ce de");
});

Deno.test("no real-time edge leaves a failed or indeterminate transaction", () => {
  assertEquals(realtime("aA!bBcC"), "bc");
  assertEquals(realtime("aA?bBcC"), "bc");
  assertEquals(realtime("aAbB?cC"), "ab ac");
});

Deno.test("real-time edges reach exactly what completed before another began", () => {
  const random = seeded(5);
  for (let run = 0; run < 300; run++) {
    const events: Omit<Event, "index" | "time">[] = [];
    const open: number[] = [];
    for (let process = 0; process < 12 || open.length > 0;) {
      if (process < 12 && (open.length === 0 || random() < 0.5)) {
        open.push(process);
        events.push({ process: process++, type: "invoke", f: "txn", value: [] });
      } else {
        const [done = 0] = open.splice(Math.floor(random() * open.length), 1);
        const type = (["ok", "ok", "ok", "fail", "info"] as const)[Math.floor(random() * 5)] ?? "ok";
        events.push({ process: done, type, f: "txn", value: [] });
      }
    }
    const txns = readTransactions(numbered(events), SHAPE);
    const n = txns.count;
    const direct = Array.from({ length: n }, () => new Set<number>());
    forEachRealtimeEdge(txns, (before, after) => direct[before]?.add(after));
    const precedes = (a: number, b: number): boolean =>
      txns.outcome[a] === OK && (txns.completedAt[a] ?? 0) < (txns.invokedAt[b] ?? 0);
    for (let a = 0; a < n; a++) {
      const reached = new Set<number>();
      const stack = [a];
      while (stack.length > 0) {
        for (const next of direct[stack.pop() ?? 0] ?? []) {
          if (reached.has(next)) continue;
          reached.add(next);
          stack.push(next);
        }
      }
      for (let b = 0; b < n; b++) {
        assertEquals(reached.has(b), precedes(a, b));
        const isCovered = Array.from({ length: n }, (_, c) => c).some((c) =>
          precedes(a, c) && precedes(c, b)
        );
        assertEquals(direct[a]?.has(b), precedes(a, b) && !isCovered);
      }
    }
  }
});

Deno.test("process edges connect each committed transaction to the next of its process", () => {
  const events = ([[1, "ok"], [2, "ok"], [2, "fail"], [2, "info"], [2, "ok"], [1, "ok"]] as const)
    .map(([process, type]) => ({ process, type, f: "txn", value: [] }));
  const txns = readTransactions(numbered(events), SHAPE);
  const edges: [number, number][] = [];
  forEachProcessEdge(txns, (before, after) => edges.push([before, after]));
  assertEquals(edges.sort(), [[0, 5], [1, 4]]);
});

Deno.test("transactions are numbered by completion, pending ones last", () => {
  const txns = readTransactions(timeline("abcB!dCD?A"), SHAPE);
  assertEquals(Array.from(txns.outcome), [FAIL, OK, INFO, OK]);
  const open = readTransactions(timeline("abcC"), SHAPE);
  assertEquals(Array.from({ length: open.count }, (_, t) => named(open, t)).join(""), "cab");
  assertEquals(Array.from(open.outcome), [OK, INFO, INFO]);
});

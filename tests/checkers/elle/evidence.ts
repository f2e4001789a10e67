/** Checks the evidence of a reported cycle against the history, by definition and without the checker's indexes. */

import type { Event } from "../../../lib/checkers/history.ts";
import type { ExplainedCycle } from "../../../lib/checkers/elle/mod.ts";

/** A history, and the allowed sources of the version order of registers. */
export interface Evidence {
  readonly history: readonly Event[];
  readonly isList: boolean;
  /** True if the order of events may order versions (sequential-keys, linearizable-keys). */
  readonly eventsOrderVersions: boolean;
}

/** Returns the problem of a cycle's evidence as a sentence, or null. */
export function refuteCycle(cycle: ExplainedCycle, evidence: Evidence): string | null {
  const { steps } = cycle;
  const ops = cycle.cycle;
  if (ops.length !== steps.length + 1 || ops[0] !== ops[ops.length - 1]) return "the cycle is not closed";
  if (new Set(ops.slice(1)).size !== steps.length) return "a transaction comes twice";
  for (const [i, step] of steps.entries()) {
    const from = ops[i];
    const to = ops[i + 1];
    if (from === undefined || to === undefined) return "a transaction is missing";
    if (step.from !== `T${i + 1}` || step.to !== `T${(i + 1) % steps.length + 1}`) {
      return "a step is misnamed";
    }
    if (!step.why.includes(step.from) || !step.why.includes(step.to)) return `"${step.why}" names not both`;
    if (!holds(step, { from, to }, evidence)) return `step ${i + 1} does not hold: ${step.why}`;
  }
  const kinds = steps.map((step) => step.type);
  return cycle.type === nameOf(kinds) ? null : `${kinds.join(" ")} is not called ${cycle.type}`;
}

interface Ends {
  readonly from: Event;
  readonly to: Event;
}

function holds(step: ExplainedCycle["steps"][number], { from, to }: Ends, evidence: Evidence): boolean {
  const { history, isList } = evidence;
  const key = step["key"];
  const value = step.value;
  const next = step.nextValue;
  switch (step.type) {
    case "process":
      return from.process === to.process && from.index < to.index;
    case "realtime":
      return from.type === "ok" && history.indexOf(from) < history.indexOf(invocationOf(history, to));
    case "wr":
      return wrote(from, key, value) && (isList ? readEnding(to, key, value) : read(to, key, value));
    case "ww":
      return wrote(from, key, value) && wrote(to, key, next) && ordered(key, { value, next }, evidence);
    case "rw": {
      const isRead = isList ? readEnding(from, key, value === "init" ? null : value) : read(from, key, value);
      return isRead && wrote(to, key, next) &&
        ordered(key, { value: value === "init" ? null : value, next }, evidence);
    }
  }
}

/**
 * Lists: some read shows one version right before the other, or a longest read ends in the one and lacks the other.
 * Registers: a transaction read the one and then wrote the other.
 */
function ordered(key: unknown, pair: { value: unknown; next: unknown }, evidence: Evidence): boolean {
  const { history, isList, eventsOrderVersions } = evidence;
  if (!isList && (pair.value === null || eventsOrderVersions)) return true;
  let longest = 0;
  let isLater = pair.value === null;
  for (const event of history) {
    if (event.type !== "ok" && event.type !== "info") continue;
    if (!isList) {
      if (event.type === "ok" && read(event, key, pair.value) && wrote(event, key, pair.next)) return true;
      continue;
    }
    for (const [f, k, list] of mopsOf(event)) {
      if (f !== "r" || k !== key || !Array.isArray(list)) continue;
      const distinct = [...new Set(list)];
      const at = distinct.indexOf(pair.next);
      if (list.length > longest) {
        longest = list.length;
        isLater = false;
      }
      if (at < 0 && list.length === longest && distinct[distinct.length - 1] === pair.value) isLater = true;
      if (at < 0) continue;
      if ((at === 0 ? null : distinct[at - 1]) === pair.value) return true;
    }
  }
  return isList && isLater;
}

function wrote(event: Event, key: unknown, value: unknown): boolean {
  return mopsOf(event).some(([f, k, v]) => f !== "r" && k === key && v === value);
}

function read(event: Event, key: unknown, value: unknown): boolean {
  return mopsOf(event).some(([f, k, v]) => f === "r" && k === key && (v ?? null) === value);
}

function readEnding(event: Event, key: unknown, element: unknown): boolean {
  return mopsOf(event).some(([f, k, list]) => {
    if (f !== "r" || k !== key) return false;
    return (Array.isArray(list) && list.length > 0 ? list[list.length - 1] : null) === element;
  });
}

function mopsOf(event: Event): readonly (readonly unknown[])[] {
  return Array.isArray(event.value) ? event.value.filter(Array.isArray) : [];
}

function invocationOf(history: readonly Event[], completion: Event): Event {
  const at = history.indexOf(completion);
  for (let i = at - 1; i >= 0; i--) {
    const event = history[i];
    if (event?.process === completion.process && event.type === "invoke") return event;
  }
  throw new RangeError(`No invocation of event ${completion.index}`);
}

function nameOf(kinds: readonly string[]): string {
  const rw = kinds.filter((kind) => kind === "rw").length;
  const isAdjacent = kinds.some((kind, i) => kind === "rw" && kinds[(i + 1) % kinds.length] === "rw");
  const name = rw === 0
    ? kinds.includes("wr") ? "G1c" : "G0"
    : rw === 1
    ? "G-single-item"
    : isAdjacent
    ? "G2-item"
    : "G-nonadjacent-item";
  return name + (kinds.includes("realtime") ? "-realtime" : kinds.includes("process") ? "-process" : "");
}

/**
 * Returns true if the version order of some register is cyclic, under the assumption that each key is sequentially consistent
 * or linearizable, and writes follow reads. By the definition: every pair of transactions is compared.
 */
export function versionsAreCyclic(
  history: readonly Event[],
  use: { readonly sequentialKeys: boolean; readonly linearizableKeys: boolean },
): boolean {
  const byKey = new Map<
    unknown,
    { first: unknown; last: unknown; began: number; ended: number; op: Event }[]
  >();
  const later = new Map<string, Set<string>>();
  const link = (key: unknown, a: unknown, b: unknown): void => {
    if (a === b) return;
    const name = JSON.stringify([key, a]);
    later.set(name, (later.get(name) ?? new Set()).add(JSON.stringify([key, b])));
  };
  for (const op of history) {
    if (op.type !== "ok" && op.type !== "info") continue;
    for (const key of new Set(mopsOf(op).map(([, k]) => k))) {
      const mops = mopsOf(op).filter(([, k]) => k === key);
      const written = mops.findLast(([f]) => f === "w")?.[2] ?? null;
      const seen = op.type === "ok" && mops[0]?.[0] === "r" ? mops[0][2] ?? null : null;
      if (op.type === "info" && written === null) continue;
      for (const version of [seen, written]) {
        if (version !== null) link(key, null, version);
      }
      if (seen !== null && written !== null) link(key, seen, written);
      const touch = {
        first: seen ?? written,
        last: written ?? seen,
        began: history.indexOf(invocationOf(history, op)),
        ended: history.indexOf(op),
        op,
      };
      byKey.set(key, [...byKey.get(key) ?? [], touch]);
    }
  }
  for (const [key, list] of byKey) {
    for (const a of list) {
      for (const b of list) {
        if (a.op.type !== "ok" || a.ended >= b.began) continue;
        const isSameProcess = a.op.process === b.op.process && b.op.type === "ok";
        if (use.linearizableKeys || (use.sequentialKeys && isSameProcess)) link(key, a.last, b.first);
      }
    }
  }
  const state = new Map<string, "open" | "done">();
  const visit = (version: string): boolean => {
    const known = state.get(version);
    if (known !== undefined) return known === "open";
    state.set(version, "open");
    const isCyclic = [...later.get(version) ?? []].some(visit);
    state.set(version, "done");
    return isCyclic;
  };
  return [...later.keys()].some(visit);
}

/**
 * The four session guarantees (Terry et al., "Session guarantees for weakly consistent replicated data", 1994), for
 * histories of reads and writes whose written values are distinct per key.
 *
 * A guarantee demands that some versions of a key come before others, in one order of the key's versions. It is violated
 * if its demands, with the revisions if there are any, form a cycle.
 */

import type { Event, History } from "./history.ts";
import { type Anomaly, type AnomalyExample, type Judgment, judgment } from "./judgment.ts";
import { emptyHistoryWarning, pairOperations } from "./operations.ts";
import { type ValueKey, valueKey, valueText } from "./value_key.ts";

/** The session guarantees. */
export const SESSION_GUARANTEES = [
  "read-your-writes",
  "monotonic-reads",
  "monotonic-writes",
  "writes-follow-reads",
] as const;

/** A session guarantee. */
export type SessionGuarantee = typeof SESSION_GUARANTEES[number];

/** A read or a write of a version of a key. A session is a process. */
export interface VersionAccess {
  /** The kind of access. */
  readonly kind: "read" | "write";
  /** The key. */
  readonly key: unknown;
  /** The value, which identifies the version; `null` for a key that was never written. */
  readonly value: unknown;
  /** A number that orders the versions of the key, if the operation returned one. */
  readonly revision?: number;
}

/** The options of {@linkcode checkSessions}. */
export interface SessionOptions {
  /**
   * The guarantees to check.
   *
   * @default all four
   */
  readonly guarantees?: readonly SessionGuarantee[];
  /**
   * Returns the accesses of a successful operation, in their order.
   *
   * @default those of `read` and `write` with values `[key, value]`, as in the workload lin-kv
   */
  readonly accessesOf?: (event: Event) => readonly VersionAccess[];
}

const MEANINGS: Readonly<Record<SessionGuarantee, string>> = {
  "read-your-writes": "A read did not see a write of its own session, or saw an older version.",
  "monotonic-reads": "A read saw an older version than an earlier read of its session.",
  "monotonic-writes": "A write took effect before an earlier write of its session.",
  "writes-follow-reads": "A write took effect before a version that its session had read.",
};

/**
 * Checks the session guarantees: each process sees its own writes and never goes back, and its writes follow in order. A key to
 * which a value was written twice is not checked, and leaves the verdict unknown.
 *
 * @throws {RangeError} for an unknown guarantee
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkSessions, type History } from "@charybdis/charybdis/checkers";
 *
 * const history: History = [
 *   { index: 0, time: 0, process: 0, type: "invoke", f: "write", value: ["x", 1] },
 *   { index: 1, time: 1000000, process: 0, type: "ok", f: "write", value: ["x", 1] },
 *   { index: 2, time: 2000000, process: 0, type: "invoke", f: "read", value: ["x", null] },
 *   { index: 3, time: 3000000, process: 0, type: "ok", f: "read", value: ["x", null] },
 * ];
 * const { valid, anomalies } = checkSessions(history);
 * assertEquals([valid, anomalies.map(({ name }) => name)], [false, ["read-your-writes"]]);
 * ```
 */
export function checkSessions(history: History, options: SessionOptions = {}): Judgment {
  const { guarantees = SESSION_GUARANTEES, accessesOf = registerAccesses } = options;
  const unknown = guarantees.find((guarantee) => !SESSION_GUARANTEES.includes(guarantee));
  if (unknown !== undefined) {
    throw new RangeError(
      `Unknown session guarantee "${unknown}". Use one of: ${SESSION_GUARANTEES.join(", ")}`,
    );
  }
  const keys = accessesByKey(history, accessesOf);
  const ambiguous = [...keys].filter(([, accesses]) => hasDuplicates(accesses));
  for (const [key] of ambiguous) keys.delete(key);
  const anomalies: Anomaly[] = guarantees.map((guarantee) => ({
    name: guarantee,
    title: `${guarantee.replaceAll("-", " ")} violated`.replace(/^./, (letter) => letter.toUpperCase()),
    meaning: MEANINGS[guarantee],
    cause: "A session moved to a node that had not yet received what the session had seen or written.",
    examples: cyclesOf(keys, new Set([guarantee])),
  }));
  if (anomalies.every(({ examples }) => examples.length === 0)) {
    anomalies.push({
      name: "session-order",
      title: "No order of versions satisfies all sessions",
      meaning:
        "Each guarantee can be satisfied alone, but no single order of a key's versions satisfies all.",
      examples: cyclesOf(keys, new Set(guarantees)),
    });
  }
  anomalies.push({
    name: "duplicate-writes",
    severity: "unknown",
    examples: ambiguous.map(([key]) => ({ text: `Key ${valueText(key)} was not checked.` })),
  });
  return judgment(anomalies, { figures: { "key-count": keys.size }, warning: emptyHistoryWarning(history) });
}

/** An access with its operation. */
interface Access extends VersionAccess {
  readonly event: Event;
  readonly version: ValueKey;
  /** False for a write that may not have happened. */
  readonly isCertain: boolean;
}

function registerAccesses({ f, value }: Event): VersionAccess[] {
  if ((f !== "read" && f !== "write") || !Array.isArray(value)) return [];
  return [{ kind: f, key: value[0], value: value[1] }];
}

function accessesByKey(
  history: History,
  accessesOf: (event: Event) => readonly VersionAccess[],
): Map<ValueKey, readonly Access[]> {
  const keys = new Map<ValueKey, Access[]>();
  for (const { invoke, completion } of pairOperations(history)) {
    if (completion?.type === "fail") continue;
    const isCertain = completion?.type === "ok";
    const event = isCertain ? completion : invoke;
    for (const access of accessesOf(event)) {
      if (!isCertain && access.kind === "read") continue;
      const key = valueKey(access.key);
      const found = { ...access, event, isCertain, version: valueKey(access.value) };
      const all = keys.get(key);
      if (all === undefined) keys.set(key, [found]);
      else all.push(found);
    }
  }
  return keys;
}

/** Returns true if a value was written twice, so that it does not identify a version. */
function hasDuplicates(accesses: readonly Access[]): boolean {
  const writes = accesses.filter(({ kind }) => kind === "write");
  return new Set(writes.map(({ version }) => version)).size < writes.length;
}

/** A demand that the version of one access comes before that of another. */
interface Demand {
  readonly from: Access;
  readonly to: Access;
}

function cyclesOf(
  keys: ReadonlyMap<ValueKey, readonly Access[]>,
  guarantees: ReadonlySet<SessionGuarantee>,
): AnomalyExample[] {
  return [...keys.values()].flatMap((accesses) => {
    const certain = accesses.filter(({ isCertain }) => isCertain);
    const demands = [...demandsOf(certain, guarantees), ...orderOfVersions(certain)];
    const cycle = shortestCycle(demands);
    return cycle === undefined ? [] : [exampleOf(cycle)];
  });
}

/** The accesses of a session to a key so far, each version once. */
interface Seen {
  readonly read: Map<ValueKey, Access>;
  readonly write: Map<ValueKey, Access>;
}

/** Returns the demands of guarantees on the versions of one key. */
function demandsOf(accesses: readonly Access[], guarantees: ReadonlySet<SessionGuarantee>): Demand[] {
  const demands: Demand[] = [];
  const sessions = new Map<Event["process"], Seen>();
  for (const to of accesses) {
    const { process } = to.event;
    const seen = sessions.get(process) ?? { read: new Map(), write: new Map() };
    sessions.set(process, seen);
    const add = (guarantee: SessionGuarantee, earlier: ReadonlyMap<ValueKey, Access>) => {
      if (!guarantees.has(guarantee)) return;
      for (const from of earlier.values()) if (from.version !== to.version) demands.push({ from, to });
    };
    add(to.kind === "read" ? "read-your-writes" : "monotonic-writes", seen.write);
    add(to.kind === "read" ? "monotonic-reads" : "writes-follow-reads", seen.read);
    seen[to.kind].set(to.version, to);
  }
  return demands;
}

/** Returns the known order of versions: the initial one is the first, and the others have that of their revisions. */
function orderOfVersions(accesses: readonly Access[]): Demand[] {
  const initial = accesses.find(({ value }) => value === null);
  const first = initial === undefined
    ? []
    : accesses.filter(({ value }) => value !== null).map((to) => ({ from: initial, to }));
  const revised = accesses.filter(({ revision }) => revision !== undefined)
    .sort((a, b) => (a.revision ?? 0) - (b.revision ?? 0));
  const next = revised.flatMap((to, i) => {
    const from = revised[i - 1];
    return from === undefined || from.revision === to.revision ? [] : [{ from, to }];
  });
  return [...first, ...next];
}

/** Returns a cycle of the smallest number of demands; undefined if there is none. */
function shortestCycle(demands: readonly Demand[]): readonly Demand[] | undefined {
  const after = new Map<ValueKey, Demand[]>();
  for (const demand of demands) {
    const all = after.get(demand.from.version);
    if (all === undefined) after.set(demand.from.version, [demand]);
    else all.push(demand);
  }
  const acyclic = new Set<ValueKey>();
  let shortest: readonly Demand[] | undefined;
  for (const start of after.keys()) {
    const cycle = pathBack(start, after, acyclic);
    if (cycle === undefined) acyclic.add(start); // no cycle contains this version
    else if (shortest === undefined || cycle.length < shortest.length) shortest = cycle;
    if (shortest?.length === 2) break;
  }
  return shortest;
}

/** Returns the shortest path from a version back to it. */
function pathBack(
  start: ValueKey,
  after: ReadonlyMap<ValueKey, readonly Demand[]>,
  without: ReadonlySet<ValueKey>,
): readonly Demand[] | undefined {
  const reached = new Map<ValueKey, Demand>();
  let front: readonly ValueKey[] = [start];
  while (front.length > 0) {
    const next: ValueKey[] = [];
    for (const version of front) {
      for (const demand of after.get(version) ?? []) {
        const to = demand.to.version;
        if (reached.has(to) || without.has(to)) continue;
        reached.set(to, demand);
        if (to === start) return pathTo(start, reached);
        next.push(to);
      }
    }
    front = next;
  }
  return undefined;
}

function pathTo(start: ValueKey, reached: ReadonlyMap<ValueKey, Demand>): Demand[] {
  const path: Demand[] = [];
  let at = start;
  do {
    const demand = reached.get(at);
    if (demand === undefined) return path;
    path.unshift(demand);
    at = demand.from.version;
  } while (at !== start);
  return path;
}

function exampleOf(cycle: readonly Demand[]): AnomalyExample {
  const [first] = cycle;
  const steps = cycle.map(({ from, to }) => `${accessText(from)} before ${accessText(to)}`);
  const events = new Map(
    cycle.flatMap(({ from, to }) => [from, to]).map(({ event }) => [event.index, event]),
  );
  return {
    text: `Key ${valueText(first?.from.key)}: ${steps.join("; and ")}.`,
    events: [...events.values()].sort((a, b) => a.index - b.index),
  };
}

function accessText({ kind, value, event }: Access): string {
  return `${valueText(value)} (${kind === "read" ? "read" : "written"} by process ${event.process})`;
}

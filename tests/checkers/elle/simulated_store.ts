/** Histories made by simulated stores: correct ones, and ones that are weak in one known way. Seeded. */

import type { Event } from "../../../lib/checkers/history.ts";

/** A small seeded generator: mulberry32 (Tommy Ettinger, 2017, public domain). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * The execution of a transaction: `serial` at one instant between invocation and completion; `snapshot` reads the state of
 * its invocation and commits unless a key that it writes was written since; `stale` reads (in transactions that only read)
 * the state of some while ago. `racing`: as `snapshot`, but it commits whatever was written since, and so loses updates.
 */
export type Isolation = "serial" | "snapshot" | "stale" | "racing";

/** Options of a simulation. */
export interface Simulation {
  readonly seed: number;
  readonly transactions: number;
  readonly write: "append" | "w";
  readonly isolation?: Isolation;
  /** The number of concurrent processes. Default 10. */
  readonly processes?: number;
  readonly keys?: number;
  /** The number of writes after which a new key replaces a key. Default 16. */
  readonly writesPerKey?: number;
  readonly mopsMax?: number;
  /** Parts of transactions that fail, and whose outcome stays unknown. Default 0. */
  readonly failed?: number;
  readonly unknown?: number;
}

interface Running {
  readonly process: number;
  readonly mops: (readonly [string, number, number | null])[];
  readonly snapshot: Map<number, unknown>;
  readonly versions: Map<number, number>;
  result: unknown[] | null;
  outcome: "ok" | "fail" | "info";
}

/** A history in which every event but the last few is paired. */
export function simulate(simulation: Simulation): Event[] {
  const { seed, transactions, write, isolation = "serial" } = simulation;
  const { processes = 10, keys = 5, writesPerKey = 16, mopsMax = 4, failed = 0, unknown = 0 } = simulation;
  const random = seeded(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const isList = write === "append";
  const state = new Map<number, unknown>();
  const version = new Map<number, number>();
  const log = new Map<number, { commit: number; value: unknown }[]>();
  let commits = 0;
  const active = Array.from({ length: keys }, (_, k) => k);
  const written = new Map<number, number>();
  let nextKey = keys;
  const events: Event[] = [];
  const idle = Array.from({ length: processes }, (_, p) => p);
  let nextProcess = processes;
  const running: Running[] = [];
  let started = 0;
  let clock = 0;

  function emit(process: number, type: Event["type"], value: unknown): void {
    clock += 1 + below(1_000_000);
    events.push({ index: events.length, time: clock, process, type, f: "txn", value });
  }

  function start(process: number): void {
    const mops: [string, number, number | null][] = [];
    for (let length = 1 + below(mopsMax); length > 0; length--) {
      const slot = below(active.length);
      const key = active[slot] ?? 0;
      if (random() < 0.5) {
        mops.push(["r", key, null]);
        continue;
      }
      const element = (written.get(key) ?? 0) + 1;
      written.set(key, element);
      mops.push([write, key, element]);
      if (element >= writesPerKey) active[slot] = nextKey++;
    }
    emit(process, "invoke", mops);
    const chance = random();
    const outcome = chance < failed ? "fail" : chance < failed + unknown ? "info" : "ok";
    const snapshot = new Map<number, unknown>();
    const versions = new Map<number, number>();
    if (isolation !== "serial") {
      for (const [, key] of mops) {
        snapshot.set(key, state.get(key) ?? null);
        versions.set(key, version.get(key) ?? 0);
      }
    }
    running.push({ process, mops, snapshot, versions, result: null, outcome });
  }

  function execute(txn: Running): void {
    // Half of the indeterminate ones happened.
    if (txn.outcome === "fail" || (txn.outcome === "info" && random() < 0.5)) {
      txn.result = [];
      return;
    }
    const isReadOnly = txn.mops.every(([f]) => f === "r");
    const conflicts = isolation === "snapshot" &&
      txn.mops.some(([f, key]) => f === write && (version.get(key) ?? 0) !== txn.versions.get(key));
    if (conflicts) {
      txn.outcome = "fail";
      txn.result = [];
      return;
    }
    const asOf = isolation === "stale" && isReadOnly ? commits - below(8) : commits;
    const read = (key: number): unknown => {
      if (isolation === "snapshot" || isolation === "racing") return txn.snapshot.get(key) ?? null;
      if (asOf === commits) return state.get(key) ?? null;
      return log.get(key)?.findLast(({ commit }) => commit <= asOf)?.value ?? null;
    };
    const own = new Map<number, unknown>();
    txn.result = txn.mops.map(([f, key, element]) => {
      const seen = own.has(key) ? own.get(key) : read(key);
      if (f === "r") return [f, key, seen];
      own.set(key, isList ? [...Array.isArray(seen) ? seen : [], element] : element);
      return [f, key, element];
    });
    commits++;
    for (const [key, value] of own) {
      state.set(key, value);
      version.set(key, (version.get(key) ?? 0) + 1);
      if (isolation === "stale") log.set(key, [...log.get(key) ?? [], { commit: commits, value }]);
    }
  }

  while (started < transactions || running.length > 0) {
    if (started < transactions && idle.length > 0 && (running.length === 0 || random() < 0.5)) {
      started++;
      start(idle.splice(below(idle.length), 1)[0] ?? 0);
      continue;
    }
    const at = below(running.length);
    const txn = running[at];
    if (txn === undefined) continue;
    if (txn.result === null) {
      execute(txn);
      continue;
    }
    running.splice(at, 1);
    emit(txn.process, txn.outcome, txn.outcome === "ok" ? txn.result : txn.mops);
    idle.push(txn.outcome === "info" ? nextProcess++ : txn.process);
  }
  return events;
}

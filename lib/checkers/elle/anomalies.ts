/**
 * The names of isolation anomalies, their implications, and the order in which their cycles are searched.
 *
 * Names and implications are Elle's (Kingsbury and Alvaro, VLDB 2020). These follow Adya's thesis (1999) for G0, G1a–c,
 * G2 and G-single, Cerone et al. (2015) for internal, and Bailis et al. (2014) for lost update and write skew.
 *
 * Tested by `tests/checkers/elle/models_test.ts`.
 */

/** Anomalies that this project's checkers report where Elle throws an exception. They make a history invalid. */
export const OWN_ANOMALIES = ["malformed", "thin-air-read"] as const;

/** Anomalies that leave a history `unknown`. */
export const UNKNOWN_ANOMALIES = ["empty-transaction-graph", "duplicate-writes"] as const;

/** The anomalies that each anomaly directly implies. See `impliedAnomalies` for the closure. */
const IMPLIED_DIRECTLY: Readonly<Record<string, readonly string[]>> = {
  "G0": ["G1c", "G0-process"],
  "G0-process": ["G1c-process", "G0-realtime"],
  "G0-realtime": ["G1c-realtime"],
  "G1a": ["G1"],
  "G1b": ["G1"],
  "G1c": ["G1", "G1c-process"],
  "G1c-process": ["G1c-realtime", "G1-process"],
  "G1c-realtime": ["G1-realtime"],
  "G1": ["G1-process"],
  "G1-process": ["G1-realtime"],
  "G-single-item": ["G-single", "G-single-item-process", "G-nonadjacent-item"],
  "G-single-item-process": ["G-single-process", "G-single-item-realtime", "G-nonadjacent-item-process"],
  "G-single-item-realtime": ["G-single-realtime", "G-nonadjacent-item-realtime"],
  "G-single": ["G-nonadjacent", "GSIb", "G-single-process"],
  "G-single-process": ["G-nonadjacent-process", "G-single-realtime"],
  "G-single-realtime": ["G-nonadjacent-realtime"],
  "G-nonadjacent-item": ["G-nonadjacent", "G2-item", "G-nonadjacent-item-process"],
  "G-nonadjacent-item-process": ["G-nonadjacent-process", "G2-item-process", "G-nonadjacent-item-realtime"],
  "G-nonadjacent-item-realtime": ["G2-item-realtime", "G-nonadjacent-realtime"],
  "G-nonadjacent": ["G2", "G-nonadjacent-process"],
  "G-nonadjacent-process": ["G2-process", "G-nonadjacent-realtime"],
  "G-nonadjacent-realtime": ["G2-realtime"],
  "G2": ["G2-process"],
  "G2-item": ["G2", "G2-item-process"],
  "G2-item-process": ["G2-process", "G2-item-realtime"],
  "G2-item-realtime": ["G2-realtime"],
  "G2-process": ["G2-realtime"],
  "GSIa": ["GSI"],
  "GSIb": ["GSI"],
  "incompatible-order": ["G1a"],
  "future-read": ["G1c"],
  "dirty-update": ["G1a"],
  "lost-update": ["write-skew", "G2-item"],
  "write-skew": ["G2"],
};

/** Anomalies that are searched later than a worse one that does not imply them. */
const WORSE_THAN: Readonly<Record<string, readonly string[]>> = {
  "G0": ["G1c"],
  "G0-process": ["G1c-process"],
  "G0-realtime": ["G1c-realtime"],
  "G1c": ["G-single", "G2-item"],
  "G1c-process": ["G-single-process", "G2-item-process"],
  "G1c-realtime": ["G-single-realtime", "G2-item-realtime"],
  "G2": ["G0-process"],
  "G2-process": ["G0-realtime"],
};

const IMPLYING_DIRECTLY = reversed(IMPLIED_DIRECTLY);

/** Returns these anomalies and all that they imply. */
export function impliedAnomalies(anomalies: Iterable<string>): Set<string> {
  return closure(anomalies, (anomaly) => IMPLIED_DIRECTLY[anomaly] ?? []);
}

/** Returns these anomalies and all that imply one of them. */
export function implyingAnomalies(anomalies: Iterable<string>): Set<string> {
  return closure(anomalies, (anomaly) => IMPLYING_DIRECTLY[anomaly] ?? []);
}

/** The kinds of data dependencies that a cycle contains. */
export type CycleShape = "G0" | "G1c" | "G-single-item" | "G-nonadjacent-item" | "G2-item";

/** A kind of cycle. */
export interface CycleKind {
  readonly name: string;
  readonly shape: CycleShape;
  readonly order: "" | "process" | "realtime";
}

/**
 * The kinds of cycles, worst first.
 *
 * An anomaly comes after all that imply it or are worse; ties are broken by name. Elle's predicate kinds (G-single,
 * G-nonadjacent and G2 proper) are absent, because neither workload has predicate reads.
 */
export const CYCLE_KINDS: readonly CycleKind[] = worstFirst();

function worstFirst(): CycleKind[] {
  const above = new Map<string, string[]>();
  for (const table of [IMPLIED_DIRECTLY, WORSE_THAN]) {
    for (const [worse, others] of Object.entries(table)) {
      for (const other of others) above.set(other, [...above.get(other) ?? [], worse]);
    }
  }
  const depths = new Map<string, number>();
  function depth(anomaly: string): number {
    const known = depths.get(anomaly);
    if (known !== undefined) return known;
    let deepest = 0;
    for (const worse of above.get(anomaly) ?? []) deepest = Math.max(deepest, depth(worse) + 1);
    depths.set(anomaly, deepest);
    return deepest;
  }
  const shapes: CycleShape[] = ["G0", "G1c", "G-single-item", "G-nonadjacent-item", "G2-item"];
  const orders = ["", "process", "realtime"] as const;
  return shapes
    .flatMap((shape) => orders.map((order) => ({ name: cycleName(shape, order), shape, order })))
    .sort((a, b) => depth(a.name) - depth(b.name) || (a.name < b.name ? -1 : 1));
}

/** Returns the name of an anomaly: its shape, with the order of events that some of its edges come from. */
export function cycleName(shape: CycleShape, order: CycleKind["order"]): string {
  return order === "" ? shape : `${shape}-${order}`;
}

/** Returns the names that are reachable from `start`. */
export function closure(start: Iterable<string>, next: (name: string) => Iterable<string>): Set<string> {
  const reached = new Set(start);
  for (const name of reached) {
    for (const other of next(name)) reached.add(other); // iterating over a Set includes the elements that are added meanwhile
  }
  return reached;
}

/** Returns the inverse of a table. */
export function reversed(table: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const back: Record<string, string[]> = {};
  for (const [from, others] of Object.entries(table)) {
    for (const to of others) (back[to] ??= []).push(from);
  }
  return back;
}

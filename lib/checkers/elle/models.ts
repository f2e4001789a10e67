/**
 * Consistency models: their names, their implications, and the anomalies that each rules out.
 *
 * The lattice is Elle's. Its sources: Adya, "Weak Consistency" (1999); Adya, Liskov, O'Neil (2000); Bailis et al.,
 * "Highly Available Transactions" (2013); Cerone, Bernardi, Gotsman (2015); Daudjee and Salem (2004, 2006); Bernstein,
 * Hadzilacos, Goodman (1987); Liu et al., "ROLA"; Zuikeviciute and Pedone (2005). https://jepsen.io/consistency draws
 * it.
 */

import { closure, impliedAnomalies, implyingAnomalies, reversed } from "./anomalies.ts";

/** Friendly names of models, with the canonical ones: Adya's portable levels. */
const CANONICAL: Readonly<Record<string, string>> = {
  "consistent-view": "PL-2+",
  "conflict-serializable": "PL-3",
  "cursor-stability": "PL-CS",
  "forward-consistent-view": "PL-FCV",
  "monotonic-snapshot-read": "PL-MSR",
  "monotonic-view": "PL-2L",
  "read-committed": "PL-2",
  "read-uncommitted": "PL-1",
  "repeatable-read": "PL-2.99",
  "serializable": "PL-3",
  "snapshot-isolation": "PL-SI",
  "strict-serializable": "PL-SS",
  "strong-serializable": "PL-SS",
  "update-serializable": "PL-3U",
  "strong-session-read-uncommitted": "strong-session-PL-1",
  "strong-session-read-committed": "strong-session-PL-2",
  "strong-read-uncommitted": "strong-PL-1",
  "strong-read-committed": "strong-PL-2",
};

/** The friendly name under which a model is reported. */
const FRIENDLY: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(CANONICAL).map(([friendly, canonical]) => [canonical, friendly])),
  "PL-3": "serializable",
  "PL-SS": "strong-serializable",
};

/** The models that each model implies. */
const IMPLIES: Readonly<Record<string, readonly string[]>> = canonicalTable({
  "causal-cerone": ["read-atomic"],
  "consistent-view": ["cursor-stability", "monotonic-view"],
  "conflict-serializable": ["view-serializable"],
  "cursor-stability": ["read-committed"],
  "forward-consistent-view": ["consistent-view"],
  "PL-2": ["PL-1"],
  "PL-3": ["repeatable-read", "update-serializable", "snapshot-isolation", "view-serializable"],
  "update-serializable": ["forward-consistent-view"],
  "monotonic-atomic-view": ["read-committed"],
  "monotonic-view": ["PL-2"],
  "monotonic-snapshot-read": ["PL-2"],
  "parallel-snapshot-isolation": ["causal-cerone", "update-atomic"],
  "prefix": ["causal-cerone"],
  "read-atomic": ["monotonic-atomic-view"],
  "repeatable-read": ["cursor-stability", "monotonic-atomic-view"],
  "update-atomic": ["read-atomic"],
  "session-serializable": ["1SR"],
  "snapshot-isolation": [
    "forward-consistent-view",
    "monotonic-atomic-view",
    "monotonic-snapshot-read",
    "parallel-snapshot-isolation",
    "prefix",
  ],
  "strict-serializable": [
    "serializable",
    "linearizable",
    "snapshot-isolation",
    "strong-snapshot-isolation",
    "strong-session-serializable",
    "session-serializable",
  ],
  "strong-session-PL-1": ["PL-1"],
  "strong-session-PL-2": ["PL-2", "strong-session-PL-1"],
  "strong-PL-1": ["strong-session-PL-1"],
  "strong-PL-2": ["strong-session-PL-2", "strong-PL-1"],
  "strong-session-serializable": ["serializable", "strong-session-snapshot-isolation"],
  "strong-session-snapshot-isolation": ["snapshot-isolation", "strong-session-PL-2"],
  "strong-snapshot-isolation": ["strong-session-snapshot-isolation", "strong-PL-2"],
  "linearizable": ["sequential"],
  "sequential": ["causal"],
  "causal": ["writes-follow-reads", "PRAM"],
  "PRAM": ["monotonic-reads", "monotonic-writes", "read-your-writes"],
});

const IMPLIED_BY = reversed(IMPLIES);

/** The anomalies that each model rules out, besides those that weaker models rule out. */
const PROSCRIBES: Readonly<Record<string, readonly string[]>> = canonicalTable({
  "causal-cerone": ["internal", "G1a"],
  "cursor-stability": ["G1", "G-cursor", "lost-update"],
  "monotonic-view": ["G1", "G-monotonic"],
  "monotonic-snapshot-read": ["G1", "G-MSR"],
  "consistent-view": ["G1", "G-single"],
  "forward-consistent-view": ["G1", "G-SIb"],
  "parallel-snapshot-isolation": ["internal", "G1a"],
  "PL-3": ["G1", "G2", "predicate-read-miss", "internal", "PL-3-cycle-exists"],
  "PL-2": ["G1", "PL-2-cycle-exists"],
  // The last two are this project's. No history in Adya's sense contains them.
  "PL-1": [
    "G0",
    "duplicate-elements",
    "cyclic-versions",
    "PL-1-cycle-exists",
    "thin-air-read",
    "malformed",
  ],
  "prefix": ["internal", "G1a"],
  "snapshot-isolation": ["internal", "G1", "G-SI", "G-nonadjacent", "PL-SI-cycle-exists"],
  "read-atomic": ["internal", "G1a", "future-read"],
  "repeatable-read": ["G1", "G2-item", "PL-2.99-cycle-exists", "lost-update"],
  "update-atomic": ["lost-update"],
  "strict-serializable": ["G1", "G1c-realtime", "G2-realtime", "PL-SS-cycle-exists"],
  "strong-session-PL-1": ["strong-session-PL-1-cycle-exists", "G0-process"],
  "strong-session-PL-2": ["strong-session-PL-2-cycle-exists", "G1c-process"],
  "strong-PL-1": ["strong-PL-1-cycle-exists", "G0-realtime"],
  "strong-PL-2": ["strong-PL-2-cycle-exists", "G1c-realtime"],
  "strong-session-snapshot-isolation": [
    "internal",
    "G1-process",
    "G-nonadjacent-process",
    "strong-session-snapshot-isolation-cycle-exists",
  ],
  "strong-snapshot-isolation": [
    "internal",
    "G1-realtime",
    "G-nonadjacent-realtime",
    "strong-snapshot-isolation-cycle-exists",
  ],
  "strong-session-serializable": ["G1-process", "G2-process", "strong-session-serializable-cycle-exists"],
  "update-serializable": ["G1", "G-update"],
});

const PROSCRIBED_BY = reversed(PROSCRIBES);

/** Every name that `--consistency-models` accepts, sorted. */
export const CONSISTENCY_MODELS: readonly string[] = [
  ...new Set([
    ...Object.keys(CANONICAL),
    ...Object.values(CANONICAL),
    ...Object.keys(IMPLIES),
    ...Object.values(IMPLIES).flat(),
  ]),
].sort();

/** Returns the canonical name of a model, such as PL-3 for serializable. */
function canonicalModel(model: string): string {
  return CANONICAL[model] ?? model;
}

/** Returns the friendly name of a model, such as serializable for PL-3. */
export function friendlyModel(model: string): string {
  return FRIENDLY[model] ?? model;
}

/**
 * Checks the names of models.
 *
 * @throws {RangeError} for an unknown name, with a list of the known ones
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { requireModels } from "@charybdis/charybdis/checkers";
 *
 * try {
 *   requireModels(["serializible"]);
 * } catch (error) {
 *   assertEquals(error instanceof RangeError, true);
 * }
 * ```
 */
export function requireModels(models: Iterable<string>): void {
  for (const model of models) {
    if (CONSISTENCY_MODELS.includes(model)) continue;
    throw new RangeError(
      `Unknown consistency model "${model}". Use one of: ${CONSISTENCY_MODELS.join(", ")}`,
    );
  }
}

/** Returns the canonical names of these models and of all that they imply. */
export function impliedModels(models: Iterable<string>): Set<string> {
  return closure([...models].map(canonicalModel), (model) => IMPLIES[model] ?? []);
}

/**
 * Returns the canonical names of these models and of all that imply one of them, none of which holds if these do not.
 */
export function impossibleModels(models: Iterable<string>): Set<string> {
  return closure([...models].map(canonicalModel), (model) => IMPLIED_BY[model] ?? []);
}

/** Returns the anomalies that refute one of these models, with all that imply one of them. */
export function anomaliesProhibitedBy(models: Iterable<string>): Set<string> {
  const direct = [...impliedModels(models)].flatMap((model) => PROSCRIBES[model] ?? []);
  return implyingAnomalies(direct);
}

/** Returns the canonical names of the models that these anomalies refute. */
export function modelsRuledOutBy(anomalies: Iterable<string>): Set<string> {
  const direct = [...impliedAnomalies(anomalies)].flatMap((anomaly) => PROSCRIBED_BY[anomaly] ?? []);
  return impossibleModels(direct);
}

/**
 * The models that a history refutes, under their friendly names: the weakest (`not`), and the stronger ones
 * (`alsoNot`).
 */
export interface Boundary {
  readonly not: readonly string[];
  readonly alsoNot: readonly string[];
}

/** Returns the models that these anomalies refute. */
export function boundary(anomalies: Iterable<string>): Boundary {
  const ruledOut = modelsRuledOutBy(anomalies);
  const weakest = new Set(ruledOut);
  for (const model of ruledOut) {
    weakest.delete(model);
    const below = impliedModels([model]);
    if (![...weakest].some((other) => below.has(other))) weakest.add(model);
  }
  const named = (models: string[]): string[] => [...new Set(models.map(friendlyModel))].sort();
  return {
    not: named([...weakest]),
    alsoNot: named([...ruledOut].filter((model) => !weakest.has(model))),
  };
}

function canonicalTable(table: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  const canonical: Record<string, string[]> = {};
  for (const [model, others] of Object.entries(table)) {
    const entry = canonical[canonicalModel(model)] ??= [];
    for (const other of others) entry.push(canonicalModel(other));
  }
  return canonical;
}

/**
 * The search for cycles in the dependencies of a history, which both transactional workloads share.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import { valueAt } from "../columns.ts";
import type { CheckControl } from "../result.ts";
import { ComponentSearch, type Cycle } from "./cycles.ts";
import { cyclesExist } from "./cycle_exists.ts";
import { forEachProcessEdge, forEachRealtimeEdge } from "./event_order.ts";
import { type EdgeReason, explainCycle, type ExplainedEdge } from "./explain.ts";
import { type AddEdge, type EdgeSource, graphOf, inducedGraph, KINDS, PROCESS, REALTIME } from "./graph.ts";
import { StepBudget } from "./first_cycle.ts";
import { modelsRuledOutBy } from "./models.ts";
import { cyclicComponents, stronglyConnected } from "./scc.ts";
import { OK, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/** The parts of the search that depend on the workload. */
export interface Dependencies {
  readonly edges: EdgeSource;
  /** Returns true if a transaction depends on itself, which no edge shows. */
  readonly isTouched: () => boolean;
  /** Kinds of edges. The first that an edge has explains it. */
  readonly explainedFirst: readonly number[];
  readonly explain: (edge: ExplainedEdge) => EdgeReason | null;
}

/** Adds the edges of the order of events that the prohibited anomalies need. */
function forEachWantedEvent(txns: Transactions, prohibited: ReadonlySet<string>, add: AddEdge): void {
  const wanted = (order: string): boolean => [...prohibited].some((name) => isCycleOf(name, order));
  // Real time includes the order of each process.
  if (wanted("realtime")) forEachRealtimeEdge(txns, (before, after) => add(before, after, REALTIME));
  else if (wanted("process")) forEachProcessEdge(txns, (before, after) => add(before, after, PROCESS));
}

function isCycleOf(name: string, order: string): boolean {
  return name.endsWith(`-${order}`) && !name.startsWith("G1-");
}

/** Adds the cycles of a history to the findings. Returns false if the check was stopped. */
export function findCycles(
  txns: Transactions,
  dependencies: Dependencies,
  options: {
    readonly prohibited: ReadonlySet<string>;
    readonly findings: Findings;
    readonly control: CheckControl;
  },
): boolean {
  const { prohibited, findings, control } = options;
  const graph = graphOf(txns.count, (add) => {
    dependencies.edges(add);
    forEachWantedEvent(txns, prohibited, add);
  });
  if (graph.edges.length === 0 && !dependencies.isTouched()) {
    findings.add("empty-transaction-graph");
    const committed = txns.outcome.reduce((sum, outcome) => sum + (outcome === OK ? 1 : 0), 0);
    findings.warnings.push(
      `nothing was checked: no dependency between transactions was found (${committed} committed)`,
    );
    return true;
  }
  control.progress?.(0.6);
  if (control.stopped?.() === true) return false;
  const components = cyclicComponents(stronglyConnected(graph, KINDS));
  control.progress?.(0.7);
  const place = new Int32Array(txns.count).fill(-1);
  const explanation = explanationTable(dependencies.explainedFirst);
  const steps = new StepBudget(STEPS_IN_ALL);
  for (const [i, members] of components.entries()) {
    if (control.stopped?.() === true) return false;
    const search = new ComponentSearch(inducedGraph(graph, members, place), explanation);
    const found = search.cycles();
    // Elle may report a kind that ours implies: if its first cycle has another kind, it takes the stronger one to be
    // absent.
    const indexes = Array.from(members, (t) => txns.op[t]?.index ?? t);
    steps.begin(STEPS_PER_COMPONENT);
    for (const cycle of search.elleCycles(indexes, steps)) {
      if (!found.some(({ type }) => type === cycle.type)) found.push(cycle);
    }
    for (const cycle of found) {
      const whole: Cycle = { ...cycle, vertices: cycle.vertices.map((v) => valueAt(members, v)) };
      findings.add(cycle.type, () => explainCycle(txns, whole, dependencies.explain));
    }
    // A model that a reported cycle refutes needs no further proof.
    const reported = found.map((cycle) => cycle.type).filter((type) => prohibited.has(type));
    for (const exists of cyclesExist(search, modelsRuledOutBy(reported))) {
      findings.add(exists.type, () => ({
        kind: "cycle-exists",
        ...exists,
        sccSize: members.length,
        scc: Array.from(members.subarray(0, SCC_SHOWN_MAX), (t) => txns.op[t]?.index),
      }));
    }
    control.progress?.(0.7 + 0.3 * i / components.length);
  }
  control.progress?.(1);
  return true;
}

/** The steps of the search for the cycles that Elle reports, per component. Elle takes more in its second. */
const STEPS_PER_COMPONENT = 60_000;
/** The steps for all components of a history. */
const STEPS_IN_ALL = 300_000;

/** The number of transactions that are listed if their component is the only evidence. */
const SCC_SHOWN_MAX = 1000;

function explanationTable(order: readonly number[]): Uint8Array {
  const table = new Uint8Array(KINDS + 1);
  for (let kinds = 1; kinds <= KINDS; kinds++) table[kinds] = order.find((kind) => (kinds & kind) !== 0) ?? 0;
  return table;
}

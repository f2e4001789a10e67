/** From the dependencies of a history to the cycles in it: what both workloads do once their edges are known. */

import type { Watch } from "../result.ts";
import { ComponentSearch, type Cycle } from "./cycles.ts";
import { cyclesExist } from "./cycle_exists.ts";
import { addProcessEdges, addRealtimeEdges } from "./event_order.ts";
import { type EdgeReason, explainCycle, type ExplainedEdge } from "./explain.ts";
import { type EdgeList, inducedGraph, KINDS } from "./graph.ts";
import { modelsRuledOutBy } from "./models.ts";
import { cyclicComponents, stronglyConnected } from "./scc.ts";
import { OK, type Transactions } from "./transactions.ts";
import type { Findings } from "./verdict.ts";

/** The workload's part of the search. */
export interface Dependencies {
  readonly edges: EdgeList;
  /** Whether transactions take part in a dependency even if no edge shows it (on themselves alone). */
  readonly isTouched: boolean;
  /** Kinds of edges, in the order in which an edge of several is explained by the first. */
  readonly explainedFirst: readonly number[];
  readonly explain: (edge: ExplainedEdge) => EdgeReason | null;
}

/** Which edges of time are wanted: those without which a prohibited anomaly cannot be seen. */
export function addEventOrder(txns: Transactions, prohibited: ReadonlySet<string>, edges: EdgeList): void {
  const wanted = (order: string): boolean => [...prohibited].some((name) => isCycleOf(name, order));
  // Real time includes the order of each process.
  if (wanted("realtime")) addRealtimeEdges(txns, edges);
  else if (wanted("process")) addProcessEdges(txns, edges);
}

function isCycleOf(name: string, order: string): boolean {
  return name.endsWith(`-${order}`) && !name.startsWith("G1-");
}

/** Looks for cycles and adds them to the findings. Returns false if it was stopped before its end. */
export function findCycles(
  txns: Transactions,
  dependencies: Dependencies,
  options: { readonly prohibited: ReadonlySet<string>; readonly findings: Findings; readonly watch: Watch },
): boolean {
  const { prohibited, findings, watch } = options;
  const { edges } = dependencies;
  addEventOrder(txns, prohibited, edges);
  if (edges.size === 0 && !dependencies.isTouched) {
    findings.add("empty-transaction-graph", () => true);
    const committed = txns.outcome.reduce((sum, outcome) => sum + (outcome === OK ? 1 : 0), 0);
    findings.warnings.push(
      `nothing was checked: no dependency between transactions can be seen (${committed} committed)`,
    );
    return true;
  }
  const graph = edges.toGraph(txns.count);
  watch.progress?.(0.6);
  if (watch.stopped?.() === true) return false;
  const components = cyclicComponents(stronglyConnected(graph, KINDS));
  watch.progress?.(0.7);
  const place = new Int32Array(txns.count).fill(-1);
  const explanation = explanationTable(dependencies.explainedFirst);
  for (const [i, members] of components.entries()) {
    if (watch.stopped?.() === true) return false;
    const search = new ComponentSearch(inducedGraph(graph, members, place), explanation);
    const found = search.cycles();
    for (const cycle of found) {
      const whole: Cycle = { ...cycle, vertices: cycle.vertices.map((v) => members[v] ?? 0) };
      findings.add(cycle.type, () => explainCycle(txns, whole, dependencies.explain));
    }
    // What a reported cycle refutes needs no further proof.
    const reported = found.map((cycle) => cycle.type).filter((type) => prohibited.has(type));
    for (const exists of cyclesExist(search, modelsRuledOutBy(reported))) {
      findings.add(exists.type, () => ({
        ...exists,
        "scc-size": members.length,
        scc: Array.from(members.subarray(0, SCC_SHOWN_MAX), (t) => txns.op[t]?.index),
      }));
    }
    watch.progress?.(0.7 + 0.3 * i / components.length);
  }
  watch.progress?.(1);
  return true;
}

/** Members of a component that are listed where it alone is the evidence. */
const SCC_SHOWN_MAX = 1000;

function explanationTable(order: readonly number[]): Uint8Array {
  const table = new Uint8Array(KINDS + 1);
  for (let kinds = 1; kinds <= KINDS; kinds++) table[kinds] = order.find((kind) => (kinds & kind) !== 0) ?? 0;
  return table;
}

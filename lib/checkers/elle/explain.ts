/** Cycles for people: which transactions, and for each edge a sentence that says why it must be so. */

import type { Event } from "../history.ts";
import type { Cycle } from "./cycles.ts";
import { PROCESS, REALTIME } from "./graph.ts";
import type { Transactions } from "./transactions.ts";

/** What an edge rests on. Further fields are Elle's: key, value, value', a-mop-index, b-mop-index. */
export interface EdgeReason {
  readonly type: CycleStep["type"];
  readonly why: (from: string, to: string) => string;
  readonly [field: string]: unknown;
}

/** One edge of a reported cycle. Transactions are named T1, T2, … in the cycle's order. */
export interface CycleStep {
  /** The kind of dependency: ww overwrote, wr read from, rw overwrote what was read; or the order of events. */
  readonly type: "ww" | "wr" | "rw" | "process" | "realtime";
  /** The name of the transaction that comes first. */
  readonly from: string;
  /** The name of the one that depends on it. */
  readonly to: string;
  /** One sentence, without its full stop. */
  readonly why: string;
  /** What it rests on, by Elle's names: `key`, `value`, `value'`, `a-mop-index`, `b-mop-index`, … */
  readonly [field: string]: unknown;
}

/** A cycle as it is reported: plain data. */
export interface ExplainedCycle {
  /** The name of the anomaly. */
  readonly type: string;
  /** The completions, T1 first, and T1 again at the end. */
  readonly cycle: readonly Event[];
  /** Why each comes before the next. */
  readonly steps: readonly CycleStep[];
}

/** The edge to be explained: from transaction `a` to `b`, of one kind. */
export interface ExplainedEdge {
  readonly a: number;
  readonly b: number;
  readonly kind: number;
}

/** Names the transactions of a cycle and explains its edges; `data` explains those of kinds ww, wr and rw. */
export function explainCycle(
  txns: Transactions,
  cycle: Cycle,
  data: (edge: ExplainedEdge) => EdgeReason | null,
): ExplainedCycle {
  const { vertices, kinds } = cycle;
  const steps = vertices.map((a, i): CycleStep => {
    const next = (i + 1) % vertices.length;
    const edge = { a, b: vertices[next] ?? a, kind: kinds[i] ?? 0 };
    const reason = edge.kind === PROCESS || edge.kind === REALTIME ? orderReason(txns, edge) : data(edge);
    if (reason === null) {
      throw new RangeError(`Nothing explains the edge of kind ${edge.kind} from ${a} to ${edge.b}`);
    }
    const from = `T${i + 1}`;
    const to = `T${next + 1}`;
    const { why, type, ...fields } = reason;
    return { ...fields, type, from, to, why: why(from, to) };
  });
  const ops = [...vertices, vertices[0] ?? 0].map((t) => txns.op[t]).filter((op) => op !== undefined);
  return { type: cycle.type, cycle: ops, steps };
}

function orderReason(txns: Transactions, { a, b, kind }: ExplainedEdge): EdgeReason {
  const before = txns.op[a];
  const after = txns.op[b];
  const invocation = txns.invocation[b];
  if (kind === PROCESS) {
    const process = before?.process;
    return { type: "process", process, why: (from, to) => `process ${process} ran ${from} before ${to}` };
  }
  const lead = ((invocation?.time ?? 0) - (before?.time ?? 0)) / 1e6;
  const later = lead > 0 ? `, ${lead.toFixed(3)} ms later` : "";
  return {
    type: "realtime",
    "a'": before,
    b: invocation ?? after,
    why: (from, to) =>
      `${from} had completed (event ${before?.index}) before ${to} was invoked (event ${invocation?.index}${later})`,
  };
}

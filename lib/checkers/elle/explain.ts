/**
 * Explanations of cycles: the transactions, and for each edge a sentence that says why it must hold.
 *
 * Tested by `tests/checkers/elle/list_append_test.ts`.
 */

import type { Event } from "../history.ts";
import type { Cycle } from "./cycles.ts";
import { PROCESS, REALTIME } from "./graph.ts";
import type { Transactions } from "./transactions.ts";

/** The evidence for an edge. Fields that do not apply to its type are absent. */
export interface EdgeEvidence {
  /** The kind of dependency: ww overwrote, wr read, rw overwrote what was read; or the order of events. */
  readonly type: "ww" | "wr" | "rw" | "process" | "realtime";
  /** The key through which one transaction depends on the other. */
  readonly key?: unknown;
  /** The version that the first transaction wrote or read. */
  readonly value?: unknown;
  /** The version that the second transaction wrote, if it is another. */
  readonly nextValue?: unknown;
  /** The position of the micro-operation in the first transaction. */
  readonly fromMopIndex?: number;
  /** The position of the micro-operation in the second transaction. */
  readonly toMopIndex?: number;
  /** The process that executed both transactions. */
  readonly process?: Event["process"] | undefined;
  /** The completion of the first transaction. */
  readonly completion?: Event | undefined;
  /** The invocation of the second transaction. */
  readonly invocation?: Event | undefined;
}

/** The reason for an edge. */
export interface EdgeReason extends EdgeEvidence {
  /** Returns the reason as a sentence about the two transactions, without its period. */
  readonly why: (from: string, to: string) => string;
}

/** An edge of a reported cycle. Transactions are named T1, T2, … in the order of the cycle. */
export interface CycleStep extends EdgeEvidence {
  /** The name of the transaction that comes first. */
  readonly from: string;
  /** The name of the transaction that depends on it. */
  readonly to: string;
  /** The reason as a sentence, without its period. */
  readonly why: string;
}

/** A cycle of transactions, each of which must precede the next. */
export interface ExplainedCycle {
  /** The shape of the evidence. */
  readonly kind: "cycle";
  /** The name of the anomaly. */
  readonly type: string;
  /** The completions, from T1 back to T1. */
  readonly cycle: readonly Event[];
  /** The reasons why each transaction precedes the next. */
  readonly steps: readonly CycleStep[];
}

/** An edge of one kind from transaction `a` to transaction `b`. */
export interface ExplainedEdge {
  readonly a: number;
  readonly b: number;
  readonly kind: number;
}

/**
 * Names the transactions of a cycle and explains its edges.
 *
 * @param data explains an edge of kind ww, wr or rw
 */
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
  return { kind: "cycle", type: cycle.type, cycle: ops, steps };
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
    completion: before,
    invocation: invocation ?? after,
    why: (from, to) =>
      `${from} had completed (event ${before?.index}) before ${to} was invoked (event ${invocation?.index}${later})`,
  };
}

/** Findings in a run as a whole: its nodes, and parts of the result that no workload has. */

import { MAY_NEVER_SUCCEED } from "../../checkers/stats.ts";
import { isObject } from "../../protocol/schema.ts";
import type { Remark } from "../../sim/remarks.ts";
import { plural } from "../plural.ts";
import { describeRemark, REMARK_PHRASES } from "../remark_words.ts";
import { figureText } from "../report/text.ts";
import { type Draft, list, part, type ResultMap } from "./draft.ts";
import type { Case } from "./finding.ts";

/** What nodes did wrong, or did that is odd. */
export function nodeFindings(result: ResultMap): Draft[] {
  const drafts: Draft[] = [];
  const faults = list(part(result, "nodes")["faults"]).filter(isObject);
  const byKind = new Map<string, Case[]>();
  for (const { node, kind, text } of faults) {
    const name = typeof kind === "string" && Object.hasOwn(FAULT_NAMES, kind) ? FAULT_NAMES[kind] : undefined;
    const known = byKind.get(name ?? "node-faults") ?? [];
    byKind.set(name ?? "node-faults", known);
    known.push({ sentences: [`node ${node} ${text}`], events: [], cycle: [] });
  }
  for (const [name, cases] of byKind) drafts.push({ name, count: cases.length, cases });
  const remarks = list(result["remarks"]).filter(isRemark);
  for (const name of ["refused-lines", "odd-lines"]) {
    const found = remarks.filter(({ stopsReading }) => stopsReading === (name === "refused-lines"));
    const cases = found.map((remark): Case => ({ sentences: describeRemark(remark), events: [], cycle: [] }));
    const count = found.reduce((sum, each) => sum + each.count, 0);
    if (cases.length > 0) drafts.push({ name, weight: "informs", count, cases });
  }
  return drafts;
}

/** The names of the findings that a node's fault of a kind makes; others are `node-faults`. */
const FAULT_NAMES: Readonly<Record<string, string>> = { ended: "node-ended", stuck: "node-stuck" };

function isRemark(value: unknown): value is Remark {
  return isObject(value) && typeof value["kind"] === "string" &&
    Object.hasOwn(REMARK_PHRASES, value["kind"]) &&
    typeof value["node"] === "string" && typeof value["count"] === "number" &&
    typeof value["stopsReading"] === "boolean" && Array.isArray(value["examples"]);
}

/** Parts of the result that fail a test whose workload is in order. */
export function wholeTest(result: ResultMap): Draft[] {
  const drafts: Draft[] = [];
  const stats = part(result, "stats");
  const never = Object.entries(part(stats, "by-f")).filter(([f, counts]) =>
    isObject(counts) && counts["valid"] === false && !MAY_NEVER_SUCCEED.has(f)
  );
  if (stats["valid"] === false && never.length > 0) {
    const cases = never.map(([f, counts]): Case => ({
      sentences: [
        `${f}: ${
          plural(Number(isObject(counts) ? counts["count"] : 0), "operation", figureText)
        }, none of them ok.`,
      ],
      events: [],
      cycle: [],
    }));
    drafts.push({ name: "never-succeeded", count: never.length, cases });
  }
  const availability = part(result, "availability");
  if (availability["valid"] === false) {
    const fraction = Number(availability["ok-fraction"]);
    const sentences = [`${figureText(fraction * 100)} % of the operations succeeded.`];
    drafts.push({ name: "availability", count: 1, cases: [{ sentences, events: [], cycle: [] }] });
  }
  return drafts;
}

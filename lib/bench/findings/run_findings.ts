/**
 * Findings about a run as a whole: its nodes, and result parts that belong to no workload.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { MAY_NEVER_SUCCEED } from "../../checkers/stats.ts";
import { plural } from "../format.ts";
import { describeRemark, REMARK_PHRASES } from "./remark_descriptions.ts";
import { numberText } from "../report/html/text.ts";
import type { History } from "../../checkers/history.ts";
import { withoutOwnFrames } from "../errors.ts";
import { describeError, ERRORS_SHOWN_MAX, errorsOf } from "./answer_findings.ts";
import { exceptionIn } from "./exceptions.ts";
import type { ParsedCounts, ParsedResult } from "../store/parsed_result.ts";
import { at, sentence } from "./causes/cause.ts";
import type { Violation } from "../invariants/journal.ts";
import { describeExceeded } from "../run/bounds.ts";
import type { LinkWait, StuckNode } from "../run/progress.ts";
import type { Draft } from "./draft.ts";
import type { Example } from "./finding.ts";

/** Returns findings of faults and unusual behavior of nodes. */
export function nodeFindings(result: ParsedResult): Draft[] {
  const drafts: Draft[] = [];
  const byKind = new Map<string, Example[]>();
  for (const { node, kind, text } of result.nodeFaults) {
    const name = Object.hasOwn(FAULT_NAMES, kind) ? FAULT_NAMES[kind] : undefined;
    const known = byKind.get(name ?? "node-faults") ?? [];
    byKind.set(name ?? "node-faults", known);
    known.push({
      sentences: [`node ${node} ${withoutOwnFrames(text)}`],
      events: [],
      cycle: [],
      ...(kind === "ended" ? { subject: { kind: "ended", node } } : {}),
    });
  }
  for (const [name, examples] of byKind) drafts.push({ name, count: examples.length, examples });
  const remarks = result.remarks.filter(({ kind }) => Object.hasOwn(REMARK_PHRASES, kind));
  for (const name of ["refused-lines", "odd-lines"]) {
    const found = remarks.filter(({ stopsReading }) => stopsReading === (name === "refused-lines"));
    const examples = found.map((remark): Example => ({
      sentences: describeRemark(remark),
      events: [],
      cycle: [],
    }));
    const count = found.reduce((sum, each) => sum + each.count, 0);
    if (examples.length > 0) drafts.push({ name, severity: "info", count, examples });
  }
  return drafts;
}

/** Finding names by the kind of a node's fault; all other kinds are `node-faults`. */
const FAULT_NAMES: Readonly<Record<string, string>> = {
  ended: "node-ended",
  stuck: "node-stuck",
  limit: "node-limit",
};

/** Returns exceptions that nodes logged in a run that is not valid, at most one per node. */
export function loggedExceptions(
  { valid, nodeFaults }: ParsedResult,
  logs: ReadonlyArray<readonly [node: string, end: string]>,
): Draft[] {
  if (valid === true) return [];
  const ended = new Set(nodeFaults.map(({ node }) => node));
  const examples = logs.flatMap(([node, end]): Example[] => {
    const exception = ended.has(node) ? undefined : exceptionIn(end);
    if (exception === undefined) return [];
    const { language, error, frame } = exception;
    return [{
      sentences: [`${node} (${language}): ${error}${frame === undefined ? "" : `\n  at ${frame}`}`],
      events: [],
      cycle: [],
    }];
  });
  return examples.length === 0
    ? []
    : [{ name: "logged-exceptions", severity: "info", count: examples.length, examples }];
}

/** Returns the kinds of operations that must succeed but never did, with their counts. */
export function neverSucceeded({ stats }: ParsedResult): (readonly [f: string, counts: ParsedCounts])[] {
  if (stats.valid !== false) return [];
  return [...stats.byFunction].filter(([f, { valid }]) => valid === false && !MAY_NEVER_SUCCEED.has(f));
}

/** Returns the findings of invariants: those that a step violated, and those that proved nothing. */
function invariantFindings({ invariants: { valid, violations } }: ParsedResult): Draft[] {
  const examplesOf = (kind: Violation["kind"]) =>
    violations.filter((each) => each.kind === kind).map(violationExample);
  const [violated, threw] = [examplesOf("violated"), examplesOf("threw")];
  const unseen: Example = {
    sentences: ["No node watched a value, so that no step was checked. Call node.watch in the node."],
    events: [],
    cycle: [],
  };
  const failed = valid === "unknown" && violations.length === 0 ? [unseen] : threw;
  return [
    ...(violated.length === 0
      ? []
      : [{ name: "violated-invariant", count: violated.length, examples: violated }]),
    ...(failed.length === 0 ? [] : [{
      name: "unchecked-invariant",
      severity: "unknown" as const,
      count: failed.length,
      examples: failed,
    }]),
  ];
}

/** Returns the step, the node and the values of a violation. */
function violationExample({ kind, name, text, step, timeMs, node, values }: Violation): Example {
  const timeNs = timeMs * 1e6;
  const states = Object.entries(values).map(([each, watched]) =>
    `${each}: ${Object.entries(watched).map(([key, value]) => `${key} ${value}`).join(", ")}`
  );
  const where = `step ${step}, at ${at(timeNs)}, in a turn of ${node}`;
  return {
    sentences: [`${name}: ${text.replace(/\.$/, "")} (${where}).`, ...(kind === "violated" ? states : [])],
    events: [],
    cycle: [],
    ...(kind === "violated"
      ? {
        cause: [sentence(`A turn of ${node} violated ${name} at ${at(timeNs)}.`, { kind: "node", timeNs })],
      }
      : {}),
  };
}

/** Returns the finding of the liveness check: who waits for whom. */
function noProgress({ liveness: { valid, withinMs = NaN, stuck } }: ParsedResult): Draft[] {
  if (valid !== false) return [];
  const examples = stuck.map((each): Example => ({
    sentences: [stuckSentence(each, withinMs), ...each.links.map((link) => waitSentence(each.node, link))],
    events: [],
    cycle: [],
  }));
  return [{ name: "no-progress", count: examples.length, examples }];
}

function stuckSentence({ node, answer, error, state }: StuckNode, withinMs: number): string {
  const role = state === undefined || state === "" ? "" : ` (${state})`;
  const late = `within ${numberText(withinMs / 1000)} s after the faults ended`;
  return answer === undefined
    ? `${node}${role} answered no request ${late}${error === undefined ? "" : ` but with ${error}`}.`
    : `${node}${role} still differed from another node ${late}; it answered …${answer}.`;
}

function waitSentence(node: string, { peer, sent, received, types }: LinkWait): string {
  const what = `${node} sent ${plural(sent, "message", numberText)} (${
    types.join(", ")
  }) to ${peer} since then`;
  return received === 0
    ? `${node} waits for ${peer}: ${what}, and ${peer} sent none back.`
    : `${what}, and ${peer} sent ${numberText(received)} back.`;
}

/** Returns the findings of result parts that fail a test although its workload passes. */
export function wholeTest(result: ParsedResult, history: History): Draft[] {
  const drafts: Draft[] = [];
  const never = neverSucceeded(result);
  if (never.length > 0) {
    const errors = errorsOf(history);
    const unawaited = result.remarks.filter(({ kind }) => kind === "unawaited-reply");
    const causes = unawaited.slice(0, 1).flatMap(({ node, examples: [first] }) =>
      first === undefined ? [] : [`${node} replied, but ${first.problem}.`]
    );
    const examples = never.map(([f, counts]): Example => ({
      sentences: [
        `${f}: ${plural(counts.count ?? NaN, "operation", numberText)}, none of them ok.`,
        ...errors.filter(({ event }) => event.f === f).slice(0, ERRORS_SHOWN_MAX).map(describeError),
        ...causes,
      ],
      events: errors.filter(({ event }) => event.f === f).slice(0, 1).map(({ event }) => event),
      cycle: [],
    }));
    drafts.push({ name: "never-succeeded", count: never.length, examples });
  }
  const exceeded = result.exceededBounds.map((each): Example => ({
    sentences: [`${describeExceeded(each)}.`],
    events: [],
    cycle: [],
  }));
  if (exceeded.length > 0) drafts.push({ name: "bounds", count: exceeded.length, examples: exceeded });
  drafts.push(...invariantFindings(result), ...noProgress(result));
  const { valid, okFraction: fraction = NaN } = result.availability;
  if (valid === false) {
    const sentences = [`${numberText(fraction * 100)} % of the operations succeeded.`];
    drafts.push({ name: "availability", count: 1, examples: [{ sentences, events: [], cycle: [] }] });
  }
  return drafts;
}

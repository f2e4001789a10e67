/**
 * The cause of a wrong sum: which node's additions are missing or counted twice, and since when.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import type { Event } from "../../../checkers/history.ts";
import { show } from "../../../protocol/schema.ts";
import { plural } from "../../format.ts";
import { passedBetween } from "./between.ts";
import { at, type CauseSentence, sentence } from "./cause.ts";
import type { Operation, RunView } from "./run_view.ts";

interface Addition {
  readonly operation: Operation;
  readonly delta: number;
}

/** A part of one node's additions whose sum equals the missing or surplus amount. */
interface Addend {
  readonly node: string;
  readonly additions: readonly Addition[];
  readonly part: "all" | "first" | "last" | "single";
  /** Number of times that a single addition was counted. */
  readonly times?: number;
}

/** Describes which additions a final read lacks or counts twice, if the numbers allow only one answer. */
export function wrongSumCause(run: RunView, read: Event): CauseSentence[] {
  const additions = additionsOf(run);
  const node = run.nodeOf(read.process);
  if (typeof read.value !== "number" || !Number.isSafeInteger(read.value) || node === undefined) return [];
  const definite = additions.filter(({ operation }) => operation.completion?.type === "ok");
  const expected = sum(definite);
  const gap = expected - read.value;
  const client = run.clientOf(read);
  const pending = additions.length - definite.length;
  const sentences = [
    sentence(
      `${node} answered ${client} with ${read.value} at ${
        at(read.time)
      }; the acknowledged additions sum to ${expected}${
        pending === 0
          ? ""
          : `, and ${plural(pending, "addition")} ${pending === 1 ? "is" : "are"} indeterminate`
      }.`,
      { kind: "read", timeNs: read.time, operations: [read.index] },
    ),
  ];
  // With indeterminate additions, the gap may consist of any of them.
  if (pending > 0) return [...sentences, ...killSentences(run)];
  const missing = addendsOf(definite, gap, run.nodes);
  const isMissing = missing.length > 0 || gap > 0;
  const found = isMissing ? missing : surplusOf(definite, -gap, run.nodes);
  if (found.length > 0) {
    sentences.push(addendSentence(found.slice(0, ADDENDS_SHOWN_MAX), { gap, isMissing }));
    if (!isMissing) sentences.push(...lastWrites(run, node, read.time));
    if (isMissing && found.length === 1) sentences.push(...reachedReader(run, found[0], read));
  } else if (gap > 0) {
    sentences.push(
      sentence(
        `${gap} is missing, which does not match one node's additions: several nodes lost additions.`,
        {
          kind: "sum",
        },
      ),
    );
  }
  return [...sentences, ...killSentences(run)];
}

/** The maximum number of writes described. */
const WRITES_SHOWN_MAX = 3;

/** Describes the last writes of a node to a service before its reply. */
function lastWrites(run: RunView, node: string, beforeNs: number): CauseSentence[] {
  return (run.log?.messages ?? []).filter(({ src, body, sentNs }) =>
    src === node && sentNs <= beforeNs && (body["type"] === "write" || body["type"] === "cas")
  ).slice(-WRITES_SHOWN_MAX).map(({ id, dest, body, sentNs }) => {
    const isCas = body["type"] === "cas";
    const over = isCas ? ` over ${show(body["from"])}` : "";
    return sentence(
      `${node} wrote ${show(body[isCas ? "to" : "value"])}${over} to key ${show(body["key"])} of ${dest} at ${
        at(sentNs)
      }.`,
      { kind: "service", timeNs: sentNs, messages: [id] },
    );
  });
}

/** Describes the messages to the reading node from the node whose additions are missing. */
function reachedReader(run: RunView, addend: Addend | undefined, read: Event): CauseSentence[] {
  const last = addend?.additions.at(-1)?.operation;
  const reader = run.operationOf(read);
  if (last === undefined || reader === undefined) return [];
  const from = {
    name: addend?.additions.length === 1 ? "that addition" : "the last of them",
    operation: last,
  };
  return passedBetween(run, [[from, { name: "the read", operation: reader }]]);
}

function killSentences(run: RunView): CauseSentence[] {
  return run.nodeEvents.filter(({ kind }) => kind === "killed").slice(0, 3).map(({ node, timeNs, index }) =>
    sentence(`${node} was killed at ${at(timeNs)}.`, { kind: "fault", timeNs, operations: [index] })
  );
}

function additionsOf(run: RunView): Addition[] {
  return run.operations.flatMap((operation) => {
    const { f, value } = operation.invoke;
    if (f !== "add" || typeof value !== "number" || operation.completion?.type === "fail") return [];
    return [{ operation, delta: value }];
  });
}

function sum(additions: readonly Addition[]): number {
  return additions.reduce((total, { delta }) => total + delta, 0);
}

/** Returns the parts of single nodes' additions, in the order of time, that sum to `gap`. */
function addendsOf(
  additions: readonly Addition[],
  gap: number,
  nodes: readonly string[],
): Addend[] {
  if (gap === 0) return [];
  const addends: Addend[] = [];
  for (const node of nodes) {
    const own = additions.filter(({ operation }) => operation.node === node && operation.invoke.value !== 0);
    if (own.length === 0) continue;
    if (sum(own) === gap) {
      addends.push({ node, additions: own, part: "all" });
      continue;
    }
    for (let i = 1; i < own.length; i++) {
      if (sum(own.slice(0, i)) === gap) addends.push({ node, additions: own.slice(0, i), part: "first" });
      if (sum(own.slice(i)) === gap) addends.push({ node, additions: own.slice(i), part: "last" });
    }
  }
  return addends;
}

/** Maximum number of times that a single addition may have been counted. */
const COUNTED_MAX = 5;

/** Returns the possible causes of a surplus: a part of one node's additions, or one addition counted several times. */
function surplusOf(additions: readonly Addition[], surplus: number, nodes: readonly string[]): Addend[] {
  const addends = addendsOf(additions, surplus, nodes);
  if (addends.length > 0) return addends;
  return additions.filter(({ delta }) => delta !== 0).flatMap((each): Addend[] => {
    const times = surplus / each.delta;
    if (!Number.isInteger(times) || times < 1 || times >= COUNTED_MAX) return [];
    return [{ node: each.operation.node, additions: [each], part: "single", times: times + 1 }];
  });
}

/** Maximum number of candidates described. A longer list is not useful. */
const ADDENDS_SHOWN_MAX = 3;

function addendSentence(
  addends: readonly Addend[],
  { gap, isMissing }: { readonly gap: number; readonly isMissing: boolean },
): CauseSentence {
  const which = addends.map(describeAddend).join(", or ");
  const text = isMissing
    ? `The missing ${gap} equals ${which}.`
    : addends[0]?.part === "single"
    ? `The surplus of ${-gap} equals the effect of ${which}.`
    : `The surplus of ${-gap} equals ${which}, counted twice.`;
  const operations = addends.flatMap(({ additions }) => additions.map(({ operation }) => operation));
  return sentence(text, {
    kind: "sum",
    timeNs: operations[0]?.invoke.time,
    operations: operations.map(({ invoke, completion }) => (completion ?? invoke).index).slice(0, 50),
  });
}

function describeAddend({ node, additions, part, times = 2 }: Addend): string {
  const first = at(additions[0]?.operation.invoke.time ?? 0);
  const last = at(additions.at(-1)?.operation.invoke.time ?? 0);
  const count = additions.length === 1 ? "addition" : `${additions.length} additions`;
  switch (part) {
    case "all":
      return `all additions at ${node} (${plural(additions.length, "addition")}, from ${first} on)`;
    case "first":
      return `the first ${count} at ${node}, up to ${last}`;
    case "last":
      return `the last ${count} at ${node}, since ${first}`;
    case "single":
      return `the addition of ${additions[0]?.delta} at ${node} at ${first}, counted ${times} times`;
  }
}

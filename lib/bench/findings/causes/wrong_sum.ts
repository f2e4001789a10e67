/** The cause of a wrong sum: whose additions are missing or counted twice, and since when. */

import type { Event } from "../../../checkers/history.ts";
import { plural } from "../../plural.ts";
import { at, type CauseSentence, names, sentence } from "./cause.ts";
import type { Operation, RunView } from "./run_view.ts";

interface Addition {
  readonly operation: Operation;
  readonly delta: number;
}

/** A part of one node's additions whose sum is what is missing, or too much. */
interface Share {
  readonly node: string;
  readonly additions: readonly Addition[];
  readonly part: "all" | "first" | "last" | "single";
}

/** Tells whose additions a final read lacks, or holds twice, where the numbers leave one answer. */
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
      { timeNs: read.time, operations: [read.index] },
    ),
  ];
  // With indeterminate additions the gap may be made of any of them.
  if (pending > 0) return [...sentences, ...killSentences(run)];
  const found = gap > 0 ? sharesOf(definite, gap, run.nodes) : sharesOf(definite, -gap, run.nodes, "twice");
  const [share] = found;
  if (share !== undefined && found.length === 1) {
    sentences.push(shareSentence(share, gap));
  } else if (found.length > 1) {
    const owners = [...new Set(found.map((each) => each.node))];
    if (owners.length === 1) {
      sentences.push(
        sentence(
          `${gap > 0 ? `The missing ${gap} is` : `The surplus of ${-gap} is`} the sum of a part of what ${
            names(owners)
          } was given.`,
        ),
      );
    }
  } else if (gap > 0) {
    sentences.push(sentence(`${gap} is missing, which is no single node's share: several lost additions.`));
  }
  return [...sentences, ...killSentences(run)];
}

function killSentences(run: RunView): CauseSentence[] {
  return run.nodeEvents.filter(({ kind }) => kind === "killed").slice(0, 3).map(({ node, timeNs, index }) =>
    sentence(`${node} was killed at ${at(timeNs)}.`, { timeNs, operations: [index] })
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

/** Finds the parts of single nodes' additions, in the order of time, that sum to `gap`. */
function sharesOf(
  additions: readonly Addition[],
  gap: number,
  nodes: readonly string[],
  how: "missing" | "twice" = "missing",
): Share[] {
  if (gap === 0) return [];
  const shares: Share[] = [];
  for (const node of nodes) {
    const own = additions.filter(({ operation }) => operation.node === node && operation.invoke.value !== 0);
    if (own.length === 0) continue;
    if (sum(own) === gap) {
      shares.push({ node, additions: own, part: "all" });
      continue;
    }
    for (let i = 1; i < own.length; i++) {
      if (sum(own.slice(0, i)) === gap) shares.push({ node, additions: own.slice(0, i), part: "first" });
      if (sum(own.slice(i)) === gap) shares.push({ node, additions: own.slice(i), part: "last" });
    }
    // An addition that was counted twice is usually a single one.
    if (how === "twice") {
      shares.push(
        ...own.slice(1, -1).filter(({ delta }) => delta === gap).map((each): Share => ({
          node,
          additions: [each],
          part: "single",
        })),
      );
    }
  }
  return shares;
}

function shareSentence({ node, additions, part }: Share, gap: number): CauseSentence {
  const first = additions[0]?.operation.invoke;
  const last = additions.at(-1)?.operation.invoke;
  const count = additions.length === 1 ? "addition" : `${additions.length} additions`;
  const which = {
    all: `all that ${node} was given (${plural(additions.length, "addition")}, from ${
      at(first?.time ?? 0)
    } on)`,
    first: `what ${node} was given first (its first ${count}, up to ${at(last?.time ?? 0)})`,
    last: `what ${node} was given last (its last ${count}, since ${at(first?.time ?? 0)})`,
    single: `the addition that ${node} was given at ${at(first?.time ?? 0)}`,
  }[part];
  const text = gap > 0
    ? `The missing ${gap} is exactly ${which}.`
    : `The surplus of ${-gap} is exactly ${which}, counted twice.`;
  return sentence(text, {
    timeNs: first?.time,
    operations: additions.flatMap(({ operation: { invoke, completion } }) =>
      completion === undefined ? [invoke.index] : [completion.index]
    ).slice(0, 50),
  });
}

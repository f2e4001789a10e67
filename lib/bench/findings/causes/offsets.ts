/**
 * The cause of a duplicate offset: both sends, and the message that had not arrived.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { plural } from "../../format.ts";
import type { Carriers } from "./carriers.ts";
import { at, type CauseSentence, sentence } from "./cause.ts";
import type { Operation, RunView } from "./run_view.ts";

/** A send with its assigned offset. */
export interface Sent {
  readonly key: string;
  readonly value: unknown;
  readonly offset: unknown;
  readonly operation: Operation;
}

/** Describes two sends with the same offset. */
export function doubledOffsetCause(
  run: RunView,
  carriers: Carriers | undefined,
  sends: readonly Sent[],
): CauseSentence[] {
  const sorted = [...sends].sort((a, b) => a.operation.invoke.time - b.operation.invoke.time).slice(0, 2);
  const [first, second] = sorted;
  if (first === undefined || second === undefined) return sorted.map((sent) => sendSentence(run, sent));
  const sentences = [sendSentence(run, first), sendSentence(run, second)];
  const from = first.operation.node;
  const to = second.operation.node;
  if (from === to) {
    return [...sentences, ...killed(run, first.operation, second.operation)];
  }
  const answeredNs = second.operation.completion?.time ?? run.endNs;
  const told = carriers?.of(first).find(({ src, dest }) => src === from && dest === to);
  if (told !== undefined) {
    const arrived = told.deliveryStatus === "received";
    const when = !arrived
      ? `and it never arrived (${told.deliveryStatus === "dead" ? `${to} was down` : told.deliveryStatus})`
      : told.resolvedNs > answeredNs
      ? `and it arrived at ${at(told.resolvedNs)}, after ${to} had answered`
      : told.resolvedNs > second.operation.invoke.time
      ? `and it arrived at ${at(told.resolvedNs)}, while ${to} ran`
      : `and it arrived at ${at(told.resolvedNs)}, before ${to} was asked`;
    sentences.push(
      sentence(`${from} told ${to} of ${first.value} at ${at(told.sentNs)}, ${when}.`, {
        kind: "delivery",
        timeNs: told.sentNs,
        messages: [told.id],
      }),
    );
  } else if (
    carriers !== undefined && run.log?.isComplete === true && noneBetween(run, from, to, first, answeredNs)
  ) {
    sentences.push(
      sentence(
        `${from} sent ${to} no message between the two: from ${at(first.operation.invoke.time)} to ${
          at(answeredNs)
        }.`,
        { kind: "absence", timeNs: answeredNs },
      ),
    );
  }
  return sentences;
}

function sendSentence(
  run: RunView,
  { key, value, offset, operation: { invoke, completion, node } }: Sent,
): CauseSentence {
  return sentence(
    `${node} gave offset ${offset} of key ${key} to message ${value}, which ${run.clientOf(invoke)} sent at ${
      at(invoke.time)
    }${completion === undefined ? "" : `; it answered at ${at(completion.time)}`}.`,
    {
      kind: "operation",
      timeNs: invoke.time,
      operations: [invoke.index, ...(completion === undefined ? [] : [completion.index])],
    },
  );
}

function noneBetween(run: RunView, from: string, to: string, first: Sent, untilNs: number): boolean {
  return !(run.log?.messages ?? []).some(({ src, dest, sentNs }) =>
    src === from && dest === to && first.operation.invoke.time <= sentNs && sentNs <= untilNs
  );
}

function killed(run: RunView, first: Operation, second: Operation): CauseSentence[] {
  const kills = run.eventsOf(first.node, first.invoke.time, second.completion?.time ?? run.endNs)
    .filter(({ kind }) => kind === "killed");
  const [kill] = kills;
  if (kill === undefined) return [];
  return [
    sentence(
      `${first.node} was killed between the two (${plural(kills.length, "time")}), at ${at(kill.timeNs)}.`,
      {
        kind: "fault",
        timeNs: kill.timeNs,
        operations: kills.map(({ index }) => index),
      },
    ),
  ];
}

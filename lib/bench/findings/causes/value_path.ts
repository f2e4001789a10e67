/**
 * The path of a value through the cluster: the operations that gave it, and its messages to a node.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { canonicalJson } from "../../../protocol/canonical_json.ts";
import { valueText } from "../../../checkers/value_key.ts";
import { plural } from "../../format.ts";
import { keyText, type Named } from "./between.ts";
import type { Carriers, GivenValue } from "./carriers.ts";
import { at, type CauseSentence, sentence } from "./cause.ts";
import type { RunMessage } from "./message_log.ts";
import type { Operation, RunView } from "./run_view.ts";

/** A value with the key to which it was given. */
export interface KeyedValue {
  readonly key: string;
  readonly value: unknown;
}

/** Describes when a value reached the node of an operation that lacks it; nothing if it was never sent there. */
export function arrivalAt(
  run: RunView,
  carriers: Carriers | undefined,
  { key, value, reader }: KeyedValue & { readonly reader: Named },
): CauseSentence[] {
  const { node, invoke, completion } = reader.operation;
  const told = carriers?.of({ key, value }).filter(({ dest }) => dest === node) ?? [];
  const [first] = told;
  if (first === undefined) return [];
  const arrived = told.find(({ deliveryStatus }) => deliveryStatus === "received");
  const returned = completion?.time ?? run.endNs;
  const when = arrived === undefined
    ? "and no such message arrived"
    : arrived.resolvedNs > returned
    ? `which arrived at ${at(arrived.resolvedNs)}, after ${reader.name} had returned`
    : arrived.resolvedNs > invoke.time
    ? `which arrived at ${at(arrived.resolvedNs)}, while ${reader.name} ran`
    : `which had arrived at ${at(arrived.resolvedNs)}, before ${reader.name} was called`;
  return [
    sentence(
      `${first.src} sent ${valueText(value)} for key ${key} to ${node} at ${at(first.sentNs)}, ${when}.`,
      {
        kind: "delivery",
        timeNs: first.sentNs,
        messages: [first.id, ...(arrived === undefined ? [] : [arrived.id])],
      },
    ),
  ];
}

/** Describes how often each sender sent a value, if it sent it more than once to a node. */
export function repeatedSends(
  carriers: Carriers | undefined,
  { key, value }: KeyedValue,
): CauseSentence[] {
  const links = new Map<string, RunMessage[]>();
  for (const message of carriers?.of({ key, value }) ?? []) {
    const link = `${message.src} ${message.dest}`;
    links.set(link, [...links.get(link) ?? [], message]);
  }
  return [...links.values()].filter(({ length }) => length > 1).slice(0, LINKS_SHOWN_MAX).map((sent) => {
    const [first, last] = [sent[0], sent.at(-1)];
    return sentence(
      `${first?.src} sent ${valueText(value)} for key ${key} to ${first?.dest} ${
        plural(sent.length, "time")
      }, from ${at(first?.sentNs ?? 0)} to ${at(last?.sentNs ?? 0)}.`,
      { kind: "delivery", timeNs: first?.sentNs, messages: sent.map(({ id }) => id).slice(0, 50) },
    );
  });
}

/** Maximum number of pairs of nodes described. */
const LINKS_SHOWN_MAX = 2;

/** Returns the operations that gave a value to a key. */
export function giversOf(given: readonly GivenValue[], { key, value }: KeyedValue): Operation[] {
  const name = canonicalJson(value);
  return given.filter((each) => each.key === key && canonicalJson(each.value) === name)
    .map(({ operation }) => operation);
}

/** Returns the register operations that write a value to a key and were called before a time. */
export function writersOf(run: RunView, { key, value }: KeyedValue, beforeNs: number): Operation[] {
  const name = canonicalJson(value);
  return run.operations.filter(({ invoke: { f, value: asked, time } }) => {
    if (time > beforeNs || !Array.isArray(asked) || keyText(asked[0]) !== key) return false;
    const written: unknown = f === "write"
      ? asked[1]
      : f === "cas" && Array.isArray(asked[1])
      ? asked[1][1]
      : undefined;
    return written !== undefined && canonicalJson(written) === name;
  });
}

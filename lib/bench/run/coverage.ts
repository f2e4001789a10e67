/**
 * Coverage of a sweep: the operations, messages and node states that each fault affected.
 *
 * Tested by `tests/bench/sweep/findings_test.ts`.
 */

import { type Event, NEMESIS } from "../../checkers/history.ts";
import { isClient } from "../../protocol/message.ts";
import { definitionOf, FAULT_KINDS } from "../nemesis/faults.ts";
import type { FaultEffect } from "../nemesis/fault_effects.ts";
import type { ScheduledFault } from "../nemesis/nemesis.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { MessageSink } from "./message_journal.ts";

/** Counts by two names, such as fault and operation. */
export type Cross = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Coverage, as counts. */
export interface Coverage {
  /** Fault → operation → number of operations in progress while the fault was active. */
  readonly operations: Cross;
  /** Outcome of messages (lost, cut, duplicated, overtaken, dead) → type → count. */
  readonly messages: Cross;
  /** Action on nodes (killed, paused) → state that they reported → count. */
  readonly states: Cross;
  /** Fault → effect that the fault counts itself → count. Absent in files of earlier releases. */
  readonly effects?: Cross;
}

/** Empty coverage. */
export const NO_COVERAGE: Coverage = { operations: {}, messages: {}, states: {} };

/** Adds counts. */
export function addCoverage(a: Coverage, b: Coverage): Coverage {
  const effects = addCross(a.effects ?? {}, b.effects ?? {});
  return {
    ...(Object.keys(effects).length === 0 ? {} : { effects }),
    operations: addCross(a.operations, b.operations),
    messages: addCross(a.messages, b.messages),
    states: addCross(byKind(a.states), byKind(b.states)),
  };
}

/** Counts states by their kind: the text before a state's terms and counts. */
function byKind(states: Cross): Cross {
  return crossOf(
    countsIn(states).map(([how, state, count]) => [how, state.split(/ in |[,:\d]/)[0] ?? state, count]),
  );
}

/** Adds counts by two names. */
export function addCross(a: Cross, b: Cross): Cross {
  return crossOf([...countsIn(a), ...countsIn(b)]);
}

type Count = readonly [name: string, other: string, count: number];

function countsIn(cross: Cross): Count[] {
  return Object.entries(cross).flatMap(([name, row]) =>
    Object.entries(row).map(([other, count]): Count => [name, other, count])
  );
}

/** Adds up counts. The names are sorted, so that the sum does not depend on the order of the parts. */
function crossOf(counts: readonly Count[]): Cross {
  const rows = new Map<string, Map<string, number>>();
  for (const [name, other, count] of counts) {
    const row = rows.get(name) ?? new Map<string, number>();
    rows.set(name, row.set(other, (row.get(other) ?? 0) + count));
  }
  return sortedRecord([...rows].map(([name, row]) => [name, sortedRecord([...row])]));
}

function sortedRecord<T>(
  entries: readonly (readonly [name: string, value: T])[],
): Readonly<Record<string, T>> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => a < b ? -1 : 1));
}

/** Counts operations in progress while a fault is active. */
export function operationCoverage(history: readonly Event[], schedule: readonly ScheduledFault[]): Cross {
  if (schedule.length === 0) return {};
  const inProgress = new Map<number | string, Event>();
  const counts: Record<string, Record<string, number>> = {};
  const count = (invoke: Event, untilMs: number) => {
    const fromMs = invoke.time / 1e6;
    for (
      const kind of new Set(
        schedule.filter((f) => f.fromMs <= untilMs && (f.toMs ?? Infinity) >= fromMs).map((f) => f.kind),
      )
    ) {
      const row = counts[kind] ??= {};
      row[invoke.f] = (row[invoke.f] ?? 0) + 1;
    }
  };
  for (const event of history) {
    if (event.process === NEMESIS) continue;
    const invoke = inProgress.get(event.process);
    if (event.type === "invoke") inProgress.set(event.process, event);
    else if (invoke !== undefined) {
      inProgress.delete(event.process);
      count(invoke, event.time / 1e6);
    }
  }
  return counts;
}

/** Returns the effects that faults count themselves, such as committed changes. Effects on messages are counted by {@linkcode DeliveryCounter}. */
export function effectCoverage(effects: readonly FaultEffect[]): Pick<Coverage, "effects"> {
  const counts = effects.flatMap(({ kind, messages }) => {
    const effect = ownEffect(kind);
    return effect === undefined ? [] : [[kind, { [effect]: messages ?? 0 }] as const];
  });
  return counts.length === 0 ? {} : { effects: Object.fromEntries(counts) };
}

/** Returns the effect that a fault counts itself, in the plural; undefined if it counts messages or nothing. */
function ownEffect(kind: string): string | undefined {
  const definition = definitionOf(kind);
  if (definition?.affected === undefined || definition.counted === "message") return undefined;
  return `${definition.counted}s ${definition.affected}`;
}

/** Counts the outcomes of messages. */
export class DeliveryCounter implements MessageSink {
  readonly #counts: Record<string, Record<string, number>> = {};
  readonly #newest = new Map<string, Map<string, number>>(); // sender → receiver → the latest message that arrived

  sent(): void {}

  resolved(_timeMs: number, id: number, deliveryStatus: string, { src, dest, body }: Envelope): void {
    if (isClient(src) || isClient(dest)) return;
    if (deliveryStatus !== "received") return this.#add(deliveryStatus, String(body["type"]));
    let newest = this.#newest.get(src);
    if (newest === undefined) this.#newest.set(src, newest = new Map());
    if ((newest.get(dest) ?? -1) > id) this.#add("overtaken", String(body["type"]));
    else newest.set(dest, id);
  }

  /** Outcome → type → count. */
  get counts(): Cross {
    return this.#counts;
  }

  #add(deliveryStatus: string, type: string): void {
    const row = this.#counts[deliveryStatus] ??= {};
    row[type] = (row[type] ?? 0) + 1;
  }
}

/** Returns sentences about combinations that were never tried. */
export function untried(
  coverage: Coverage,
  asked: { readonly faults: readonly string[]; readonly operations: readonly string[] },
): string[] {
  const never = asked.faults.flatMap((fault) => {
    const missing = asked.operations.filter((f) => (coverage.operations[fault]?.[f] ?? 0) === 0);
    return missing.length === 0 ? [] : [`${fault} never met ${missing.join(", ")}`];
  });
  const types = new Set(Object.values(coverage.messages).flatMap((row) => Object.keys(row)));
  const messages = FAULT_KINDS.flatMap((fault) => {
    const deliveryStatus = definitionOf(fault)?.outcome;
    if (deliveryStatus === undefined || !asked.faults.includes(fault)) return [];
    const missing = [...types].filter((type) =>
      (coverage.messages[deliveryStatus]?.[type] ?? 0) === 0 && !type.endsWith("_ok")
    );
    return missing.length === 0 || types.size === 0 ? [] : [`no ${missing.join(", ")} was ${deliveryStatus}`];
  });
  const effects = asked.faults.flatMap((fault) => {
    const effect = ownEffect(fault);
    if (effect === undefined || (coverage.effects?.[fault]?.[effect] ?? 0) > 0) return [];
    return [`${fault}: no ${effect}`];
  });
  return [...never, ...messages, ...effects];
}

/** Returns coverage as a table, with one line per fault. */
export function describeCoverage(coverage: Coverage): string[] {
  const rows = (title: string, cross: Cross) => {
    const lines = Object.entries(cross).sort(([a], [b]) => a.localeCompare(b)).map(([name, row]) => {
      const cells = Object.entries(row).sort(([, a], [, b]) => b - a).map(([other, count]) =>
        `${other} ${count}`
      );
      return `  ${name.padEnd(16)} ${cells.join(", ")}`;
    });
    return lines.length === 0 ? [] : [title, ...lines];
  };
  return [
    ...rows("Operations in progress while a fault was active:", coverage.operations),
    ...rows("Effects of faults:", coverage.effects ?? {}),
    ...rows("Messages by outcome:", coverage.messages),
    ...rows("States of nodes when a fault affected them:", coverage.states),
  ];
}

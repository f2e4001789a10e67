/** The events of a moment in words. Tested by `tests/bench/report/moment_text_test.ts`. */

import { DELIVERY_STATUSES, OUTCOMES, type ReportData } from "../data/report_data.ts";
import { visible } from "./visible_text.ts";

/** Maximum number of events that are named. The others are counted. */
export const MOMENT_EVENTS_MAX = 3;

/** Returns the events at exactly that time as a sentence fragment; empty if there are none. */
export function momentText(data: ReportData, time: number): string {
  const events = [...faultEvents(data, time), ...operationEvents(data, time), ...messageEvents(data, time)];
  const named = events.slice(0, MOMENT_EVENTS_MAX).map((text) => visible(text)).join(" · ");
  return events.length <= MOMENT_EVENTS_MAX ? named : `${named} · ${events.length - MOMENT_EVENTS_MAX} more`;
}

/** Returns the starts and ends of faults at a time. */
export function faultEvents({ faults, ends }: ReportData, time: number): string[] {
  const exits = Object.entries(ends).flatMap(([node, end]) => end === time ? [`${node} exited`] : []);
  const switches = faults.flatMap(({ kind, from, to, nodes }) => {
    const name = nodes.length === 0 ? kind : `${kind} of ${nodes.join(", ")}`;
    return from === time ? [`start of ${name}`] : to === time ? [`end of ${name}`] : [];
  });
  return [...exits, ...switches];
}

/** Returns the calls and returns of operations at a time. */
export function operationEvents({ operations }: ReportData, time: number): string[] {
  const { begin, end, process, names, f, outcome } = operations;
  const events: string[] = [];
  for (let row = 0; row < begin.length; row++) {
    const name = names[f[row] ?? 0] ?? "?";
    if (begin[row] === time) events.push(`process ${process[row]} called ${name}`);
    if (end[row] === time) events.push(`${name} of process ${process[row]}: ${OUTCOMES[outcome[row] ?? 0]}`);
  }
  return events;
}

/** Returns the sends, arrivals and losses of messages at a time. */
export function messageEvents({ messages }: ReportData, time: number): string[] {
  if (messages === null) return [];
  const { sent, resolved, src, dest, type, types, actors, deliveryStatus } = messages;
  const events: string[] = [];
  for (let row = 0; row < sent.length; row++) {
    if (sent[row] !== time && resolved[row] !== time) continue;
    const name = types[type[row] ?? 0] ?? "?";
    const from = actors[src[row] ?? 0] ?? "?";
    const to = actors[dest[row] ?? 0] ?? "?";
    const status = deliveryStatus[row] ?? 0;
    if (sent[row] === time) events.push(`${from} sent ${name} to ${to}`);
    else if (status === 0) events.push(`${to} received ${name} from ${from}`);
    else events.push(`${name} from ${from} to ${to}: ${DELIVERY_STATUSES[status]}`);
  }
  return events;
}

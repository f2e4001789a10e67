/** Chooses the view on which the page opens. Tested by `tests/bench/report/opening_view_test.ts`. */

import type {
  FaultBand,
  FindingMark,
  MessageColumns,
  OpeningView,
  OperationColumns,
  StoryKind,
  StoryMoment,
} from "./report_data.ts";

/** The margin on both sides of the evidence: a part of its span, and at least this, in µs. */
const MARGIN = { part: 0.15, usMin: 2000 } as const;
/** The length of the view of a valid run, in µs, and the maximum number of messages in it. */
const SECOND_US = 1_000_000;
const MESSAGES_SHOWN_MAX = 400;
/** The minimum length of that view, in µs. */
const SPAN_US_MIN = 20_000;
/** The number of times at which a view of a valid run may start. */
const STARTS_MAX = 2000;
/** The weight of an event, in messages that arrived. */
const WEIGHTS = { fault: 60, lost: 4, operation: 1 } as const;

/** The kinds of sentences whose moment comes first, in this order. */
const DECISIVE: readonly StoryKind[] = [
  "delivery",
  "service",
  "node",
  "absence",
  "state",
  "fault",
  "operation",
  "read",
  "verdict",
];

/** The kinds of sentences between whose moments the window lies. A final read may be much later. */
const NEAR_CAUSE: ReadonlySet<StoryKind> = new Set([
  "operation",
  "delivery",
  "service",
  "node",
  "absence",
  "sum",
]);

/** The parts of a run between which the view chooses. */
export interface OpeningParts {
  readonly story: readonly StoryMoment[];
  /** The place of the finding that the story is about. */
  readonly mark: FindingMark | undefined;
  readonly messages: MessageColumns | null;
  readonly operations: Pick<OperationColumns, "begin" | "end">;
  readonly faults: readonly FaultBand[];
  readonly beginUs: number;
  readonly endUs: number;
}

/** Returns the view: of a failed run the evidence of its story, of a valid one the second in which most happens. */
export function openingView(parts: OpeningParts): OpeningView {
  return parts.story.length > 0 || parts.mark !== undefined ? evidenceView(parts) : busiestView(parts);
}

function evidenceView({ story, mark, messages, operations, beginUs, endUs }: OpeningParts): OpeningView {
  const rows = unique(story.flatMap((moment) => moment.messages));
  const operationRows = unique([...mark?.operations ?? [], ...story.flatMap((moment) => moment.operations)]);
  const told = story.filter(({ kind, at }) => at >= 0 && NEAR_CAUSE.has(kind));
  const times = [
    ...told.map(({ at }) => at),
    ...(rows.length > 0 ? [] : faultTimes(story, lowest(told.map(({ at }) => at)))),
    ...rows.flatMap((row) => known([messages?.sent[row], messages?.resolved[row]])),
    ...told.flatMap(({ kind, operations: rows }) =>
      kind !== "operation" ? [] : rows.flatMap((row) => known([operations.begin[row], operations.end[row]]))
    ),
  ];
  if (times.length === 0) times.push(mark?.from ?? beginUs, mark?.to ?? beginUs);
  const [from, to] = [lowest(times), highest(times)];
  const margin = Math.max(MARGIN.usMin, (to - from) * MARGIN.part);
  const inWindow = story.filter(({ at }) => from <= at && at <= to);
  return {
    from: Math.max(beginUs, from - margin),
    to: Math.min(endUs, to + margin),
    at: decisiveTime(inWindow) ?? from,
    messages: rows,
    operations: operationRows,
  };
}

/** Returns the times of faults and elections since a time. Messages show the cause better, if there are any. */
function faultTimes(story: readonly StoryMoment[], since: number): number[] {
  return story.flatMap(({ kind, at }) => (kind === "fault" || kind === "state") && at >= since ? [at] : []);
}

/** Returns the time of the sentence that explains most. */
function decisiveTime(story: readonly StoryMoment[]): number | undefined {
  for (const wanted of DECISIVE) {
    const all = story.filter(({ kind, at }) => kind === wanted && at >= 0);
    const found = wanted === "operation" ? all.at(-1) : all[0]; // the last one contradicts those before it
    if (found !== undefined) return found.at;
  }
  return undefined;
}

/** An event, and its weight for the view of a valid run. */
interface Weighted {
  readonly at: number;
  readonly weight: number;
}

function busiestView({ messages, operations, faults, beginUs, endUs }: OpeningParts): OpeningView {
  const first = Math.max(0, beginUs);
  const events: Weighted[] = [
    ...(messages?.sent ?? []).map((at, row) => ({
      at,
      weight: messages?.deliveryStatus[row] === 0 ? 1 : WEIGHTS.lost,
    })),
    ...operations.begin.map((at) => ({ at, weight: WEIGHTS.operation })),
    ...faults.flatMap(({ from, to }) => [from, to].map((at) => ({ at, weight: WEIGHTS.fault }))),
  ].filter(({ at }) => at >= first).sort((a, b) => a.at - b.at);
  const step = Math.max(1, Math.ceil(events.length / STARTS_MAX));
  let best = { from: first, sum: -1 };
  let [next, sum, start] = [0, 0, 0];
  for (let i = 0; i < events.length; i++) {
    const from = events[i]?.at ?? 0;
    for (; start < i; start++) sum -= events[start]?.weight ?? 0;
    for (; next < events.length && (events[next]?.at ?? 0) < from + SECOND_US; next++) {
      sum += events[next]?.weight ?? 0;
    }
    if (i % step === 0 && sum > best.sum) best = { from, sum };
  }
  const to = Math.min(best.from + SECOND_US, endOfShown(messages, best.from), endUs);
  return {
    from: best.from,
    to: Math.max(to, best.from + SPAN_US_MIN),
    at: best.from,
    messages: [],
    operations: [],
  };
}

/** Returns the time at which {@linkcode MESSAGES_SHOWN_MAX} messages have been sent since a time. */
function endOfShown(messages: MessageColumns | null, from: number): number {
  const sent = messages?.sent ?? [];
  const first = sent.findIndex((time) => time >= from);
  return first < 0 ? Infinity : sent[first + MESSAGES_SHOWN_MAX] ?? Infinity;
}

function known(times: readonly (number | undefined)[]): number[] {
  return times.flatMap((time) => time === undefined || time === -1 ? [] : [time]);
}

function unique(rows: readonly number[]): number[] {
  return [...new Set(rows)].sort((a, b) => a - b);
}

function lowest(times: readonly number[]): number {
  return times.reduce((a, b) => Math.min(a, b), Infinity);
}

function highest(times: readonly number[]): number {
  return times.reduce((a, b) => Math.max(a, b), -Infinity);
}

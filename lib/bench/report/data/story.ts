/**
 * The story of a failed run: the evidence of its first finding as sentences, each with its moment.
 *
 * Tested by `tests/bench/report/story_test.ts`.
 */

import type { Event } from "../../../checkers/history.ts";
import type { CauseSentence } from "../../findings/causes/cause.ts";
import { at as timeText, names } from "../../findings/causes/cause.ts";
import type { Example, Finding } from "../../findings/finding.ts";
import { definitionOf } from "../../nemesis/faults.ts";
import { clip } from "../html/text.ts";
import { microseconds } from "./operation_columns.ts";
import { leaderMoments } from "./leader_moments.ts";
import type { FaultBand, OperationColumns, StateColumns, StoryKind, StoryMoment } from "./report_data.ts";

/** The maximum number of sentences in a story. */
export const STORY_SENTENCES_MAX = 8;
/** The maximum number of sentences about a cycle of transactions, or a case without a cause. Else the first one suffices. */
const VERDICT_SENTENCES_MAX = 2;
/** The maximum number of sentences about faults that were active. */
const FAULT_SENTENCES_MAX = 2;
/** The time before a fault in which a message may leave that the fault affects, in µs. */
const FLIGHT_US = 100_000;
/** The maximum number of characters of a sentence. */
const SENTENCE_LENGTH_MAX = 400;
/** The maximum number of rows that a sentence refers to. */
const ROWS_MAX = 60;

/** The parts of a run that a story refers to. */
export interface StoryParts {
  readonly nodes: readonly string[];
  readonly faults: readonly FaultBand[];
  readonly states: StateColumns | null;
  readonly operations: Pick<OperationColumns, "begin" | "end">;
  /** The rows of a message by its id in messages.jsonl, and of an operation by the index of an event. */
  readonly rowOfMessage: ReadonlyMap<number, number>;
  readonly rowOfEvent: ReadonlyMap<number, number>;
}

/** A story, and the finding that it is about. */
export interface Story {
  readonly finding: Finding | undefined;
  readonly moments: readonly StoryMoment[];
}

/** The kinds of sentences that explain a finding, rather than repeat it. */
const EXPLAINING: ReadonlySet<StoryKind> = new Set([
  "delivery",
  "absence",
  "fault",
  "service",
  "node",
  "sum",
]);

/** The order in which sentences are kept if there are too many. */
const IMPORTANCE: readonly StoryKind[] = [
  "verdict",
  "delivery",
  "absence",
  "service",
  "node",
  "sum",
  "read",
  "operation",
  "state",
  "fault",
  "reply",
];

/** Returns the story of the first finding that the run explains, else of the first one that makes it invalid. */
export function storyOf(findings: readonly Finding[], parts: StoryParts): Story {
  const severe = findings.filter(({ severity }) => severity === "invalid");
  const finding = severe.find(isExplained) ?? severe[0];
  const example = finding?.examples.find(({ cause = [] }) => cause.length > 0) ?? finding?.examples[0];
  if (finding === undefined || example === undefined) return { finding, moments: [] };
  const cause = (example.cause ?? []).map((sentence) => causeMoment(sentence, parts));
  const shownAt = highestTime(cause);
  const verdict = verdictMoments(finding, example, parts).map((moment) =>
    moment.at < 0 ? { ...moment, at: shownAt } : moment
  );
  const remarks = cause.length > 0 ? [] : remarksOf(findings);
  const faults = faultMoments([...verdict, ...cause], parts);
  const last = highestTime([...verdict, ...cause]);
  const leaders = parts.states === null || last < 0
    ? []
    : leaderMoments(parts.states, { nodes: parts.nodes, until: last });
  return {
    finding,
    moments: mostImportant([...verdict, ...inOrderOfTime([...cause, ...remarks, ...faults, ...leaders])]),
  };
}

/** The findings that explain operations without a reply. */
const REMARKS: ReadonlySet<string> = new Set(["logged-exceptions", "refused-lines"]);

/** Returns what the nodes' output shows, for a finding without a cause. */
function remarksOf(findings: readonly Finding[]): StoryMoment[] {
  return findings.filter(({ name }) => REMARKS.has(name)).flatMap(({ description, examples }) =>
    examples.slice(0, 1).flatMap(({ sentences }) => sentences.slice(0, 1)).map((text): StoryMoment => ({
      kind: "node",
      text: clip(`${description.title}: ${text}`, SENTENCE_LENGTH_MAX),
      at: -1,
      messages: [],
      operations: [],
    }))
  );
}

/** Returns the time of the last moment, or -1. */
function highestTime(moments: readonly StoryMoment[]): number {
  return moments.reduce((latest, { at }) => Math.max(latest, at), -1);
}

function isExplained({ examples }: Finding): boolean {
  return examples.some(({ cause = [] }) => cause.some(({ kind }) => EXPLAINING.has(kind)));
}

/** Returns the contradiction: the title of the finding with the sentences of its case. */
function verdictMoments(
  { description }: Finding,
  { sentences, events, register, cycle, cause = [] }: Example,
  { rowOfEvent }: StoryParts,
): StoryMoment[] {
  const last = register?.failed ??
    events.reduce<Event | undefined>((a, b) => a !== undefined && a.time > b.time ? a : b, undefined);
  return sentences.slice(0, cycle.length === 0 && cause.length > 0 ? 1 : VERDICT_SENTENCES_MAX).map((
    text,
    i,
  ) => ({
    kind: "verdict",
    text: clip(`${i === 0 ? `${description.title}: ` : ""}${text.split("\n")[0]}`, SENTENCE_LENGTH_MAX),
    at: last === undefined ? -1 : microseconds(last.time),
    messages: [],
    operations: rowsOf(events.map(({ index }) => index), rowOfEvent),
  }));
}

function causeMoment(
  { kind, text, timeNs, messages, operations }: CauseSentence,
  parts: StoryParts,
): StoryMoment {
  return {
    kind,
    text: clip(text, SENTENCE_LENGTH_MAX),
    at: timeNs === undefined ? -1 : microseconds(timeNs),
    messages: rowsOf(messages, parts.rowOfMessage),
    operations: rowsOf(operations, parts.rowOfEvent),
  };
}

function rowsOf(ids: readonly number[], rowOf: ReadonlyMap<number, number>): number[] {
  return [...new Set(ids.flatMap((id) => rowOf.get(id) ?? []))].slice(0, ROWS_MAX);
}

/** Returns the faults during the evidence. Kills and pauses are left out, because causes name those of the nodes concerned. */
function faultMoments(
  moments: readonly StoryMoment[],
  { faults, nodes, operations }: StoryParts,
): StoryMoment[] {
  const areNamed = moments.some(({ kind }) => kind === "fault");
  const spans = moments.filter(({ at }) => at >= 0).map(({ kind, at, operations: rows }) => ({
    from: at,
    to: kind === "operation" ? Math.max(at, ...rows.map((row) => operations.end[row] ?? at)) : at,
  }));
  const weight = ({ from, to }: FaultBand) =>
    spans.filter((span) => from - FLIGHT_US <= span.to && span.from <= to).length;
  const active = faults.filter((band) =>
    band.isDown !== true && !(areNamed && band.kind === "pause") && weight(band) > 0
  );
  return [...active].sort((a, b) => weight(b) - weight(a)).slice(0, FAULT_SENTENCES_MAX).map((band) => ({
    kind: "fault",
    text: clip(faultText(band, nodes), SENTENCE_LENGTH_MAX),
    at: band.from,
    messages: [],
    operations: [],
  }));
}

/** Describes a fault and its time: `The partition cut off n3 from 40.0 ms to 900.0 ms.` */
function faultText({ kind, from, to, cuts, nodes: affected }: FaultBand, nodes: readonly string[]): string {
  const time = `from ${timeText(from * 1000)} to ${timeText(to * 1000)}`;
  if (cuts !== undefined) return `${cutText(kind, cuts, nodes)} ${time}.`;
  const where = affected.length === 0 ? "" : ` at ${names(nodes.filter((node) => affected.includes(node)))}`;
  const effect = definitionOf(kind)?.description;
  return `The fault ${kind} was active${where} ${time}${effect === undefined ? "" : `: it ${effect}`}.`;
}

/** Describes the links that a fault cut. */
function cutText(kind: string, cuts: NonNullable<FaultBand["cuts"]>, nodes: readonly string[]): string {
  const isCut = (from: string, to: string) => cuts[to]?.includes(from) ?? false;
  const groups = new Map<string, string[]>(); // receivers by the senders that they do not hear
  for (const node of nodes) {
    const senders = names(nodes.filter((each) => isCut(each, node)));
    if (senders !== "") groups.set(senders, [...groups.get(senders) ?? [], node]);
  }
  const isMutual = nodes.every((a) => nodes.every((b) => isCut(a, b) === isCut(b, a)));
  if (!isMutual) {
    const parts = [...groups].map(([senders, receivers]) => `${names(receivers)} did not hear ${senders}`);
    return `By the fault ${kind}, ${parts.join("; ")}`;
  }
  const [one = [], other = []] = [...groups.values()].sort((a, b) => a.length - b.length);
  if (groups.size === 2) {
    return one.length === 1 && other.length > 1
      ? `The ${kind} cut off ${names(one)}`
      : `The ${kind} separated ${names(one)} from ${names(other)}`;
  }
  const links = nodes.flatMap((a, i) =>
    nodes.slice(i + 1).filter((b) => isCut(a, b)).map((b) => `${a}–${b}`)
  );
  return `The ${kind} cut the links ${names(links)}`;
}

/** Sorts moments by time. A sentence without a time stays after the one before it. */
function inOrderOfTime(moments: readonly StoryMoment[]): StoryMoment[] {
  let last = -Infinity;
  return moments.map((moment) => {
    last = moment.at < 0 ? last : moment.at;
    return { moment, at: last };
  }).sort((a, b) => a.at - b.at).map(({ moment }) => moment);
}

function mostImportant(moments: readonly StoryMoment[]): StoryMoment[] {
  const kept = new Set(
    [...moments].sort((a, b) => IMPORTANCE.indexOf(a.kind) - IMPORTANCE.indexOf(b.kind))
      .slice(0, STORY_SENTENCES_MAX),
  );
  return moments.filter((moment) => kept.has(moment));
}

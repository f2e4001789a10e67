/**
 * Detects message storms: nodes that answer messages with ever more messages, or without end. The bench ends such a run,
 * because it would only fill the memory and the disk.
 *
 * Tested by `tests/bench/storm_test.ts`.
 */

import { stringifyExactJson } from "../../protocol/exact_json.ts";
import { isClient } from "../../protocol/message.ts";
import type { Envelope } from "../../sim/envelope.ts";
import type { EarlyEnd } from "../store/file_limit.ts";
import { plural } from "../format.ts";

/** Minimum number of messages between nodes in a storm, for any number of operations. */
const STORM_MESSAGES_MIN = 300_000;
/** Minimum messages per operation in a storm. A value that each of 25 nodes forwards to all others takes 600. */
const STORM_PER_OPERATION_MIN = 5000;
/** Minimum messages per second in a storm. Nodes may send periodic requests below this rate indefinitely. */
const STORM_PER_SECOND_MIN = 10_000;
/** The number of messages between two measurements of the rate. */
const MESSAGES_PER_CHECK = 20_000;
/** The number of messages before the first that is inspected: a storm has many more, and most runs have fewer. */
const UNSAMPLED_MESSAGES = 20_000;
/** The sampling interval: one of this number of messages is inspected. */
const SAMPLE_EVERY = 16;
/** The maximum number of distinct messages that are counted. */
const BODIES_MAX = 4096;
/** The maximum number of characters shown of a message. */
const EXAMPLE_LENGTH_MAX = 120;

/** Watches the messages between nodes. */
export class StormWatch {
  readonly #nowMs: () => number;
  readonly #end: (storm: EarlyEnd) => void;
  #messages = 0;
  #operations = 0;
  #checkedMs = 0;
  #isEnded = false;
  readonly #edges = new Map<string, Map<string, number>>(); // by type, then `src dest`
  readonly #bodies = new Map<string, number>();

  constructor(nowMs: () => number, end: (storm: EarlyEnd) => void) {
    this.#nowMs = nowMs;
    this.#end = end;
  }

  /** Records an operation that a client starts. */
  began(): void {
    this.#operations++;
  }

  /** Records a message. */
  sent(message: Envelope): void {
    if (isClient(message.src) || isClient(message.dest)) return;
    this.#messages++;
    if (this.#messages > UNSAMPLED_MESSAGES && this.#messages % SAMPLE_EVERY === 0) this.#sample(message);
    if (this.#messages % MESSAGES_PER_CHECK === 0) this.#check();
  }

  /** Ends the run when too many messages are in flight. */
  overflowed(count: number): void {
    this.#finish(`, ${count} of them in flight at the same time`);
  }

  #check(): void {
    const nowMs = this.#nowMs();
    const perSecond = MESSAGES_PER_CHECK / Math.max(nowMs - this.#checkedMs, 1e-3) * 1000;
    this.#checkedMs = nowMs;
    if (
      this.#messages >= STORM_MESSAGES_MIN && perSecond >= STORM_PER_SECOND_MIN &&
      this.#messages >= STORM_PER_OPERATION_MIN * this.#operations
    ) {
      this.#finish("");
    }
  }

  #sample({ src, dest, body }: Envelope): void {
    const type = String(body["type"]);
    let edges = this.#edges.get(type);
    if (edges === undefined) this.#edges.set(type, edges = new Map());
    const edge = `${src} ${dest}`;
    edges.set(edge, (edges.get(edge) ?? 0) + 1);
    const { msg_id: _id, in_reply_to: _reply, ...content } = body;
    const text = stringifyExactJson(content).slice(0, EXAMPLE_LENGTH_MAX);
    const count = this.#bodies.get(text);
    if (count !== undefined || this.#bodies.size < BODIES_MAX) this.#bodies.set(text, (count ?? 0) + 1);
  }

  #finish(symptom: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    const { type, edges } = this.#mostFrequent();
    const circle = circleOf(edges);
    const [example, count] = [...this.#bodies].reduce((most, each) => each[1] > most[1] ? each : most, [
      "",
      0,
    ]);
    const path = circle.length > 0
      ? `They form a cycle, ${circle.join(" → ")}`
      : "Nodes send them without end";
    const often = count < 2 ? "" : ` About ${count * SAMPLE_EVERY} of them are ${example}.`;
    const counts = `${plural(this.#messages, "message")} for ${plural(this.#operations, "operation")}`;
    const text = `A storm of ${type} messages ended the run. ${path}: ${counts}${symptom}.${often}`;
    this.#end({ kind: "storm", text, messages: this.#messages, operations: this.#operations, type, circle });
  }

  #mostFrequent(): { readonly type: string; readonly edges: ReadonlyMap<string, number> } {
    let found = { type: "unknown", edges: new Map<string, number>(), count: 0 };
    for (const [type, edges] of this.#edges) {
      const count = [...edges.values()].reduce((sum, each) => sum + each, 0);
      if (count > found.count) found = { type, edges, count };
    }
    return found;
  }
}

/** Returns the shortest cycle that contains the most frequent edge, with its first node repeated at the end. */
function circleOf(edges: ReadonlyMap<string, number>): readonly string[] {
  const [heaviest] = [...edges].sort(([, a], [, b]) => b - a)[0] ?? [];
  if (heaviest === undefined) return [];
  const [start = "", first = ""] = heaviest.split(" ");
  const paths: string[][] = [[start, first]];
  const seen = new Set([first]);
  for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
    for (const edge of edges.keys()) {
      const [from = "", to = ""] = edge.split(" ");
      if (from !== path.at(-1)) continue;
      if (to === start) return [...path, to];
      if (!seen.has(to)) {
        seen.add(to);
        paths.push([...path, to]);
      }
    }
  }
  return [];
}

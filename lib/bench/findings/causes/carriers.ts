/**
 * Finds the messages between nodes that carry a value, without knowing the nodes' protocol. A field is a carrier of
 * values if, during the whole run, it never held a value unknown to its sender. A sender knows a value if a client
 * gave it to a node earlier and it reached the sender. Numbers in metadata (counters, clocks, positions) break that
 * rule early, so an equal number there is not taken for the value. Reads must agree as well: a node must usually
 * return the values that such a field delivered.
 *
 * Tested by `tests/bench/findings/summaries_test.ts`.
 */

import { canonicalJson } from "../../../protocol/canonical_json.ts";
import { isObject } from "../../../protocol/schema.ts";
import { isBetweenNodes, isFromClient, type RunMessage } from "./message_log.ts";
import type { Operation, RunView } from "./run_view.ts";

/** Maximum depth of the search in a body. */
const DEPTH_MAX = 6;
/** Maximum number of leaves examined per body. */
const LEAVES_MAX = 5000;
/** Maximum fraction of reads that may lack a value delivered by a field. Above it, the field does not count. */
const UNREAD_MAX = 0.5;

/** A value that a client gave to a node, with its key if the workload has keys. */
export interface GivenValue {
  readonly key?: string;
  readonly value: unknown;
  readonly operation: Operation;
}

/** A leaf of a body: a string, a number, or a boolean. */
interface Leaf {
  readonly value: string;
  /** The leaf's field in several spellings: as a list element, as the n-th element of a tuple, … */
  readonly paths: readonly string[];
  /** The field names on the leaf's path, and the leaves before it in lists. Each may name the key of the value. */
  readonly context: ReadonlySet<string>;
}

/** The messages between nodes that carry each value. */
export class Carriers {
  readonly #messages: ReadonlyMap<string, readonly RunMessage[]>;

  constructor(
    run: RunView,
    given: readonly GivenValue[],
    returned: ReadonlyMap<Operation, readonly unknown[]>,
  ) {
    this.#messages = index(run, given, returned);
  }

  /** Returns the messages that carry a value, in the order of sending. */
  of({ key, value }: Pick<GivenValue, "key" | "value">): readonly RunMessage[] {
    return this.#messages.get(nameOf(key, canonicalJson(value))) ?? [];
  }
}

/** Returns the name of a value of a key, if there are keys; `value` is canonical JSON. */
function nameOf(key: string | undefined, value: string): string {
  return `${key ?? ""}\0${value}`;
}

/** By value, then by its keys: when a client first gave it to a node, in ns. */
type FirstGiven = ReadonlyMap<string, ReadonlyMap<string | undefined, number>>;

function firstGivenOf(given: readonly GivenValue[]): FirstGiven {
  const first = new Map<string, Map<string | undefined, number>>();
  for (const { key, value, operation } of given) {
    const name = canonicalJson(value);
    let times = first.get(name);
    if (times === undefined) first.set(name, times = new Map());
    times.set(key, Math.min(times.get(key) ?? Infinity, operation.invoke.time));
  }
  return first;
}

/** Statistics of one field. */
interface Field {
  /** True if the field held a value that its sender could not know. */
  impossible: boolean;
  /** The number of reads that had, and that lacked, a value that the field delivered to the reader. */
  read: number;
  unread: number;
  readonly brought: Map<string, Map<string, number>>;
}

function index(
  run: RunView,
  given: readonly GivenValue[],
  returned: ReadonlyMap<Operation, readonly unknown[]>,
): Map<string, RunMessage[]> {
  const nodes = new Set(run.nodes);
  const firstGiven = firstGivenOf(given);
  const least = (times: Iterable<number>) => [...times].reduce((a, b) => Math.min(a, b));
  const givenAt = new Map([...firstGiven].map(([value, times]) => [value, least(times.values())]));
  const fields = new Map<string, Field>();
  const reached = new Map(run.nodes.map((node) => [node, new Map<string, number>()]));
  const reach = (node: string, value: string, timeNs: number) => {
    const times = reached.get(node);
    if (times !== undefined && timeNs < (times.get(value) ?? Infinity)) times.set(value, timeNs);
  };
  for (const { value, operation } of given) {
    reach(operation.node, canonicalJson(value), operation.invoke.time);
  }
  const carried: { readonly message: RunMessage; readonly leaves: readonly Leaf[] }[] = [];
  for (const message of run.log?.messages ?? []) {
    if (isFromClient(message) || !nodes.has(message.dest)) continue;
    const leaves = leavesOf(message.body);
    const between = isBetweenNodes(message, nodes);
    for (const { value, paths } of leaves) {
      if (message.deliveryStatus === "received") reach(message.dest, value, message.resolvedNs);
      if (!between) continue;
      const isKnown = message.sentNs >= (givenAt.get(value) ?? Infinity) &&
        message.sentNs >= (reached.get(message.src)?.get(value) ?? Infinity);
      for (const path of paths) {
        const field = fieldOf(fields, `${String(message.body["type"])} ${path}`);
        if (!isKnown) field.impossible = true;
        else if (message.deliveryStatus === "received") bring(field, message.dest, value, message.resolvedNs);
      }
    }
    if (between) carried.push({ message, leaves });
  }
  compareReads(fields, run, returned);
  const found = new Map<string, RunMessage[]>();
  for (const { message, leaves } of carried) {
    const seen = new Set<string>();
    for (const { value, paths, context } of leaves) {
      const times = firstGiven.get(value);
      if (times === undefined) continue;
      const type = String(message.body["type"]);
      if (!paths.some((path) => isCarrier(fields.get(`${type} ${path}`)))) continue;
      for (const key of [undefined, ...context]) {
        const givenNs = times.get(key);
        const name = nameOf(key, value);
        if (givenNs === undefined || message.sentNs < givenNs || seen.has(name)) continue;
        seen.add(name);
        const list = found.get(name);
        if (list === undefined) found.set(name, [message]);
        else list.push(message);
      }
    }
  }
  return found;
}

function fieldOf(fields: Map<string, Field>, name: string): Field {
  let field = fields.get(name);
  if (field === undefined) {
    field = { impossible: false, read: 0, unread: 0, brought: new Map() };
    fields.set(name, field);
  }
  return field;
}

function bring({ brought, impossible }: Field, node: string, value: string, timeNs: number): void {
  if (impossible) return;
  let values = brought.get(node);
  if (values === undefined) brought.set(node, values = new Map());
  if (!values.has(value)) values.set(value, timeNs);
}

function isCarrier(field: Field | undefined): boolean {
  if (field === undefined || field.impossible) return false;
  const all = field.read + field.unread;
  return all === 0 || field.unread / all <= UNREAD_MAX;
}

/** Counts, for each field, the values delivered to a node that its later reads return. */
function compareReads(
  fields: ReadonlyMap<string, Field>,
  run: RunView,
  returned: ReadonlyMap<Operation, readonly unknown[]>,
): void {
  // The last read of each node suffices.
  const lastReads = new Map([...returned.keys()].map((read) => [read.node, read]));
  const last = new Map([...lastReads].map(([node, read]) => [node, {
    timeNs: read.invoke.time,
    values: new Set(returned.get(read)?.map(canonicalJson)),
  }]));
  for (const field of fields.values()) {
    if (field.impossible) continue;
    for (const [node, values] of field.brought) {
      const read = last.get(node);
      if (read === undefined) continue;
      for (const [value, timeNs] of values) {
        // A kill in between may have lost the value.
        if (timeNs > read.timeNs || run.eventsOf(node, timeNs, read.timeNs).length > 0) continue;
        if (read.values.has(value)) field.read++;
        else field.unread++;
      }
    }
  }
}

/** Header fields, which do not belong to the nodes' own protocol. */
const HEADERS: ReadonlySet<string> = new Set(["type", "msg_id", "in_reply_to"]);

function leavesOf(body: Readonly<Record<string, unknown>>): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (value: unknown, paths: readonly string[], context: ReadonlySet<string>, depth: number) => {
    if (leaves.length >= LEAVES_MAX || depth > DEPTH_MAX) return;
    if (Array.isArray(value)) {
      const isTuple = value.every((each) => !Array.isArray(each) && !isObject(each));
      value.forEach((each, i) =>
        visit(each, steps(paths, i, isTuple), withLeaves(context, value.slice(0, Math.min(i, 3))), depth + 1)
      );
    } else if (isObject(value)) {
      const siblings = withLeaves(context, Object.values(value));
      for (const [name, each] of Object.entries(value)) {
        if (depth === 0 && HEADERS.has(name)) continue;
        const endings = depth === 0
          ? [`.${name}`]
          : [...paths.map((path) => `${path}.${name}`), ...paths.map((path) => `${path}.*`)];
        visit(each, endings, new Set([...siblings, name]), depth + 1);
        // Some nodes write sets as objects whose keys are the values.
        if (depth > 0) {
          leaves.push({ value: numberOrText(name), paths: paths.map((path) => `${path}{}`), context });
        }
      }
    } else if (value !== null && value !== undefined) {
      leaves.push({ value: canonicalJson(value), paths, context });
    }
  };
  visit(body, [""], new Set(), 0);
  return leaves;
}

function steps(paths: readonly string[], i: number, isTuple: boolean): string[] {
  const endings = isTuple
    ? ["[]", ...(i < 4 ? [`[${i}]`] : []), ...(i >= 1 ? ["[1…]"] : []), ...(i >= 2 ? ["[2…]"] : [])]
    : ["[]"];
  return paths.flatMap((path) => endings.map((ending) => path + ending));
}

function withLeaves(context: ReadonlySet<string>, values: readonly unknown[]): ReadonlySet<string> {
  const texts = values.filter((each) => typeof each === "string" || typeof each === "number").slice(0, 64);
  return new Set([...context, ...texts.map(String)]);
}

function numberOrText(name: string): string {
  return /^-?\d+$/.test(name) ? name : canonicalJson(name);
}

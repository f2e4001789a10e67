/**
 * Follows data through the messages: a value, a transaction's operation, a log entry, or a request to its reply.
 *
 * Tested by `tests/bench/report/follow_test.ts`.
 */

import type { CarriedColumns, MessageColumns } from "../data/report_data.ts";

/** The spread of a value to all actors. */
export interface Spread {
  /** The messages that carry the value, in the order of sending. */
  readonly carriers: readonly number[];
  /** For each actor with the value: when it received it and by which message; -1 for its origins. */
  readonly steps: readonly { readonly actor: number; readonly at: number; readonly by: number }[];
}

/**
 * Returns a test for bodies that carry the wanted data. A number counts as a list element, or as a field value that
 * holds data: not as an id, a time or a count. `entry 17` is the 17th entry of a replicated log. Any other text
 * counts if the body contains it.
 */
export function carrier(wanted: string): (body: string) => boolean {
  const text = wanted.trim();
  if (text === "") return () => false;
  const [, entry] = /^entry (\d+)$/.exec(text) ?? [];
  if (entry !== undefined) return (body) => entriesOf(body).includes(Number(entry));
  const escaped = text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  if (!/^-?\d+(\.\d+)?$/.test(text)) {
    let compact = text;
    try {
      compact = JSON.stringify(JSON.parse(text));
    } catch {
      // Text that is not JSON represents itself.
    }
    return (body) => body.includes(compact) || body.includes(text);
  }
  const fields = "message|element|value|msg|delta|echo|from|to|id|entry|item";
  const pattern = new RegExp(`(?:[\\[,]|"(?:${fields})":)${escaped}(?![\\d.eE])(?!":)`);
  return (body) => {
    if (!body.includes(text)) return false;
    // In this project's gossip, a list's first element is the position of the other elements in their origin's log.
    const plain = body.startsWith('{"type":"gossip"') ? body.replace(/":\[\d+,/g, '":[') : body;
    return pattern.test(plain);
  };
}

/**
 * Returns a test for messages that carry the wanted data. Between nodes, a value of a client is in the messages that the report's
 * data names, because an equal number in metadata is not that value. No message carries a value before a client gave it.
 */
export function carrierIn(
  messages: MessageColumns,
  { wanted, carried, nodes }: {
    readonly wanted: string;
    readonly carried: CarriedColumns | null;
    /** The number of nodes. */
    readonly nodes: number;
  },
): (body: string, row: number) => boolean {
  const carries = carrier(wanted);
  const value = scalarText(wanted);
  if (carried === null || value === undefined) return carries;
  const found = carried.values.indexOf(value);
  if (found < 0 && !carried.isComplete) return carries;
  const rows = new Set(carried.rows[found]);
  const given = carried.given[found] ?? -Infinity;
  return (body, row) => {
    const isBetweenNodes = (messages.src[row] ?? 0) < nodes && (messages.dest[row] ?? 0) < nodes;
    return isBetweenNodes ? rows.has(row) : (messages.sent[row] ?? 0) >= given && carries(body);
  };
}

/** Returns a number or a string as JSON; undefined for other data, such as an operation or a log entry. */
export function scalarText(wanted: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(wanted);
  } catch {
    return undefined;
  }
  return typeof value === "number" || typeof value === "string" ? JSON.stringify(value) : undefined;
}

/** Returns the positions of the log entries in a body. Raft's messages name the entry before the carried ones. */
export function entriesOf(body: string): number[] {
  if (!body.includes('"entries":[')) return [];
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [];
  }
  if (typeof value !== "object" || value === null) return [];
  const fields = Object.entries(value);
  const entries: unknown = fields.find(([name]) => name === "entries")?.[1];
  const before: unknown = fields.find(([name]) => /^prev.*index$/i.test(name))?.[1];
  if (!Array.isArray(entries) || typeof before !== "number") return [];
  return entries.map((_, i) => before + 1 + i);
}

/** Returns the spread of data: a receiver has it from the first delivered message that carries it. */
export function spreadOf(messages: MessageColumns, carries: (body: string, row: number) => boolean): Spread {
  const carriers: number[] = [];
  const known = new Map<number, { at: number; by: number }>();
  for (let row = 0; row < messages.sent.length; row++) {
    if (!carries(messages.body[row] ?? "", row)) continue;
    carriers.push(row);
    const src = messages.src[row] ?? 0;
    const dest = messages.dest[row] ?? 0;
    const sent = messages.sent[row] ?? 0;
    const resolved = messages.resolved[row] ?? -1;
    const source = known.get(src);
    if (source === undefined || source.at > sent) known.set(src, { at: sent, by: -1 });
    if (messages.deliveryStatus[row] !== 0) continue;
    const target = known.get(dest);
    if (target === undefined || target.at > resolved) known.set(dest, { at: resolved, by: row });
  }
  const steps = [...known].map(([actor, { at, by }]) => ({ actor, at, by })).sort((a, b) => a.at - b.at);
  return { carriers, steps };
}

/** Returns the messages of one call: the request, its copies, and the replies to it. */
export function callOf(messages: MessageColumns, row: number): number[] {
  const { src, dest, msgId, inReplyTo, sent } = messages;
  const reply = (inReplyTo[row] ?? -1) >= 0;
  const caller = reply ? dest[row] : src[row];
  const callee = reply ? src[row] : dest[row];
  const id = reply ? inReplyTo[row] : msgId[row];
  if (id === undefined || id < 0) return [row];
  const found: number[] = [];
  for (let other = 0; other < sent.length; other++) {
    const asks = src[other] === caller && dest[other] === callee && msgId[other] === id;
    const answers = src[other] === callee && dest[other] === caller && inReplyTo[other] === id;
    if (asks || answers) found.push(other);
  }
  return found;
}

/** Returns data in a body or an operation's value that may be worth following, as texts for {@linkcode carrier}. */
export function followable(json: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return [];
  }
  const found = new Set(entriesOf(json).slice(0, 3).map((position) => `entry ${position}`));
  const add = (one: unknown) => {
    if (typeof one === "number" || typeof one === "string") found.add(JSON.stringify(one));
  };
  const operations = (list: unknown) => {
    if (!Array.isArray(list)) return;
    for (const operation of list) {
      if (!Array.isArray(operation)) continue;
      if (operation[0] === "append" || operation[0] === "w") found.add(JSON.stringify(operation));
      if (operation[0] === "send") add(Array.isArray(operation[2]) ? operation[2][1] : operation[2]);
    }
  };
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, one] of Object.entries(value)) {
      if (["message", "element", "value", "msg", "delta", "echo", "id"].includes(name)) add(one);
      if (name === "txn") operations(one);
    }
  } else if (Array.isArray(value)) operations(value);
  else add(value);
  return [...found].slice(0, 6);
}

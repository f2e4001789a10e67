/** Follows something through the messages: a value, a transaction's operation, a log entry, or a request to its reply. */

import type { MessageColumns } from "../data/report_data.ts";

/** How a value came to everybody. */
export interface Spread {
  /** The messages that carry it, in the order of their sending. */
  readonly carriers: readonly number[];
  /** For each who came to know it: when, and by which message; -1 for those it came from. */
  readonly steps: readonly { readonly actor: number; readonly at: number; readonly by: number }[];
}

/**
 * A test for bodies that carry something. A number counts where it is an element of a list, or the value of a field that
 * holds data: not as an id, a time or a count. `entry 17` is the 17th entry of a replicated log. Anything else counts
 * where its text stands.
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
      // It is no JSON, and stands for itself.
    }
    return (body) => body.includes(compact) || body.includes(text);
  }
  const fields = "message|element|value|msg|delta|echo|from|to|id|entry|item";
  const pattern = new RegExp(`(?:[\\[,]|"(?:${fields})":)${escaped}(?![\\d.eE])(?!":)`);
  return (body) => {
    if (!body.includes(text)) return false;
    // In this project's gossip a list's first element says where in its origin's log the others begin.
    const plain = body.startsWith('{"type":"gossip"') ? body.replace(/":\[\d+,/g, '":[') : body;
    return pattern.test(plain);
  };
}

/** The positions of the log entries in a body: Raft's messages say which entry comes before those that they carry. */
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

/** How what `carries` finds spread: a receiver knows it from the first delivered message that carries it. */
export function spreadOf(messages: MessageColumns, carries: (body: string) => boolean): Spread {
  const carriers: number[] = [];
  const known = new Map<number, { at: number; by: number }>();
  for (let row = 0; row < messages.sent.length; row++) {
    if (!carries(messages.body[row] ?? "")) continue;
    carriers.push(row);
    const src = messages.src[row] ?? 0;
    const dest = messages.dest[row] ?? 0;
    const sent = messages.sent[row] ?? 0;
    const met = messages.met[row] ?? -1;
    const source = known.get(src);
    if (source === undefined || source.at > sent) known.set(src, { at: sent, by: -1 });
    if (messages.fate[row] !== 0) continue;
    const target = known.get(dest);
    if (target === undefined || target.at > met) known.set(dest, { at: met, by: row });
  }
  const steps = [...known].map(([actor, { at, by }]) => ({ actor, at, by })).sort((a, b) => a.at - b.at);
  return { carriers, steps };
}

/** The messages of one call: the request, its copies, and the replies to it. */
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

/** What in a body, or in an operation's value, may be worth following: texts for {@linkcode carrier}. */
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

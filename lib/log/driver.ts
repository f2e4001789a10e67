/** Ties logs by origin to a node: who it is, and what it keeps on disk. */

import { invariant } from "../protocol/errors.ts";
import type { Json } from "../protocol/schema.ts";
import type { Node } from "../runtime/node.ts";
import { type Deliver, OriginLogs } from "./origin_logs.ts";

/** The log of all entries in the store, each `[origin, entry]`, in the order in which this node came to know them. */
const STORED_LOG = "entries";
const STORED_ORIGIN = "origin";

/** A node's logs. */
export interface NodeLogs {
  readonly logs: OriginLogs;
  /** This start of this node: never the same twice. */
  readonly incarnation: string;
  /** Adds an entry to this node's own log; its index. It is durable before anything that this turn sends leaves. */
  append(entry: Json): number;
}

/**
 * Opens a node's logs. With a store, all entries are kept there, and a restarted node goes on with its own log where it
 * stopped; `deliver` is told what was kept, too, own entries included. Without, it has forgotten, and begins a log of its
 * own under another name: what it wrote before lives on where it was received, and nowhere is one index used twice.
 */
export function openLogs(node: Node, deliver: Deliver): NodeLogs {
  const { storage } = node;
  const incarnation = node.random.id().slice(0, 12);
  const origin = storage?.get(STORED_ORIGIN) ?? `${node.id}.${incarnation}`;
  storage?.put(STORED_ORIGIN, origin);
  let restoring = true;
  const keep: Deliver = (entry, from) => {
    if (!restoring) storage?.append(STORED_LOG, JSON.stringify([from.origin, entry]));
    deliver(entry, from);
  };
  const logs = new OriginLogs({ origin, deliver: keep });
  for (const { value } of storage?.read(STORED_LOG) ?? []) {
    const record: unknown = JSON.parse(value);
    invariant(Array.isArray(record) && typeof record[0] === "string", "a stored entry has another form");
    logs.merge(record[0], [logs.vector.get(record[0]) ?? 0, record[1]]);
  }
  restoring = false;
  return {
    logs,
    incarnation,
    append(entry) {
      storage?.append(STORED_LOG, JSON.stringify([origin, entry]));
      return logs.append(entry);
    },
  };
}

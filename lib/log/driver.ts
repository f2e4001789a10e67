/**
 * Connects logs by origin to a node: the name of its origin, and its disk.
 *
 * Tested by `tests/scenarios/log_sweep_test.ts`.
 */

import { invariant } from "../protocol/errors.ts";
import { parseExactJson, stringifyExactJson } from "../protocol/exact_json.ts";
import type { Json } from "../protocol/schema.ts";
import type { Node } from "../runtime/node.ts";
import { type Deliver, OriginLogs } from "./origin_logs.ts";

/** The stored log of all entries, each as `[origin, entry]`, in the order in which this node received them. */
const STORED_LOG = "entries";
/** The stored name of the origin that this node writes. */
const STORED_ORIGIN = "origin";

/** The logs of a node. */
export interface NodeLogs {
  readonly logs: OriginLogs;
  /** The name of this start of the node. It is never used again. */
  readonly incarnation: string;
  /** Appends an entry to this node's own log, and returns its index. It is durable before a message of this turn leaves. */
  append(entry: Json): number;
}

/** Draws the name of this start of a node. */
export function newIncarnation(node: Node): string {
  return node.random.id().slice(0, 12);
}

/**
 * Opens the logs of a node. With a disk, all entries are stored there. After a restart, `deliver` receives the stored
 * entries, including the node's own, and the node continues its own log. Without a disk, the restarted node has lost its
 * entries, so it starts a log under a new name. Its previous entries remain wherever they were received, and no index of a
 * log is used twice.
 */
export function openLogs(node: Node, deliver: Deliver, incarnation: string = newIncarnation(node)): NodeLogs {
  const { storage } = node;
  const origin = storage?.get(STORED_ORIGIN) ?? `${node.id}.${incarnation}`;
  storage?.put(STORED_ORIGIN, origin);
  let restoring = true;
  const keep: Deliver = (entry, from) => {
    if (!restoring) storage?.append(STORED_LOG, stringifyExactJson([from.origin, entry]));
    deliver(entry, from);
  };
  const logs = new OriginLogs({ origin, deliver: keep });
  for (const { value } of storage?.read(STORED_LOG) ?? []) {
    const record: unknown = parseExactJson(value);
    invariant(Array.isArray(record) && typeof record[0] === "string", "a stored entry is malformed");
    logs.merge(record[0], [logs.vector.get(record[0]) ?? 0, record[1]]);
  }
  restoring = false;
  return {
    logs,
    incarnation,
    append(entry) {
      storage?.append(STORED_LOG, stringifyExactJson([origin, entry])); // plant: late-store
      return logs.append(entry);
    },
  };
}

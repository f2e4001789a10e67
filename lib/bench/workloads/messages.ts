/** The requests of each workload. Tested by `tests/docs/examples_test.ts`. */

import * as broadcast from "../../protocol/broadcast.ts";
import * as counter from "../../protocol/counter.ts";
import { echo } from "../../protocol/echo.ts";
import * as gSet from "../../protocol/g_set.ts";
import * as kafka from "../../protocol/kafka.ts";
import * as kv from "../../protocol/kv.ts";
import type { Rpc } from "../../protocol/message.ts";
import { listAppend, rwRegister } from "../../protocol/txn.ts";
import { generate } from "../../protocol/unique_ids.ts";
import type { Schema } from "../../protocol/schema.ts";
import { type WorkloadName } from "../../checkers/workloads.ts";

/** A declaration without its types. */
export interface DocumentedMessage {
  readonly type: string;
  readonly description: string;
  readonly request: { readonly description: string };
  readonly reply: Schema<unknown>;
  readonly example?: { readonly request: object; readonly reply: object };
}

/** Returns a declaration without its types. */
export function documented<Q extends object, R extends object>(declared: Rpc<Q, R>): DocumentedMessage {
  return declared;
}

/** The requests that a node receives in each workload, in addition to `init`. */
const MESSAGES: Readonly<Record<WorkloadName, readonly DocumentedMessage[]>> = {
  "echo": [documented(echo)],
  "unique-ids": [documented(generate)],
  "broadcast": [broadcast.topology, broadcast.broadcast, broadcast.read].map((each) =>
    documented<object, object>(each)
  ),
  "g-set": [documented(gSet.add), documented(gSet.read)],
  "g-counter": [documented(counter.add), documented(counter.read)],
  "pn-counter": [documented(counter.add), documented(counter.read)],
  "kafka": [
    documented(kafka.send),
    documented(kafka.poll),
    documented(kafka.commitOffsets),
    documented(kafka.listCommittedOffsets),
  ],
  "lin-kv": [documented(kv.read), documented(kv.write), documented(kv.cas)],
  "txn-list-append": [documented(listAppend)],
  "txn-rw-register": [documented(rwRegister)],
};

/** Returns the requests that a node receives in a workload, in addition to `init`. */
export function messagesOf(workload: WorkloadName): readonly DocumentedMessage[] {
  return MESSAGES[workload];
}

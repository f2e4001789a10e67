/**
 * Connects a state machine that an engine without a leader replicates to a node: its settings, its store and its messages.
 *
 * Tested by `tests/nodes/txn_list_append_test.ts`.
 */

import type { MessageSpec } from "../../protocol/message.ts";
import type { Json } from "../../protocol/schema.ts";
import type { Node } from "../../runtime/node.ts";
import { number, type Values } from "../../runtime/setting.ts";
import { type DrivenReplica, ReplicaDriver, type Replicated } from "../driver.ts";
import { REPLICA_DEFAULTS, type StateMachine } from "../replica.ts";
import { type LeaderlessMessage, type Route, toBody } from "./messages.ts";
import { type RecordBatch, type RecordForms, RecordStorage, type StoredRecords } from "./record_storage.ts";
import type { KeyUse, LeaderlessConfig } from "./types.ts";

/** Settings of the engines without a leader alone. */
export const leaderlessSettings = {
  recoveryTimeoutMs: number(1000, {
    min: 10,
    max: 60_000,
    description:
      "Without a leader: time, in ms, after which another node finishes a command that does not progress. " +
      "Above three round trips.",
  }),
} as const;

/** The state machine and the settings of a node. Raft has the first settings, too. */
export interface LeaderlessOptions extends Values<typeof leaderlessSettings> {
  readonly machine: StateMachine;
  /** Returns the keys that a command uses. Commands without a common key, or that only read it, commute. */
  readonly keysOf: (command: Json) => readonly KeyUse[];
  readonly retryMs: number;
  readonly thrifty: boolean;
  readonly requestTimeoutMs: number;
  readonly batchIntervalMs: number;
  readonly snapshotEntries: number;
}

/** The surroundings in which a replica starts. */
export interface Surroundings<Record, Snapshot> extends Pick<LeaderlessOptions, "machine" | "keysOf"> {
  readonly random: () => number;
  readonly stored: StoredRecords<Record, Snapshot>;
  readonly now: number;
}

/** The parts that depend on the engine. */
export interface LeaderlessEngine<Part, Request, Record, Snapshot> {
  readonly forms: RecordForms<Record, Snapshot>;
  readonly spec: MessageSpec<Request, never>;
  readonly toMessage: (body: Request, route: Route) => LeaderlessMessage<Part>;
  readonly start: (
    config: LeaderlessConfig,
    surroundings: Surroundings<Record, Snapshot>,
  ) => DrivenReplica<LeaderlessMessage<Part>, RecordBatch<Record, Snapshot>> & {
    readonly recordCount: number;
  };
}

/** Replicates a state machine over all nodes that `init` named. */
export function replicateWithoutLeader<Part, Request, Record, Snapshot>(
  node: Node,
  options: LeaderlessOptions,
  { forms, spec, toMessage, start }: LeaderlessEngine<Part, Request, Record, Snapshot>,
): Replicated {
  const startName = node.random.id().slice(0, 12);
  const storage = node.storage === undefined ? undefined : new RecordStorage(node.storage, forms);
  const { machine, keysOf, retryMs, thrifty, requestTimeoutMs, batchIntervalMs } = options;
  const replica = start({
    id: node.id,
    nodes: node.ids,
    incarnation: storage?.incarnation(() => startName) ?? startName,
    retryMs,
    thrifty,
    recoveryMs: options.recoveryTimeoutMs,
    requestTimeoutMs,
    pendingMax: REPLICA_DEFAULTS.requests.pendingMax,
    batchIntervalMs,
    snapshotRecords: options.snapshotEntries,
  }, {
    machine,
    keysOf,
    random: () => node.random.next(),
    stored: storage?.load() ?? { snapshot: undefined, records: [], admission: undefined },
    now: node.now(),
  });
  const driver = new ReplicaDriver<LeaderlessMessage<Part>, RecordBatch<Record, Snapshot>>(node, {
    replica,
    save: (batch) => storage?.save(batch),
    toBody: (message) => toBody(spec.type, message),
  });
  node.on(spec, (body, from) => {
    if (node.ids.includes(from)) driver.receive(toMessage(body, { from, to: node.id })); // clients take no part
  });
  node.watch("records", () => replica.recordCount);
  return driver;
}

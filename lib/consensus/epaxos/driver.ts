/**
 * Connects a state machine that EPaxos replicates to a node: its settings, its store and its messages.
 *
 * Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { Node } from "../../runtime/node.ts";
import { number, type Values } from "../../runtime/setting.ts";
import { ReplicaDriver, type Replicated } from "../driver.ts";
import { RecordStorage } from "../leaderless/record_storage.ts";
import { REPLICA_DEFAULTS, type StateMachine } from "../replica.ts";
import { EPAXOS_FORMS, epaxosMessage, toBody, toMessage } from "./messages.ts";
import { EpaxosReplica } from "./replica.ts";
import type { KeyUse } from "../leaderless/types.ts";
import type { EpaxosBatch, EpaxosMessage } from "./types.ts";

/** Settings of EPaxos alone. */
export const epaxosSettings = {
  recoveryTimeoutMs: number(1000, {
    min: 10,
    max: 60_000,
    description:
      "EPaxos: time, in ms, after which another node finishes a command that does not progress. Above two round trips.",
  }),
} as const;

/** The settings of EPaxos that Raft has, too. */
interface SharedSettings {
  readonly retryMs: number;
  readonly thrifty: boolean;
  readonly requestTimeoutMs: number;
  readonly batchIntervalMs: number;
  readonly snapshotEntries: number;
}

/**
 * Replicates a state machine over all nodes that `init` named. `keysOf` returns the keys that a command uses: commands without a common key,
 * or that only read it, commute.
 */
export function replicateByEpaxos(
  node: Node,
  options:
    & {
      readonly machine: StateMachine;
      readonly keysOf: (command: Json) => readonly KeyUse[];
    }
    & SharedSettings
    & Values<typeof epaxosSettings>,
): Replicated {
  const startName = node.random.id().slice(0, 12);
  const storage = node.storage === undefined ? undefined : new RecordStorage(node.storage, EPAXOS_FORMS);
  const {
    machine,
    keysOf,
    retryMs,
    thrifty,
    requestTimeoutMs,
    batchIntervalMs,
    snapshotEntries,
    recoveryTimeoutMs,
  } = options;
  const replica = new EpaxosReplica({
    id: node.id,
    nodes: node.ids,
    incarnation: storage?.incarnation(() => startName) ?? startName,
    retryMs,
    thrifty,
    recoveryMs: recoveryTimeoutMs,
    requestTimeoutMs,
    pendingMax: REPLICA_DEFAULTS.requests.pendingMax,
    batchIntervalMs,
    snapshotRecords: snapshotEntries,
  }, {
    machine,
    keysOf,
    random: () => node.random.next(),
    stored: storage?.load() ?? { snapshot: undefined, records: [], admission: undefined },
    now: node.now(),
  });
  const driver = new ReplicaDriver<EpaxosMessage, EpaxosBatch>(node, {
    replica,
    save: (batch) => storage?.save(batch),
    toBody,
  });
  node.on(epaxosMessage, (body, from) => {
    if (node.ids.includes(from)) driver.receive(toMessage(body, { from, to: node.id })); // clients take no part
  });
  node.watch("instances", () => replica.instanceCount);
  return driver;
}

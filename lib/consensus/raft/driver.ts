/** Connects a state machine that Raft replicates to a node: its settings, its store and its messages. */

import { CODE, RpcError } from "../../protocol/errors.ts";
import { stringifyExactJson } from "../../protocol/exact_json.ts";
import { join, leave } from "../../protocol/membership.ts";
import type { Empty } from "../../protocol/message.ts";
import type { Node } from "../../runtime/node.ts";
import { flag, number, type Values } from "../../runtime/setting.ts";
import { ReplicaDriver, type Replicated } from "../driver.ts";
import { Replica, REPLICA_DEFAULTS, type StateMachine } from "../replica.ts";
import type { Entry } from "../types.ts";
import { MemberReplica } from "./member_replica.ts";
import { listenAll, type NodeMessage, toBody } from "./messages.ts";
import type { ChangeOutcome, MembershipGoal } from "./own_change.ts";
import { Raft } from "./raft.ts";
import { RaftStorage } from "./storage.ts";
import { type Message, type PersistentState, RAFT_DEFAULTS, type RaftConfig, type Ready } from "./types.ts";

export type { Replicated } from "../driver.ts";

/** Settings of every node that replicates a state machine. */
export const raftSettings = {
  electionTimeoutMs: number(RAFT_DEFAULTS.electionTimeoutMs, {
    min: 10,
    max: 60_000,
    description:
      "Minimum election timeout, in ms. The actual one is drawn from this value to twice this value, and grows with the round-trip time.",
  }),
  heartbeatMs: number(RAFT_DEFAULTS.heartbeatMs, {
    min: 1,
    max: 10_000,
    description: "Interval, in ms, of an idle leader's heartbeats. Well below the election timeout.",
  }),
  retryMs: number(RAFT_DEFAULTS.retryMs, {
    min: 1,
    max: 10_000,
    description:
      "Time without a reply, in ms, after which a message is sent again. Above the round-trip time.",
  }),
  lease: flag(true, {
    description:
      "Leases: a leader that a majority answered lately serves reads by itself. Needs clocks within bounds.",
  }),
  clockDrift: number(5, {
    min: 0,
    max: 50,
    description: "Greatest error of a clock's rate that a lease allows for, in percent.",
  }),
  clockJumpMs: number(100, {
    min: 0,
    max: 60_000,
    description:
      "Greatest forward jump of a clock within an election timeout that a lease allows for, in ms.",
  }),
  thrifty: flag(true, {
    description:
      "Send requests to a bare quorum first. Under Raft, the other nodes learn by the next heartbeat.",
  }),
  requestTimeoutMs: number(REPLICA_DEFAULTS.requests.timeoutMs, {
    min: 1,
    max: 600_000,
    description:
      "Time that a request may take, elections included, in ms. Then it fails with error 0. Below the client's timeout, " +
      "1000 ms in Maelstrom, so that the client gets the error.",
  }),
  batchIntervalMs: number(8, {
    min: 0,
    max: 10_000,
    description:
      "Batching interval, in ms, for requests on a busy node. A lightly loaded node sends each request at once.",
  }),
  snapshotEntries: number(REPLICA_DEFAULTS.snapshotEntries, {
    min: 1,
    max: 10_000_000,
    whole: true,
    description: "Entries after which a snapshot replaces the log.",
  }),
} as const;

type Settings = Values<typeof raftSettings>;

/**
 * Replicates a state machine over all nodes that `init` named, which leave and join by requests. With a store, no kill loses an
 * acknowledged command. Without a store, or if a store was lost or damaged, that holds while less than a majority has lost its state
 * (`diskless_rejoin.ts`).
 */
export function replicate(
  node: Node,
  options: { readonly machine: StateMachine } & Settings,
): Replicated {
  const startName = node.random.id().slice(0, 12);
  const { storage, incarnation, persistent } = openStorage(node, startName);
  const raft = new Raft(raftConfig(node, incarnation, options), persistent, {
    random: () => node.random.next(),
    now: node.now(),
  });
  const { electionTimeoutMs, requestTimeoutMs, snapshotEntries, batchIntervalMs } = options;
  const requests = {
    ...REPLICA_DEFAULTS.requests,
    resendMs: electionTimeoutMs,
    timeoutMs: requestTimeoutMs,
  };
  const client = `${node.id}.${startName}`;
  const inner = new Replica<Message, Ready, Raft>({
    ...REPLICA_DEFAULTS,
    requests,
    snapshotEntries,
    batchIntervalMs,
  }, {
    client,
    machine: options.machine,
    engine: raft,
    snapshot: persistent.snapshot,
    now: node.now(),
  });
  const replica = new MemberReplica(inner, {
    client,
    resendMs: electionTimeoutMs,
    timeoutMs: CHANGE_TIMEOUT_MS,
  });
  const save = (ready: Ready) => storage?.save(ready); // plant: acknowledges-before-store
  const driver = new ReplicaDriver<NodeMessage, Ready>(node, { replica, save, toBody });
  listenAll((declared, toMessage) => {
    node.on(declared, (body, from) => {
      if (node.ids.includes(from)) driver.receive(toMessage(body, { from, to: node.id })); // clients take no part
    });
  });
  const change = (goal: MembershipGoal) => {
    const reply = node.deferReply<Empty>();
    replica.change(goal, node.now(), (outcome) => {
      if (outcome === "done") reply.send({});
      else reply.fail(changeError(outcome));
    });
    driver.endTurnSoon();
    return reply.promise;
  };
  node.on(leave, () => change("outsider"));
  node.on(join, () => change("voter"));
  node.setStateDescription(() => describe(raft));
  watchStatus(node, raft);
  return driver;
}

/** The time in ms after which a change of the membership fails with error 0. Above an election and a handover of the leadership. */
const CHANGE_TIMEOUT_MS = 2500;

function changeError(outcome: Exclude<ChangeOutcome, "done">): RpcError {
  switch (outcome) {
    case "last_voter":
      return new RpcError(CODE.preconditionFailed, "the last voter cannot leave");
    case "timed_out":
      return new RpcError(CODE.timeout, "the change was not committed in time; it may still happen");
    case "replaced":
      return new RpcError(CODE.timeout, "a later request replaced this one; the change may have happened");
  }
}

/** The maximum number of entries that a node shows, counted from the end of its log. */
const ENTRIES_WATCHED_MAX = 40;

/** The texts of entries. An entry does not change, so that its payload is read once. */
const entryTexts = new WeakMap<Entry, string>();

/** Returns `INDEX.TERM.DIGEST`, with a digest of the entry's payload. */
function entryText(entry: Entry): string {
  let text = entryTexts.get(entry);
  if (text === undefined) {
    const { index, term, payload } = entry;
    text = `${index}.${term}.${digestOf(stringifyExactJson(payload))}`;
    entryTexts.set(entry, text);
  }
  return text;
}

/** Returns a 32-bit hash of a text (FNV-1a). */
function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}

/** Shows the state of consensus in recorded runs. */
function watchStatus(node: Node, raft: Raft): void {
  node.watch("role", () => raft.status.role);
  node.watch("term", () => raft.status.term);
  node.watch("leader", () => raft.status.leader);
  node.watch("vote", () => raft.status.vote);
  node.watch("entries", () => raft.lastEntries(ENTRIES_WATCHED_MAX).map(entryText));
  node.watch("last index", () => raft.status.lastIndex);
  node.watch("commit", () => raft.status.commit);
  node.watch("applied", () => raft.status.applied);
  node.watch("lease", () => raft.status.lease);
  node.watch("eligible to vote", () => raft.status.eligible);
  node.watch("voters", () => raft.status.membership.voters);
  node.watch("outside", () => !raft.isMember);
}

function raftConfig({ id, peers }: Node, incarnation: string, settings: Settings): RaftConfig {
  const { electionTimeoutMs, heartbeatMs, retryMs, thrifty, lease, clockDrift, clockJumpMs } = settings;
  return {
    ...RAFT_DEFAULTS,
    id,
    electionTimeoutMs,
    heartbeatMs: Math.min(heartbeatMs, electionTimeoutMs / 2),
    retryMs,
    thrifty,
    lease: lease ? { driftMax: clockDrift / 100, jumpMsMax: clockJumpMs } : undefined,
    incarnation,
    contacts: peers,
  };
}

interface OpenedStorage {
  /** Undefined if the node keeps nothing. */
  readonly storage: RaftStorage | undefined;
  readonly incarnation: string;
  readonly persistent: PersistentState;
}

/**
 * Reads the store. A damaged store is set aside if other nodes know the acknowledged commands: the node goes on with an empty store,
 * as a new incarnation that must rejoin.
 */
function openStorage(node: Node, startName: string): OpenedStorage {
  const damage = node.peers.length > 0 ? node.replaceDamagedStorage() : undefined;
  if (damage !== undefined) {
    node.log(`${damage.message}. It is set aside, and this node rejoins as a new incarnation`);
  }
  const membership = { voters: node.ids, learners: [] };
  if (node.storage === undefined) {
    const hardState = { term: 0, vote: undefined, eligible: false };
    const persistent = { hardState, snapshot: undefined, entries: [], membership };
    return { storage: undefined, incarnation: startName, persistent };
  }
  const storage = new RaftStorage(node.storage);
  return { storage, incarnation: storage.incarnation(() => startName), persistent: storage.load(membership) };
}

function describe({ isMember, role, isEligible }: Raft): string {
  if (!isMember) return "outsider";
  return isEligible ? role : `${role} (not eligible to vote)`;
}

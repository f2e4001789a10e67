/** Ties a replicated state machine to a node: its messages, its timer, its store, its settings. */

import { CODE, RpcError } from "../../protocol/errors.ts";
import type { Json } from "../../protocol/schema.ts";
import type { Node } from "../../runtime/node.ts";
import { flag, number, type Values } from "../../runtime/setting.ts";
import type { Status } from "./raft.ts";
import { RaftStorage } from "./storage.ts";
import { Replica, REPLICA_DEFAULTS, type StateMachine } from "../replica.ts";
import type { Answer } from "../client_requests.ts";
import { type PersistentState, RAFT_DEFAULTS, type RaftConfig } from "./types.ts";
import { listenAll, toBody } from "./messages.ts";

/** How many turns may follow each other at once; past it, they are paced, and what arrives in between shares one. */
const TURNS_AT_ONCE = 8;
/** A timer that is set for less would only fire before its moment, where clocks round. */
const TIMER_MS_MIN = 0.05;
/**
 * For how long after its start a node says nothing of its own accord. Whoever is spoken to before the network knows him may cost
 * the speaker its voice: Maelstrom stops reading a node that sent to one which it had not added yet.
 */
const STARTUP_QUIET_MS = 100;
/** How many turns a ms a busy node takes. */
const TURNS_PER_MS = 2;

/** The settings of every node that replicates a state machine. */
export const raftSettings = {
  electionTimeoutMs: number(RAFT_DEFAULTS.electionTimeoutMs, {
    min: 10,
    max: 60_000,
    about:
      "How long, in ms, a node waits for a leader before it stands for election; up to twice that, by chance, and longer where answers take longer.",
  }),
  heartbeatMs: number(RAFT_DEFAULTS.heartbeatMs, {
    min: 1,
    max: 10_000,
    about: "How often, in ms, a leader that has nothing to say is heard; well below the election time-out.",
  }),
  retryMs: number(RAFT_DEFAULTS.retryMs, {
    min: 1,
    max: 10_000,
    about: "After how long, in ms, what was not answered is sent again; above the round trip.",
  }),
  lease: flag(true, {
    about:
      "Whether a leader answers reads by itself while a majority has answered it lately; needs clocks within bounds.",
  }),
  clockDrift: number(5, {
    min: 0,
    max: 50,
    about: "The greatest error of a clock's rate, in per cent, that a lease allows for.",
  }),
  clockJumpMs: number(100, {
    min: 0,
    max: 60_000,
    about:
      "By how much, in ms, a clock may jump forward within an election time-out, that a lease allows for.",
  }),
  thrifty: flag(true, {
    about: "Whether a leader asks a bare majority first; the others learn by the next heartbeat.",
  }),
  requestTimeoutMs: number(REPLICA_DEFAULTS.requests.timeoutMs, {
    min: 1,
    max: 600_000,
    about:
      "How long, in ms, a request may wait for its answer, elections included; then it is answered by a time-out.",
  }),
  batchIntervalMs: number(8, {
    min: 0,
    max: 10_000,
    about:
      "How often, in ms, a busy node sends on the requests that it has gathered; one with few sends each at once.",
  }),
  snapshotEntries: number(REPLICA_DEFAULTS.snapshotEntries, {
    min: 1,
    max: 10_000_000,
    whole: true,
    about: "After how many entries the log is replaced by a snapshot.",
  }),
} as const;

/** What a node sees of its replicated state machine. */
export interface Replicated {
  /**
   * Resolves to the command's result. Rejects with `RpcError`: 0 when it was not answered in time, or may have happened
   * unseen; 11 when it surely was not begun.
   */
  submit(command: Json): Promise<Json>;
  /** What consensus is doing. */
  status(): Status;
}

interface Waiting {
  readonly resolve: (result: Json) => void;
  readonly reject: (error: RpcError) => void;
}

/**
 * Replicates a state machine over all nodes that `init` named. With a store nothing acknowledged is lost by any kill. Without,
 * or where a store was lost or damaged, it is not while less than a majority has forgotten (`diskless_rejoin.ts`).
 */
export function replicate(
  node: Node,
  options: { readonly machine: StateMachine } & Values<typeof raftSettings>,
): Replicated {
  const start = node.random.id().slice(0, 12);
  const { records, incarnation, ...restored } = restore(node, start);
  return new Driver(node, {
    records,
    replica: makeReplica(node, { ...options, restored, incarnation, start }),
  });
}

function makeReplica(
  node: Node,
  options: {
    readonly machine: StateMachine;
    readonly restored: PersistentState;
    readonly incarnation: string;
    /** Names this start of the node. */
    readonly start: string;
  } & Values<typeof raftSettings>,
): Replica {
  const { electionTimeoutMs, heartbeatMs, retryMs, thrifty, snapshotEntries, batchIntervalMs } = options;
  const raft: RaftConfig = {
    ...RAFT_DEFAULTS,
    id: node.id,
    electionTimeoutMs,
    heartbeatMs: Math.min(heartbeatMs, electionTimeoutMs / 2),
    retryMs,
    thrifty,
    lease: options.lease ? { driftMax: options.clockDrift / 100, jumpMsMax: options.clockJumpMs } : undefined,
    incarnation: options.incarnation,
  };
  const requests = {
    ...REPLICA_DEFAULTS.requests,
    resendMs: electionTimeoutMs,
    timeoutMs: options.requestTimeoutMs,
  };
  return new Replica({ ...REPLICA_DEFAULTS, raft, requests, snapshotEntries, batchIntervalMs }, {
    client: `${node.id}.${options.start}`,
    machine: options.machine,
    restored: options.restored,
    environment: { random: () => node.random.next(), now: node.now() },
  });
}

interface Found extends PersistentState {
  readonly records: RaftStorage | undefined;
  readonly incarnation: string;
}

/**
 * Reads the store back. A store that is damaged is set aside where others remember what was acknowledged: the node goes on with
 * an empty one, as an incarnation that must be rejoined.
 */
function restore(node: Node, start: string): Found {
  const damage = node.peers.length > 0 ? node.replaceDamagedStorage() : undefined;
  if (damage !== undefined) {
    node.log(`${damage.message}; it is set aside, and this node rejoins as one that has lost its memory`);
  }
  const membership = { voters: node.ids, learners: [] };
  const { storage } = node;
  if (storage === undefined) {
    const hardState = { term: 0, vote: undefined, eligible: false };
    const nothing = { hardState, snapshot: undefined, entries: [], membership };
    return { ...nothing, records: undefined, incarnation: start };
  }
  const records = new RaftStorage(storage);
  return { incarnation: records.incarnation(() => start), ...records.load(membership), records };
}

class Driver implements Replicated {
  readonly #node: Node;
  readonly #replica: Replica;
  readonly #records: RaftStorage | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #turns: { left: number; at: number };
  #turnPlanned = false;
  readonly #silentUntil: number;

  constructor(
    node: Node,
    { records, replica }: { readonly records: RaftStorage | undefined; readonly replica: Replica },
  ) {
    this.#node = node;
    this.#replica = replica;
    this.#records = records;
    this.#turns = { left: TURNS_AT_ONCE, at: node.now() };
    this.#silentUntil = node.now() + STARTUP_QUIET_MS;
    listenAll((declared, toMessage) => {
      node.on(declared, (body, from) => {
        if (!node.ids.includes(from)) return; // a client has no part in this
        const message = toMessage(body, { from, to: node.id });
        return this.#input(() => replica.receive(message, node.now()));
      });
    });
    node.describeState(() => describe(replica.raft.status));
    this.#plan();
  }

  status(): Status {
    return this.#replica.raft.status;
  }

  submit(command: Json): Promise<Json> {
    return new Promise((resolve, reject) => {
      this.#input(() => {
        const id = this.#replica.submit(command, this.#node.now());
        if (id === undefined) {
          reject(new RpcError(CODE.temporarilyUnavailable, "too many requests wait for an answer here"));
        } else this.#waiting.set(id, { resolve, reject });
      });
    });
  }

  /** Gives the machine something, and ends its turn: now, or when a busy node next does. */
  #input(act: () => void): void | Promise<void> {
    act();
    if (this.#turnPlanned) return;
    const wait = this.#takeTurn();
    if (wait === 0) return this.#turn();
    this.#turnPlanned = true;
    this.#node.after(wait, () => {
      this.#turnPlanned = false;
      return this.#turn();
    });
  }

  /** How long to wait, in ms, before the next turn may end. */
  #takeTurn(): number {
    const now = this.#node.now();
    const turns = this.#turns;
    turns.left = Math.min(TURNS_AT_ONCE, turns.left + (now - turns.at) * TURNS_PER_MS);
    turns.at = now;
    turns.left--;
    return turns.left >= 0 ? 0 : -turns.left / TURNS_PER_MS;
  }

  /** Stores, sends, answers: the store is synced at the end of the node's turn, before anything leaves. */
  #turn(): void | Promise<void> {
    const { batches, messages, answers } = this.#replica.turn(this.#node.now());
    if (this.#records !== undefined) { for (const ready of batches) this.#records.save(ready); }
    for (const message of messages) this.#node.send(message.to, toBody(message));
    for (const answer of answers) this.#answer(answer);
    this.#plan();
    // What was answered goes on in promises, which belong to this turn.
    return answers.length > 0 ? Promise.resolve() : undefined;
  }

  #answer({ id, outcome }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (outcome.kind === "result") waiting?.resolve(outcome.result);
    else waiting?.reject(new RpcError(CODE.timeout, REASONS[outcome.kind]));
  }

  /** Sets the timer; one that is early does no harm. */
  #plan(): void {
    const at = this.#replica.deadline;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!Number.isFinite(at)) return;
    const delayMs = Math.max(at, this.#silentUntil) - this.#node.now();
    const cancel = this.#node.after(Math.max(TIMER_MS_MIN, delayMs), () => {
      this.#timer = undefined;
      this.#replica.tick(this.#node.now());
      return this.#turn();
    });
    this.#timer = { at, cancel };
  }
}

const REASONS = {
  timed_out: "no majority answered in time; it may have happened, or yet happen",
  unknown: "its answer was lost; it may have happened",
} as const;

function describe({ role, eligible }: Status): string {
  return eligible ? role : `${role} (not eligible to vote)`;
}

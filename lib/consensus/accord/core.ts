/** The state of an Accord node, and the steps that several parts take. Tested by `tests/consensus/accord/simulation_test.ts`. */

import type { Json } from "../../protocol/schema.ts";
import { ExecutedExchange } from "../leaderless/executed_exchange.ts";
import { Outbox } from "../leaderless/outbox.ts";
import { Peers } from "../leaderless/peers.ts";
import { isUpTo } from "../leaderless/instance_ids.ts";
import type { Commands, InstanceId, KeyUse, LeaderlessConfig } from "../leaderless/types.ts";
import type { NodeId } from "../types.ts";
import { ConflictIndex } from "./conflicts.ts";
import { NO_DEPENDENCIES } from "./dependencies.ts";
import { HybridClock } from "./hybrid_clock.ts";
import { type AccordRules, type Quorums, SAFETY_RULES } from "./safety_rules.ts";
import type {
  Decision,
  Dependencies,
  Evidence,
  Part,
  Phase,
  Proposal,
  Timestamp,
  TransactionRecord,
  Vote,
} from "./types.ts";

/** Delays before a request is sent again: a round trip, and one to spare. */
const DELAYS_PER_RETRY = 3;
/** The time without a reply after which a peer counts as silent, in times before a request is sent again. */
const RETRIES_BEFORE_SILENT = 2;
/** Delays for which a transaction can meet later ones that conflict before it is known everywhere. */
const DELAYS_OF_CONFLICT = 4;
/** The time in ms for which a key counts as shared with other nodes after their last use. */
const SHARED_MS = 10_000;

/** The replies that a node collects for a transaction in a ballot. */
export type Attempt =
  | {
    readonly kind: "pre_accept";
    readonly votes: Map<NodeId, Vote>;
    /** The peers that were asked: all after a retry. */
    asked: readonly NodeId[];
  }
  | { readonly kind: "accept"; readonly deps: Map<NodeId, Dependencies> }
  | { readonly kind: "stabilize"; readonly from: Set<NodeId> }
  | { readonly kind: "recover"; readonly replies: Map<NodeId, RecoveryReply> }
  | { readonly kind: "wait"; readonly awaited: Set<InstanceId>; readonly replies: readonly RecoveryReply[] };

/** A reply to a recovery. */
export interface RecoveryReply extends Evidence {
  readonly record: TransactionRecord;
}

/** A transaction at this node. */
export interface Transaction {
  readonly id: InstanceId;
  ballot: number;
  acceptedBallot: number;
  phase: Phase;
  commands: Commands | undefined;
  initialAt: Timestamp;
  executeAt: Timestamp;
  deps: Dependencies;
  /** The keys that its commands use. */
  uses: readonly KeyUse[];
  /** The replies that this node collects in the ballot `ballot`. */
  attempt: Attempt | undefined;
  /** The message of the attempt, which is sent again to nodes that have not replied. */
  request: Part | undefined;
  /** The time at which the request was sent last. */
  sentAt: number;
  /** The time at which the transaction was last known to progress. */
  progressAt: number;
}

/** The surroundings of a node. */
export interface AccordEnvironment {
  /** Returns the keys that a command uses. */
  readonly keysOf: (command: Json) => readonly KeyUse[];
  readonly random: () => number;
  readonly rules?: AccordRules | undefined;
}

/** The state. */
export class AccordCore {
  readonly config: LeaderlessConfig;
  readonly rules: AccordRules;
  readonly quorums: Quorums;
  readonly transactions = new Map<InstanceId, Transaction>();
  /** The transactions that are not committed. */
  readonly open = new Map<InstanceId, Transaction>();
  readonly conflicts = new ConflictIndex();
  readonly exchange: ExecutedExchange;
  readonly clock: HybridClock;
  readonly peers: Peers;
  readonly outbox = new Outbox<Part>();
  /** The transactions that were committed and are not yet handed to the execution. */
  committed: Transaction[] = [];
  readonly others: readonly NodeId[];
  now: number;
  readonly #changed = new Set<Transaction>();
  readonly #environment: AccordEnvironment;

  constructor(config: LeaderlessConfig, environment: AccordEnvironment, now: number) {
    const { id, nodes } = config;
    this.config = config;
    this.#environment = environment;
    this.rules = environment.rules ?? SAFETY_RULES;
    this.quorums = this.rules.quorums(nodes.length);
    this.others = nodes.filter((node) => node !== id);
    this.exchange = new ExecutedExchange(id, nodes);
    this.clock = new HybridClock(nodes.length, nodes.indexOf(id));
    this.peers = new Peers(this.others);
    this.now = now;
  }

  /** The time in ms without a reply after which a request is sent again. */
  get retryMs(): number {
    return Math.max(this.config.retryMs, DELAYS_PER_RETRY * this.reachMs);
  }

  /** The time in ms in which most messages reach the peers of a fast quorum; 0 if it is unknown. */
  get reachMs(): number {
    return this.peers.clocks.reachMs(this.clock.timeMs(this.now), this.quorums.fast - 1);
  }

  /** The time in ms without a reply after which a peer counts as silent. */
  get silentMs(): number {
    return RETRIES_BEFORE_SILENT * this.retryMs;
  }

  /** Returns true if other nodes use the same keys, so that proposals can conflict. */
  isShared(uses: readonly KeyUse[]): boolean {
    return this.#isLaterThan(this.conflicts.lastProposedByOthers(uses), SHARED_MS);
  }

  /** Returns true if conflicting transactions can be under way, because there was one lately. */
  isContended(uses: readonly KeyUse[]): boolean {
    return this.isShared(uses) &&
      this.#isLaterThan(this.conflicts.lastProposed(uses), DELAYS_OF_CONFLICT * this.reachMs);
  }

  #isLaterThan(timestamp: Timestamp, agoMs: number): boolean {
    return timestamp > 0 && this.clock.timeMsOf(timestamp) > this.clock.timeMs(this.now) - agoMs;
  }

  /** Returns true if a conflicting transaction may wait for one: it is open, or has it as a dependency. */
  isAwaited(id: InstanceId, uses: readonly KeyUse[]): boolean {
    return this.conflicts.conflictsOf(id, uses).values().some((other) =>
      this.open.has(other) || this.transactions.get(other)?.deps.ids.includes(id) === true
    );
  }

  /**
   * Returns the peers that are asked first: with the setting, the nearest that can decide at once. All, if other nodes use the same keys: one
   * that knows a later transaction votes for a later timestamp, and the votes of the others can make up for it.
   */
  askedFirst(uses: readonly KeyUse[]): readonly NodeId[] {
    const { silentMs, now } = this;
    const nearest = this.config.thrifty && !this.isShared(uses)
      ? this.peers.nearest(this.quorums.fast - 1, { silentMs, now })
      : undefined;
    return nearest ?? this.others;
  }

  get random(): number {
    return this.#environment.random();
  }

  /** Returns true if every node has executed a transaction, so that its record is deleted. */
  isDone(id: InstanceId): boolean {
    return this.exchange.isStable(id);
  }

  /** Returns a transaction. One that was unknown is recovered if it does not progress. */
  transaction(id: InstanceId): Transaction {
    let transaction = this.transactions.get(id);
    if (transaction === undefined) {
      transaction = {
        id,
        ballot: 0,
        acceptedBallot: 0,
        phase: "unknown",
        commands: undefined,
        initialAt: 0,
        executeAt: 0,
        deps: NO_DEPENDENCIES,
        uses: [],
        attempt: undefined,
        request: undefined,
        sentAt: -Infinity,
        progressAt: this.now,
      };
      this.transactions.set(id, transaction);
      this.open.set(id, transaction);
    }
    return transaction;
  }

  /** Makes sure that transactions which others know are recovered if they do not progress. */
  notice({ ids }: Dependencies): void {
    for (const id of ids) if (!this.isDone(id) && !this.exchange.executed.has(id)) this.transaction(id);
  }

  /** Learns the commands and the initial timestamp of a transaction. */
  learnProposal(transaction: Transaction, { initialAt, commands }: Omit<Proposal, "id">): void {
    transaction.commands = commands;
    if (commands === null) return; // it may still become the transaction that was proposed
    transaction.initialAt = initialAt;
    transaction.uses = commands.flatMap((command) => [...this.#environment.keysOf(command)]);
  }

  /** Takes over a place in the order, so that later conflicting transactions learn of it. */
  place(transaction: Transaction, { executeAt, deps, ...proposal }: Omit<Decision, "id">): void {
    this.learnProposal(transaction, proposal);
    transaction.executeAt = executeAt;
    transaction.deps = deps;
    this.conflicts.add(transaction.id, transaction.uses, Math.max(proposal.initialAt, executeAt));
    this.changed(transaction);
  }

  /** Votes for the timestamp of a transaction whose proposal is known. */
  vote(transaction: Transaction): void {
    const { id, initialAt, uses } = transaction;
    const after = this.conflicts.lastKnown(uses);
    const isInOrder = this.rules.mayVoteForInitial(initialAt, after);
    transaction.executeAt = isInOrder ? initialAt : this.clock.issue(this.now, { after });
    transaction.deps = this.dependenciesOf(transaction, initialAt);
    transaction.phase = "preaccepted";
    this.conflicts.add(id, uses, initialAt);
    this.changed(transaction);
  }

  /** Returns the conflicting transactions that this node knows and that started before a timestamp. */
  dependenciesOf({ id, uses }: Transaction, before: Timestamp): Dependencies {
    const floor = this.exchange.majorityFloor;
    const ids: InstanceId[] = [];
    for (const other of this.conflicts.conflictsOf(id, uses)) {
      const known = this.transactions.get(other);
      if (known !== undefined && known.initialAt < before && !isUpTo(floor, other)) ids.push(other);
    }
    return { ids, floor };
  }

  /** Puts a transaction's record into the next batch. */
  changed(transaction: Transaction): void {
    transaction.progressAt = this.now;
    this.#changed.add(transaction);
  }

  /** Returns the records that changed since the last call. */
  takeChanged(): TransactionRecord[] {
    const records = [...this.#changed].map(recordOf);
    this.#changed.clear();
    return records;
  }

  send(to: NodeId, part: Part): void {
    this.outbox.send(to, part);
  }

  /** Begins to collect replies, and sends the request for them. */
  begin(transaction: Transaction, attempt: Attempt, request: Part, to = this.others): void {
    transaction.attempt = attempt;
    transaction.request = request;
    transaction.sentAt = this.now;
    for (const node of to) {
      this.send(node, request);
      this.peers.asked(node, this.now);
    }
  }

  /** Sends the decision of a transaction that is committed. */
  sendCommit(to: NodeId, transaction: Transaction): void {
    this.send(to, { type: "commit", ...decisionOf(transaction) });
  }

  /** Records what a node has executed, and deletes the transactions that all have executed. */
  learnExecuted(node: NodeId, upTo: Readonly<Record<NodeId, number>>): void {
    for (const id of this.exchange.learn(node, upTo)) {
      const transaction = this.transactions.get(id);
      if (transaction !== undefined) this.conflicts.delete(id, transaction.uses);
      this.transactions.delete(id);
      this.open.delete(id);
    }
  }
}

/** Returns the part of a transaction that is stored. */
export function recordOf(transaction: Transaction): TransactionRecord {
  const { id, ballot, acceptedBallot, phase, commands, initialAt, executeAt, deps } = transaction;
  return { id, ballot, acceptedBallot, phase, commands, initialAt, executeAt, deps };
}

/** Returns a transaction with its place in the order. */
export function decisionOf(
  { id, initialAt, commands = null, executeAt, deps }: Transaction | TransactionRecord,
): Decision {
  return { id, initialAt, commands, executeAt, deps };
}

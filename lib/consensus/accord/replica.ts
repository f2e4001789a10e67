/**
 * A node's part of a state machine that Accord replicates. It is pure: requests, messages and the time go in; a turn comes out.
 *
 * Any node gives its clients' commands a place in the order itself, together with the other nodes. It executes them after the conflicting
 * commands with earlier places, and then answers. Usually that takes one round trip.
 *
 * Tested by `tests/consensus/accord/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { CompletedRequest } from "../client_requests.ts";
import { Admission, confirmationsNeeded } from "../leaderless/admission.ts";
import { coordinatorOf, instanceId, InstanceSet, numberOf } from "../leaderless/instance_ids.ts";
import { takeMessages } from "../leaderless/messages.ts";
import { PendingRequests } from "../leaderless/pending_requests.ts";
import { RecordBatches, type StoredRecords } from "../leaderless/record_storage.ts";
import { fetchMissing, recoveryWaitMs, SCAN_MS } from "../leaderless/retries.ts";
import type { LeaderlessConfig } from "../leaderless/types.ts";
import type { StateMachine } from "../replica.ts";
import { TokenBucket } from "../token_bucket.ts";
import type { NodeId } from "../types.ts";
import { Agreement } from "./agreement.ts";
import {
  AccordCore,
  type AccordEnvironment,
  type Attempt,
  decisionOf,
  recordOf,
  type Transaction,
} from "./core.ts";
import { type Executable, Execution } from "./execution.ts";
import { HeldProposals } from "./held_proposals.ts";
import { Recovery } from "./recovery.ts";
import type { AccordBatch, AccordMessage, AccordSnapshot, Part, TransactionRecord } from "./types.ts";

/** The work of a turn: store the batches and sync; then send; then hand out the completed requests. */
export interface AccordTurn {
  readonly batches: readonly AccordBatch[];
  readonly messages: readonly AccordMessage[];
  readonly completed: readonly CompletedRequest[];
}

/** The records that a node finds in its store. */
export type StoredTransactions = StoredRecords<TransactionRecord, AccordSnapshot>;

/** One node's part. */
export class AccordReplica {
  readonly #core: AccordCore;
  readonly #held: HeldProposals;
  readonly #agreement: Agreement;
  readonly #recovery: Recovery;
  readonly #execution: Execution;
  readonly #machine: StateMachine;
  readonly #requests: PendingRequests;
  /** Paces the proposals of a busy node. */
  readonly #tokens: TokenBucket;
  readonly #admission: Admission;
  readonly #batches: RecordBatches<TransactionRecord, AccordSnapshot>;
  #number = 0;
  #scanAt = Infinity;

  constructor(
    config: LeaderlessConfig,
    options: AccordEnvironment & {
      readonly machine: StateMachine;
      readonly stored: StoredTransactions;
      readonly now: number;
    },
  ) {
    const { machine, stored, now } = options;
    this.#core = new AccordCore(config, options, now);
    this.#held = new HeldProposals(this.#core);
    this.#agreement = new Agreement(this.#core, this.#held);
    this.#recovery = new Recovery(this.#core, this.#agreement);
    this.#machine = machine;
    this.#requests = new PendingRequests(config);
    this.#tokens = new TokenBucket(config.batchIntervalMs, now);
    this.#admission = new Admission(config.incarnation, {
      peers: this.#core.others,
      needed: confirmationsNeeded(config.nodes.length),
      stored: stored.admission,
      now,
    });
    this.#batches = new RecordBatches(config.snapshotRecords);
    const { snapshot } = stored;
    if (snapshot !== undefined) {
      this.#core.exchange.restore(
        new InstanceSet(snapshot.executed, snapshot.executedBeyond),
        snapshot.floor,
      );
    }
    const { transactions, exchange, rules } = this.#core;
    this.#execution = new Execution({
      transactionOf: (id) => transactions.get(id),
      executed: exchange.executed,
      rules,
      execute: (transaction) => this.#execute(transaction),
    });
    this.#restore(stored);
  }

  /** False while this node has not been admitted: it may have lost its state. */
  get isEligible(): boolean {
    return this.#admission.isAdmitted;
  }

  /** The time at which {@linkcode AccordReplica.tick} must be called next. */
  get deadline(): number {
    const { exchange, outbox } = this.#core;
    if (!this.#admission.isAdmitted) return Math.min(this.#admission.deadline, this.#scanAt);
    const batchAt = this.#requests.hasUnproposed ? this.#tokens.nextTokenAt : Infinity;
    return Math.min(this.#scanAt, this.#held.nextAt, outbox.deadline, exchange.gossipAt, batchAt);
  }

  /** The number of transactions that are not deleted. */
  get recordCount(): number {
    return this.#core.transactions.size;
  }

  /** The records of transactions that are not deleted. */
  get records(): TransactionRecord[] {
    return [...this.#core.transactions.values()].map(recordOf);
  }

  /** Adds a client's request and returns its id; undefined if too many are pending. A later turn completes it. */
  submit(command: Json, now: number): number | undefined {
    return this.#requests.submit(command, now);
  }

  /** Handles a message. Those of a node that has lost its state do not count: it has lost its promises, too. */
  receive(message: AccordMessage, now: number): void {
    const { from, executed, parts } = message;
    const core = this.#core;
    core.now = now;
    if (!this.#admission.receive(message, (to, part) => core.send(to, part))) return;
    core.clock.synchronize(message.sentAt, now);
    core.peers.heard(from, message, core.clock.timeMs(now));
    for (const part of parts) this.#receivePart(from, part);
    core.learnExecuted(from, executed);
    fetchMissing(core, { from, executed, instanceOf: (id) => core.transaction(id) });
  }

  #receivePart(from: NodeId, part: Part): void {
    switch (part.type) {
      case "hello":
      case "hello_ok":
        return;
      case "pre_accept":
        return this.#agreement.onPreAccept(from, part);
      case "pre_accept_ok":
        return this.#agreement.onPreAcceptOk(from, part);
      case "accept":
        return this.#agreement.onAccept(from, part);
      case "accept_ok":
        return this.#agreement.onAcceptOk(from, part);
      case "stabilize":
        return this.#agreement.onStabilize(from, part);
      case "stabilize_ok":
        return this.#agreement.onStabilizeOk(from, part);
      case "commit":
        return this.#agreement.learn(part);
      case "recover":
        return this.#recovery.onRecover(from, part);
      case "recover_ok":
        return this.#recovery.onRecoverOk(from, part);
      case "refused":
        return this.#recovery.onRefused(part);
      case "fetch": {
        const transaction = this.#core.transactions.get(part.id);
        if (transaction?.phase === "committed") this.#core.sendCommit(from, transaction);
      }
    }
  }

  /** Handles the passing of time. */
  tick(now: number): void {
    const core = this.#core;
    core.now = now;
    this.#admission.tick(now, { retryMs: core.retryMs, send: (to, part) => core.send(to, part) });
    if (now < this.#scanAt) return;
    this.#scanAt = Infinity;
    for (const transaction of [...core.open.values()]) this.#retry(transaction);
    this.#requests.expire(now);
  }

  /** Sends the request of an attempt again, or recovers a transaction that does not progress. */
  #retry(transaction: Transaction): void {
    const core = this.#core;
    const { attempt } = transaction;
    const isLate = core.now - transaction.sentAt >= core.retryMs;
    if (attempt?.kind === "pre_accept") this.#agreement.reconsider(transaction, { isLate });
    if (isLate && transaction.attempt !== undefined && transaction.attempt === attempt) {
      this.#sendAgain(transaction);
    }
    const waitMs = recoveryWaitMs(core.config, { instance: transaction.id, random: core.random });
    const isOwn = attempt !== undefined && attempt.kind !== "recover" && attempt.kind !== "wait";
    if (!isOwn && core.now - transaction.progressAt >= waitMs) this.#recovery.recover(transaction);
  }

  #sendAgain(transaction: Transaction): void {
    const core = this.#core;
    const { attempt, request } = transaction;
    if (attempt === undefined || request === undefined) return;
    transaction.sentAt = core.now;
    if (attempt.kind === "pre_accept") attempt.asked = core.others;
    for (const node of core.others) if (!hasReplied(attempt, node)) core.send(node, request);
  }

  /** Ends the turn and returns its work. */
  turn(now: number): AccordTurn {
    const core = this.#core;
    core.now = now;
    for (const { transaction, from } of this.#held.takeDue()) {
      for (const node of from) this.#agreement.answer(transaction, node);
    }
    this.#propose();
    while (core.committed.length > 0) {
      this.#executeCommitted();
      this.#recovery.checkWaiting();
      this.#propose();
    }
    core.learnExecuted(core.config.id, core.exchange.executed.upTo);
    const batches = this.#batches.take({
      records: core.takeChanged(),
      admission: this.#admission.takeChanged(),
      snapshot: () => this.#snapshot(),
    });
    const messages = takeMessages(core, { now, sentAt: core.clock.timeMs(now) });
    this.#setDeadlines();
    return { batches, messages, completed: this.#requests.takeCompleted() };
  }

  /** Proposes the requests since the last batch as one transaction. */
  #propose(): void {
    const core = this.#core;
    if (!this.#admission.isAdmitted || !this.#requests.hasUnproposed || !this.#tokens.hasToken(core.now)) {
      return;
    }
    this.#tokens.take(core.now);
    const id = instanceId(core.config.id, ++this.#number);
    const requests = this.#requests.takeUnproposed();
    this.#requests.assign(id, requests);
    this.#agreement.propose(id, this.#requests.commandsOf(requests));
  }

  #executeCommitted(): void {
    const { committed } = this.#core;
    this.#core.committed = [];
    this.#execution.committed(committed);
  }

  #execute({ id, commands, executeAt }: Executable): void {
    const transaction = this.#core.transactions.get(id);
    if (commands !== null && transaction !== undefined) {
      this.#core.conflicts.executed(transaction.uses, executeAt);
    }
    this.#requests.settle(id, commands?.map((command) => this.#machine.apply(command)));
  }

  #setDeadlines(): void {
    const core = this.#core;
    const isBusy = this.#requests.size > 0 || core.open.size > 0;
    if (isBusy) this.#scanAt = Math.min(this.#scanAt, core.now + SCAN_MS);
    core.exchange.plan(core.now);
  }

  #snapshot(): AccordSnapshot {
    const { exchange, clock, conflicts } = this.#core;
    return {
      number: this.#number,
      clock: clock.last,
      executed: exchange.executed.upTo,
      floor: exchange.floor,
      executedBeyond: exchange.executed.beyond,
      keys: conflicts.snapshot(),
      state: this.#machine.snapshot(),
      records: this.records,
    };
  }

  #restore({ snapshot, records }: StoredTransactions): void {
    const core = this.#core;
    if (snapshot !== undefined) {
      this.#number = snapshot.number;
      core.clock.restore(snapshot.clock, core.now);
      core.conflicts.restore(snapshot.keys);
      this.#machine.restore(snapshot.state);
    }
    for (const record of [...snapshot?.records ?? [], ...records]) this.#restoreRecord(record);
    for (const transaction of core.transactions.values()) {
      if (transaction.phase !== "committed") continue;
      core.open.delete(transaction.id);
      core.committed.push(transaction);
    }
    this.#executeCommitted();
    core.learnExecuted(core.config.id, core.exchange.executed.upTo);
    core.takeChanged(); // nothing has changed: all of it is stored
    this.#setDeadlines();
  }

  #restoreRecord(record: TransactionRecord): void {
    const core = this.#core;
    const { id, phase, commands } = record;
    if (coordinatorOf(id) === core.config.id) this.#number = Math.max(this.#number, numberOf(id));
    const transaction = core.transaction(id);
    if (commands !== undefined) {
      if (phase === "unknown" || phase === "preaccepted") {
        core.learnProposal(transaction, { ...record, commands });
      } else core.place(transaction, decisionOf(record));
    }
    Object.assign(transaction, record);
    core.clock.restore(Math.max(record.initialAt, record.executeAt), core.now);
    if (phase === "preaccepted") core.conflicts.add(id, transaction.uses, record.initialAt);
  }
}

function hasReplied(attempt: Attempt, node: NodeId): boolean {
  switch (attempt.kind) {
    case "pre_accept":
      return attempt.votes.has(node);
    case "accept":
      return attempt.deps.has(node);
    case "stabilize":
      return attempt.from.has(node);
    case "recover":
      return attempt.replies.has(node);
    case "wait":
      return true;
  }
}

/**
 * Recovery of transactions whose coordinator may have failed: a node collects the state of a majority in a higher ballot, finds out if the
 * coordinator may have decided at the initial timestamp, and finishes the transaction accordingly. The README has the reasons.
 *
 * Tested by `tests/consensus/accord/simulation_test.ts`.
 */

import type { InstanceId } from "../leaderless/types.ts";
import type { NodeId } from "../types.ts";
import type { Agreement } from "./agreement.ts";
import { type AccordCore, decisionOf, recordOf, type RecoveryReply, type Transaction } from "./core.ts";
import { NO_DEPENDENCIES, unionOf } from "./dependencies.ts";
import type { Evidence, Proposal, TransactionRecord } from "./types.ts";

/** The recovering node's side and the others' side. */
export class Recovery {
  readonly #core: AccordCore;
  readonly #agreement: Agreement;
  readonly #waiting = new Set<Transaction>();

  constructor(core: AccordCore, agreement: Agreement) {
    this.#core = core;
    this.#agreement = agreement;
  }

  /** Begins to recover a transaction. */
  recover(transaction: Transaction): void {
    const core = this.#core;
    const { nodes, id: self } = core.config;
    const { id, initialAt } = transaction;
    const round = Math.floor(transaction.ballot / nodes.length) + 1;
    const ballot = round * nodes.length + nodes.indexOf(self);
    transaction.ballot = ballot;
    core.changed(transaction);
    // An accepted decision can be that there are no commands. The others need what was proposed.
    const commands = transaction.commands ?? undefined;
    const replies = new Map([[self, this.#reply(transaction)]]);
    core.begin(transaction, { kind: "recover", replies }, {
      type: "recover",
      id,
      ballot,
      initialAt,
      commands,
    });
    this.#decide(transaction);
  }

  onRecover(
    from: NodeId,
    { id, ballot, initialAt, commands }: Omit<Proposal, "commands"> & {
      readonly ballot: number;
      readonly commands: Proposal["commands"] | undefined;
    },
  ): void {
    const core = this.#core;
    if (core.isDone(id)) return;
    const transaction = core.transaction(id);
    if (transaction.phase === "committed") return core.sendCommit(from, transaction);
    if (!core.rules.mayAccept(transaction.ballot, ballot)) {
      return core.send(from, { type: "refused", id, ballot: transaction.ballot });
    }
    if (transaction.ballot < ballot) {
      transaction.ballot = ballot;
      transaction.attempt = undefined;
      core.changed(transaction);
    }
    if (transaction.commands === undefined && commands !== undefined) {
      core.learnProposal(transaction, { initialAt, commands });
    }
    core.send(from, { type: "recover_ok", ...this.#reply(transaction) });
  }

  /** Votes, if the proposal is known, and returns the record with the evidence. */
  #reply(transaction: Transaction): RecoveryReply {
    const core = this.#core;
    if (transaction.phase === "unknown" && transaction.commands !== undefined) core.vote(transaction);
    return { record: recordOf(transaction), ...this.#evidenceOn(transaction) };
  }

  #evidenceOn(transaction: Transaction): Evidence {
    const { conflicts, rules, transactions } = this.#core;
    const { id, uses, initialAt, phase } = transaction;
    if (phase !== "preaccepted") return { isRefuted: false, awaited: [] };
    let isRefuted = rules.isRefutedByExecution(initialAt, conflicts.lastExecuted(uses));
    const awaited: InstanceId[] = [];
    for (const otherId of conflicts.conflictsOf(id, uses)) {
      const other = transactions.get(otherId);
      const testimony = other === undefined ? "none" : rules.testimonyOf(other, { id, initialAt });
      if (testimony === "refutes") isRefuted = true;
      else if (testimony === "awaited") awaited.push(otherId);
    }
    return { isRefuted, awaited };
  }

  onRecoverOk(from: NodeId, { record, isRefuted, awaited }: RecoveryReply): void {
    const transaction = this.#core.transactions.get(record.id);
    if (transaction?.attempt?.kind !== "recover" || transaction.ballot !== record.ballot) return;
    transaction.attempt.replies.set(from, { record, isRefuted, awaited });
    this.#decide(transaction);
  }

  #decide(transaction: Transaction): void {
    const core = this.#core;
    const { attempt, ballot } = transaction;
    if (attempt?.kind !== "recover" || attempt.replies.size < core.quorums.slow) return;
    const replies = [...attempt.replies.values()];
    const records = replies.map(({ record }) => record);
    const accepted = records.filter(({ phase }) => phase === "accepted" || phase === "stable")
      .reduce<TransactionRecord | undefined>(
        (best, each) => best === undefined || core.rules.supersedes(each, best) ? each : best,
        undefined,
      );
    // The dependencies of an accepted record are taken over as they are: see the README.
    if (accepted?.phase === "stable") {
      return this.#agreement.stabilize(transaction, ballot, decisionOf(accepted));
    }
    if (accepted !== undefined) return this.#agreement.accept(transaction, ballot, decisionOf(accepted));
    const known = records.find(({ commands }) => commands !== undefined);
    if (known === undefined) return this.#abandon(transaction);
    if (records.some(({ phase }) => phase === "unknown")) {
      // Each of these nodes must know the transaction, or a later one could be decided without it.
      if (transaction.commands === undefined) {
        core.learnProposal(transaction, { initialAt: known.initialAt, commands: known.commands ?? null });
      }
      return this.recover(transaction);
    }
    this.#decideVotes(transaction, replies);
  }

  #decideVotes(transaction: Transaction, replies: readonly RecoveryReply[]): void {
    const core = this.#core;
    const { initialAt, id } = transaction;
    const inOrder = replies.filter(({ record }) => record.executeAt === initialAt).length;
    const mayBeFast = core.rules.mayHaveTakenFastPath(inOrder, replies.length, core.quorums);
    if (!mayBeFast || replies.some(({ isRefuted }) => isRefuted)) {
      return this.#finishLater(transaction, replies);
    }
    const awaited = new Set(replies.flatMap((reply) => reply.awaited));
    if (awaited.size === 0) return this.#finishAt(transaction, { executeAt: initialAt, replies });
    core.notice({ ids: [...awaited], floor: {} });
    transaction.attempt = { kind: "wait", awaited, replies };
    transaction.request = undefined;
    this.#waiting.add(transaction);
    core.changed(transaction);
    this.#check(transaction, { awaited, replies, id });
  }

  /** Ends the waits for which the decisions of conflicting transactions suffice. */
  checkWaiting(): void {
    for (const transaction of this.#waiting) {
      const { attempt, id } = transaction;
      if (attempt?.kind === "wait") this.#check(transaction, { ...attempt, id });
      else this.#waiting.delete(transaction);
    }
  }

  #check(
    transaction: Transaction,
    { awaited, replies, id }: {
      readonly awaited: Set<InstanceId>;
      readonly replies: readonly RecoveryReply[];
      readonly id: InstanceId;
    },
  ): void {
    const { rules, conflicts, transactions, exchange } = this.#core;
    const { initialAt, uses } = transaction;
    if (rules.isRefutedByExecution(initialAt, conflicts.lastExecuted(uses))) {
      return this.#finishLater(transaction, replies);
    }
    for (const otherId of awaited) {
      const other = transactions.get(otherId);
      if (other?.phase === "committed" && rules.testimonyOf(other, { id, initialAt }) === "refutes") {
        return this.#finishLater(transaction, replies);
      }
      if (other?.phase === "committed" || exchange.executed.has(otherId)) awaited.delete(otherId);
    }
    if (awaited.size === 0) this.#finishAt(transaction, { executeAt: initialAt, replies });
  }

  /** Finishes a transaction that was not decided at its initial timestamp. */
  #finishLater(transaction: Transaction, replies: readonly RecoveryReply[]): void {
    const executeAt = Math.max(...replies.map(({ record }) => record.executeAt));
    this.#finishAt(transaction, { executeAt, replies });
  }

  #finishAt(
    transaction: Transaction,
    { executeAt, replies }: { readonly executeAt: number; readonly replies: readonly RecoveryReply[] },
  ): void {
    this.#waiting.delete(transaction);
    const deps = unionOf(replies.map(({ record }) => record.deps));
    this.#agreement.accept(transaction, transaction.ballot, { ...decisionOf(transaction), executeAt, deps });
  }

  onRefused({ id, ballot }: { readonly id: InstanceId; readonly ballot: number }): void {
    const transaction = this.#core.transactions.get(id);
    if (transaction === undefined || transaction.phase === "committed" || transaction.ballot >= ballot) {
      return;
    }
    // The other node recovers the transaction: leave it the time to do so.
    transaction.ballot = ballot;
    transaction.attempt = undefined;
    this.#core.changed(transaction);
  }

  /** Replaces a transaction that a majority does not know by no operation. Its coordinator proposes the commands again. */
  #abandon(transaction: Transaction): void {
    const { id, ballot } = transaction;
    this.#agreement.stabilize(transaction, ballot, {
      id,
      initialAt: 0,
      commands: null,
      executeAt: 0,
      deps: NO_DEPENDENCIES,
    });
  }
}

/**
 * Agreement without failures: preaccept, and then commit, or accept, stabilize and commit.
 *
 * Tested by `tests/consensus/accord/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { InstanceId } from "../leaderless/types.ts";
import type { NodeId } from "../types.ts";
import { type AccordCore, decisionOf, type Transaction } from "./core.ts";
import { unionOf, withoutCovered } from "./dependencies.ts";
import type { HeldProposals } from "./held_proposals.ts";
import type { Decision, Dependencies, Proposal, Vote } from "./types.ts";

/** The coordinator's side and the others' side of the usual path. */
export class Agreement {
  readonly #core: AccordCore;
  readonly #held: HeldProposals;

  constructor(core: AccordCore, held: HeldProposals) {
    this.#core = core;
    this.#held = held;
  }

  /** Begins a transaction of this node. */
  propose(id: InstanceId, commands: readonly Json[]): void {
    const core = this.#core;
    const transaction = core.transaction(id);
    core.learnProposal(transaction, { initialAt: 0, commands });
    const { uses } = transaction;
    transaction.initialAt = core.clock.issue(core.now, {
      after: Math.max(core.conflicts.lastKnown(uses), core.conflicts.lastProposed(uses)),
      // By then, the others know it, too, and vote in the order of timestamps.
      aheadMs: core.isContended(uses) ? core.reachMs : 0,
    });
    core.changed(transaction); // its number and timestamp must not be used again after a restart
    const { initialAt } = transaction;
    const request = { type: "pre_accept", id, initialAt, commands } as const;
    const asked = core.askedFirst(uses);
    core.begin(transaction, { kind: "pre_accept", votes: new Map(), asked }, request, asked);
    this.onPreAccept(core.config.id, { id, initialAt, commands });
  }

  onPreAccept(from: NodeId, proposal: Proposal): void {
    const core = this.#core;
    const { id } = proposal;
    if (core.isDone(id)) return;
    const transaction = core.transaction(id);
    if (transaction.phase === "committed") return core.sendCommit(from, transaction);
    if (transaction.ballot !== 0) return;
    if (transaction.phase === "unknown") {
      if (transaction.commands === undefined) core.learnProposal(transaction, proposal);
      core.conflicts.proposed(transaction.uses, proposal.initialAt, { byOther: from !== core.config.id });
      if (this.#held.hold(transaction, from)) return;
    }
    this.answer(transaction, from);
  }

  /** Votes for a proposal, unless the node has already done so, and replies. */
  answer(transaction: Transaction, from: NodeId): void {
    const core = this.#core;
    if (transaction.ballot !== 0) return; // a recovery began while the proposal was held back
    if (transaction.phase === "unknown") core.vote(transaction);
    if (transaction.phase !== "preaccepted") return;
    const { id, executeAt, deps } = transaction;
    if (from === core.config.id) this.onPreAcceptOk(from, { id, executeAt, deps });
    else core.send(from, { type: "pre_accept_ok", id, executeAt, deps });
  }

  onPreAcceptOk(from: NodeId, { id, ...vote }: { readonly id: InstanceId } & Vote): void {
    const core = this.#core;
    const transaction = core.transactions.get(id);
    if (transaction?.attempt?.kind !== "pre_accept") return;
    transaction.attempt.votes.set(from, vote);
    core.notice(vote.deps);
    this.#decidePreaccepted(transaction);
  }

  /** Decides with enough votes: at once for the initial timestamp, or by further rounds if it can no longer have enough. */
  #decidePreaccepted(transaction: Transaction, isLate = false): void {
    const { config, peers, quorums, now, silentMs } = this.#core;
    const { attempt, initialAt, commands = null } = transaction;
    if (attempt?.kind !== "pre_accept" || transaction.ballot !== 0) return;
    const votes = [...attempt.votes.values()];
    const inOrder = votes.filter(({ executeAt }) => executeAt === initialAt).length;
    const deps = () => unionOf(votes.map((vote) => vote.deps));
    if (inOrder >= quorums.fast) {
      return this.commit({ id: transaction.id, initialAt, commands, executeAt: initialAt, deps: deps() });
    }
    const isExpected = (node: NodeId) =>
      !attempt.votes.has(node) && !(isLate || peers.isSilent(node, silentMs, now));
    const expected = attempt.asked.filter(isExpected).length + (attempt.votes.has(config.id) ? 0 : 1);
    if (votes.length < quorums.slow || inOrder + expected >= quorums.fast) return;
    const executeAt = Math.max(...votes.map((vote) => vote.executeAt));
    this.accept(transaction, 0, { id: transaction.id, initialAt, commands, executeAt, deps: deps() });
  }

  /**
   * Decides again as time passes: a late transaction without the votes that are missing, if a majority has voted. First, the other nodes are
   * asked that were not.
   */
  reconsider(transaction: Transaction, { isLate }: { readonly isLate: boolean }): void {
    const { attempt } = transaction;
    const isAsked = attempt?.kind === "pre_accept" && attempt.asked.length === this.#core.others.length;
    this.#decidePreaccepted(transaction, isLate && isAsked);
  }

  /** Asks all nodes to accept a timestamp in a ballot that this node owns, and to complete the dependencies. */
  accept(transaction: Transaction, ballot: number, decision: Decision): void {
    const core = this.#core;
    this.#place(transaction, ballot, { ...decision, phase: "accepted" });
    const deps = new Map([[core.config.id, this.#lackingIn(transaction)]]);
    core.begin(transaction, { kind: "accept", deps }, { type: "accept", ballot, ...decision });
    this.#decideAccepted(transaction);
  }

  onAccept(from: NodeId, { ballot, ...decision }: Decision & { readonly ballot: number }): void {
    const core = this.#core;
    const { id } = decision;
    const transaction = this.#takingPart(from, id, ballot);
    if (transaction === undefined) return;
    if (transaction.phase === "stable" && transaction.acceptedBallot === ballot) return; // a late duplicate
    this.#place(transaction, ballot, { ...decision, phase: "accepted" });
    core.send(from, { type: "accept_ok", id, ballot, deps: this.#lackingIn(transaction) });
  }

  onAcceptOk(
    from: NodeId,
    { id, ballot, deps }: { readonly id: InstanceId; readonly ballot: number; readonly deps: Dependencies },
  ): void {
    const transaction = this.#core.transactions.get(id);
    if (transaction?.attempt?.kind !== "accept" || transaction.ballot !== ballot) return;
    transaction.attempt.deps.set(from, deps);
    this.#core.notice(deps);
    this.#decideAccepted(transaction);
  }

  #decideAccepted(transaction: Transaction): void {
    const { attempt, ballot } = transaction;
    if (attempt?.kind !== "accept" || attempt.deps.size < this.#core.quorums.slow) return;
    const deps = unionOf([transaction.deps, ...attempt.deps.values()]);
    const decision = { ...decisionOf(transaction), deps };
    if (this.#core.rules.mustStabilize()) this.stabilize(transaction, ballot, decision);
    else this.commit(decision);
  }

  /** Asks all nodes to accept final dependencies in a ballot that this node owns. */
  stabilize(transaction: Transaction, ballot: number, decision: Decision): void {
    const core = this.#core;
    this.#place(transaction, ballot, { ...decision, phase: "stable" });
    core.begin(transaction, { kind: "stabilize", from: new Set([core.config.id]) }, {
      type: "stabilize",
      ballot,
      ...decision,
    });
    this.#decideStable(transaction);
  }

  onStabilize(from: NodeId, { ballot, ...decision }: Decision & { readonly ballot: number }): void {
    const { id } = decision;
    const transaction = this.#takingPart(from, id, ballot);
    if (transaction === undefined) return;
    this.#place(transaction, ballot, { ...decision, phase: "stable" });
    this.#core.send(from, { type: "stabilize_ok", id, ballot });
  }

  onStabilizeOk(from: NodeId, { id, ballot }: { readonly id: InstanceId; readonly ballot: number }): void {
    const transaction = this.#core.transactions.get(id);
    if (transaction?.attempt?.kind !== "stabilize" || transaction.ballot !== ballot) return;
    transaction.attempt.from.add(from);
    this.#decideStable(transaction);
  }

  #decideStable(transaction: Transaction): void {
    const { attempt } = transaction;
    if (attempt?.kind === "stabilize" && attempt.from.size >= this.#core.quorums.slow) {
      this.commit(decisionOf(transaction));
    }
  }

  /** Commits a transaction, and informs the others: with the next message to each, unless another one waits for it. */
  commit(decision: Decision): void {
    const core = this.#core;
    const { uses } = core.transaction(decision.id);
    this.learn(decision);
    const part = { type: "commit", ...decision } as const;
    const isAwaited = core.isAwaited(decision.id, uses);
    for (const node of core.others) {
      if (isAwaited) core.send(node, part);
      else core.outbox.sendLater(node, part, core.now);
    }
  }

  /** Learns that a transaction is committed. */
  learn(decision: Decision): void {
    const core = this.#core;
    if (core.isDone(decision.id)) return;
    const transaction = core.transaction(decision.id);
    if (transaction.phase === "committed") return;
    core.place(transaction, decision);
    transaction.phase = "committed";
    transaction.attempt = undefined;
    transaction.request = undefined;
    core.notice(decision.deps);
    if (decision.commands === null) core.conflicts.delete(transaction.id, transaction.uses);
    core.open.delete(decision.id);
    core.committed.push(transaction);
  }

  /** Returns a transaction that this node may accept in a ballot; undefined after any other reply. */
  #takingPart(from: NodeId, id: InstanceId, ballot: number): Transaction | undefined {
    const core = this.#core;
    if (core.isDone(id)) return undefined;
    const transaction = core.transaction(id);
    if (transaction.phase === "committed") {
      core.sendCommit(from, transaction);
      return undefined;
    }
    if (!core.rules.mayAccept(transaction.ballot, ballot)) {
      core.send(from, { type: "refused", id, ballot: transaction.ballot });
      return undefined;
    }
    transaction.attempt = undefined;
    return transaction;
  }

  #place(
    transaction: Transaction,
    ballot: number,
    { phase, ...decision }: Decision & { readonly phase: "accepted" | "stable" },
  ): void {
    transaction.ballot = transaction.acceptedBallot = ballot;
    transaction.phase = phase;
    this.#core.place(transaction, decision);
    this.#core.notice(decision.deps);
  }

  /** Returns the dependencies that an accepted transaction lacks, as far as this node knows. */
  #lackingIn(transaction: Transaction): Dependencies {
    return withoutCovered(this.#core.dependenciesOf(transaction, transaction.executeAt), transaction.deps);
  }
}

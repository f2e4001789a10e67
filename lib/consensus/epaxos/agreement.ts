/**
 * Agreement without failures: preaccept, accept, commit. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { NodeId } from "../types.ts";
import type { Announcements } from "./announcements.ts";
import type { EpaxosCore, Instance } from "./core.ts";
import { unionOf } from "../leaderless/instance_ids.ts";
import type { Commands, InstanceId } from "../leaderless/types.ts";
import type { Decision, Deps, Proposal } from "./types.ts";

/** The coordinator's side and the others' side of the usual path. */
export class Agreement {
  readonly #core: EpaxosCore;

  constructor(core: EpaxosCore) {
    this.#core = core;
  }

  /** Begins an instance of this node, unless another node recovers it already, so that it will be empty. */
  propose(id: InstanceId, commands: readonly Json[], announcements: Announcements): void {
    const core = this.#core;
    const instance = core.instance(id);
    if (instance.phase !== "unknown" || instance.ballot !== 0) return;
    core.index(instance, commands);
    const deps = core.extended(core.floor, instance);
    announcements.extend(deps, instance);
    const proposal = { id, commands, deps };
    preaccept(core, instance, proposal);
    core.begin(
      instance,
      { kind: "pre_accept", deps: new Map([[core.config.id, instance.deps]]) },
      { type: "pre_accept", ...proposal },
      core.isContended(instance) ? core.others : core.fastQuorum(),
    );
    this.#decidePreaccepted(instance);
  }

  onPreAccept(from: NodeId, proposal: Proposal): void {
    const core = this.#core;
    const { id } = proposal;
    if (core.isStable(id)) return;
    const instance = core.instance(id);
    if (instance.phase === "committed") return sendCommit(core, from, instance);
    if (!core.rules.mayPreaccept(instance.ballot)) return;
    if (instance.phase === "unknown") preaccept(core, instance, proposal);
    if (instance.phase === "preaccepted") core.send(from, { type: "pre_accept_ok", id, deps: instance.deps });
  }

  onPreAcceptOk(
    from: NodeId,
    { id, deps }: { readonly id: InstanceId; readonly deps: Deps },
  ): void {
    const instance = this.#core.instances.get(id);
    if (instance?.attempt?.kind !== "pre_accept") return;
    instance.attempt.deps.set(from, deps);
    this.#core.learnRoundTrip(instance.firstSentAt);
    this.#core.notice(deps);
    this.#decidePreaccepted(instance);
  }

  /** Decides when enough nodes have replied: at once if they agree with the initial dependencies, otherwise with a second round. */
  #decidePreaccepted(instance: Instance, isLate = false): void {
    const { attempt, initialDeps, commands = null } = instance;
    if (attempt?.kind !== "pre_accept" || instance.ballot !== 0) return;
    const { fast, slow } = this.#core.quorums;
    const replies = [...attempt.deps.values()];
    const agreeing = replies.filter((deps) => this.#core.rules.confirms(deps, initialDeps)).length;
    if (agreeing >= fast) return this.commit(instance, commands, initialDeps);
    if (replies.length < (isLate ? slow : fast)) return;
    this.accept(instance, 0, commands, unionOf(replies));
  }

  /** Decides with a slow quorum if there is no fast one in time. */
  late(instance: Instance): void {
    this.#decidePreaccepted(instance, true);
  }

  /** Asks all nodes to accept commands and dependencies in a ballot that this node owns. */
  accept(instance: Instance, ballot: number, commands: Commands, deps: Deps): void {
    const core = this.#core;
    acceptLocally(core, instance, ballot, { id: instance.id, commands, deps });
    core.begin(
      instance,
      { kind: "accept", from: new Set([core.config.id]) },
      { type: "accept", id: instance.id, ballot, commands, deps },
    );
    this.#decideAccepted(instance);
  }

  onAccept(from: NodeId, part: Decision & { readonly ballot: number }): void {
    const core = this.#core;
    const { id, ballot } = part;
    if (core.isStable(id)) return;
    const instance = core.instance(id);
    if (instance.phase === "committed") return sendCommit(core, from, instance);
    if (!core.rules.mayAccept(instance.ballot, ballot)) {
      return core.send(from, { type: "refused", id, ballot: instance.ballot });
    }
    instance.attempt = undefined;
    acceptLocally(core, instance, ballot, part);
    core.send(from, { type: "accept_ok", id, ballot });
  }

  onAcceptOk(from: NodeId, { id, ballot }: { readonly id: InstanceId; readonly ballot: number }): void {
    const instance = this.#core.instances.get(id);
    if (instance?.attempt?.kind !== "accept" || instance.ballot !== ballot) return;
    instance.attempt.from.add(from);
    this.#decideAccepted(instance);
  }

  #decideAccepted(instance: Instance): void {
    const { attempt, commands = null, deps } = instance;
    if (attempt?.kind === "accept" && attempt.from.size >= this.#core.quorums.slow) {
      this.commit(instance, commands, deps);
    }
  }

  /**
   * Commits an instance, and informs the others: with the next message to each, unless another one waits for it. A later proposal that
   * conflicts loses no time: the reply to it is such a message.
   */
  commit(instance: Instance, commands: Commands, deps: Deps): void {
    const core = this.#core;
    const { id } = instance;
    this.learn({ id, commands, deps });
    const part = { type: "commit", id, commands, deps } as const;
    if (instance.coordinator === core.config.id && !core.isContended(instance)) core.broadcastLater(part);
    else core.broadcast(part);
  }

  /** Learns that an instance is committed. */
  learn({ id, commands, deps }: Decision): void {
    const core = this.#core;
    if (core.isStable(id)) return;
    const instance = core.instance(id);
    if (instance.phase === "committed") return;
    instance.phase = "committed";
    instance.commands = commands;
    instance.deps = deps;
    instance.attempt = undefined;
    instance.request = undefined;
    core.index(instance, commands);
    core.notice(deps);
    core.changed(instance);
    core.open.delete(instance);
    if (!core.executed.has(id)) core.unexecuted.add(instance);
    core.hasNewCommits = true;
  }
}

/** Sends an instance that is committed. */
export function sendCommit(core: EpaxosCore, to: NodeId, { id, commands = null, deps }: Instance): void {
  core.send(to, { type: "commit", id, commands, deps });
}

function preaccept(
  core: EpaxosCore,
  instance: Instance,
  { commands, deps }: Proposal,
): void {
  instance.phase = "preaccepted";
  instance.commands = instance.initialCommands = commands;
  instance.initialDeps = deps;
  core.index(instance, commands);
  instance.deps = core.extended(deps, instance);
  core.notice(deps);
  core.changed(instance);
}

function acceptLocally(
  core: EpaxosCore,
  instance: Instance,
  ballot: number,
  { commands, deps }: Decision,
): void {
  instance.ballot = instance.acceptedBallot = ballot;
  instance.phase = "accepted";
  instance.commands = commands;
  instance.deps = deps;
  core.notice(deps);
  core.index(instance, commands);
  core.changed(instance);
}

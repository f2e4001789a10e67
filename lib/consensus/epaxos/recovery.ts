/**
 * Recovery of instances whose coordinator may have failed, after Ryabinin, Gotsman and Sutra (2025), section 4: a node collects the
 * state of n − f nodes in a higher ballot. If the coordinator may have decided at once, it asks them to validate that decision
 * before it is accepted. Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { NodeId } from "../types.ts";
import { type Agreement, sendCommit } from "./agreement.ts";
import { type EpaxosCore, type Instance, recordOf } from "./core.ts";
import { coordinatorOf, isUpTo } from "../leaderless/instance_ids.ts";
import type { InstanceId } from "../leaderless/types.ts";
import type { InstanceRecord, Proposal } from "./types.ts";

/** The recovering node's side and the others' side. */
export class Recovery {
  readonly #core: EpaxosCore;
  readonly #agreement: Agreement;
  /** The numbers of unchanged replies that waiting recoveries of others told. */
  readonly #waiting = new Map<InstanceId, number>();

  constructor(core: EpaxosCore, agreement: Agreement) {
    this.#core = core;
    this.#agreement = agreement;
  }

  /** Begins to recover an instance. */
  recover(instance: Instance): void {
    const core = this.#core;
    const { nodes, id: self } = core.config;
    const place = { index: nodes.indexOf(self), nodes: nodes.length };
    const ballot = core.rules.ballotAbove(instance.ballot, place);
    promise(core, instance, ballot);
    const { id } = instance;
    core.begin(instance, { kind: "recover", records: new Map([[self, recordOf(instance)]]) }, {
      type: "recover",
      id,
      ballot,
    });
    this.#decide(instance);
  }

  onRecover(from: NodeId, { id, ballot }: { readonly id: InstanceId; readonly ballot: number }): void {
    const core = this.#core;
    if (core.isStable(id)) return;
    const instance = core.instance(id);
    if (instance.phase === "committed") return sendCommit(core, from, instance);
    if (instance.ballot > ballot) return core.send(from, { type: "refused", id, ballot: instance.ballot });
    if (instance.ballot < ballot) {
      instance.attempt = undefined;
      promise(core, instance, ballot);
    }
    core.send(from, { type: "recover_ok", record: recordOf(instance) });
  }

  onRecoverOk(from: NodeId, record: InstanceRecord): void {
    const instance = this.#core.instances.get(record.id);
    if (instance === undefined || instance.ballot !== record.ballot) return;
    const { attempt } = instance;
    if (attempt?.kind === "recover") {
      attempt.records.set(from, record);
      this.#decide(instance);
    } else if (attempt?.kind === "wait" && from === coordinatorOf(record.id)) {
      // The coordinator is not silent after all, and has taken no fast path before its promise.
      if (record.phase === "accepted") {
        this.#agreement.accept(instance, record.ballot, record.commands ?? null, record.deps);
      } else this.#abandon(instance);
    }
  }

  #decide(instance: Instance): void {
    const core = this.#core;
    const { attempt, ballot } = instance;
    if (attempt?.kind !== "recover" || attempt.records.size < core.quorums.slow) return;
    const records = [...attempt.records.values()];
    const accepted = core.rules.acceptedBefore(records);
    if (accepted !== undefined) {
      return this.#agreement.accept(instance, ballot, accepted.commands, accepted.deps);
    }
    const unchanged = records.filter(({ phase, deps, initialDeps }) =>
      phase === "preaccepted" && core.rules.confirms(deps, initialDeps)
    );
    const [first] = unchanged;
    const view = {
      replies: records.length,
      unchanged: unchanged.length,
      hasCoordinator: attempt.records.has(coordinatorOf(instance.id)),
    };
    if (first === undefined || !core.rules.mayHaveTakenFastPath(view, core.quorums)) {
      return this.#abandon(instance);
    }
    const { id, initialCommands, initialDeps: deps } = first;
    this.#validate(instance, { id, commands: initialCommands ?? [], deps }, {
      quorum: new Set(attempt.records.keys()),
      unchanged: unchanged.length,
    });
  }

  #validate(
    instance: Instance,
    proposal: Proposal,
    { quorum, unchanged }: { readonly quorum: ReadonlySet<NodeId>; readonly unchanged: number },
  ): void {
    const core = this.#core;
    const { ballot } = instance;
    const conflicts = new Map(this.#conflictsOf(instance, proposal));
    const from = new Set([core.config.id]);
    core.begin(instance, { kind: "validate", quorum, from, unchanged, conflicts }, {
      type: "validate",
      ballot,
      ...proposal,
    }, quorum);
    this.#decideValidated(instance);
  }

  onValidate(from: NodeId, validation: Proposal & { readonly ballot: number }): void {
    const core = this.#core;
    const { id, ballot } = validation;
    const instance = core.instances.get(id);
    if (instance === undefined) return;
    if (instance.phase === "committed") return sendCommit(core, from, instance);
    if (instance.ballot !== ballot) return core.send(from, { type: "refused", id, ballot: instance.ballot });
    const conflicts = this.#conflictsOf(instance, validation);
    core.send(from, { type: "validate_ok", id, ballot, conflicts });
  }

  /** Returns the instances that may prove that the fast path was not taken: they conflict, and neither depends on the other. */
  #conflictsOf(
    instance: Instance,
    { id, commands, deps }: Proposal,
  ): (readonly [id: InstanceId, isCommitted: boolean])[] {
    const core = this.#core;
    if (instance.phase === "unknown" || instance.phase === "preaccepted") {
      instance.commands = instance.initialCommands = commands;
      instance.initialDeps = deps;
      core.index(instance, commands);
      core.changed(instance);
    }
    return [...core.keys.conflictsBeyond(deps, instance)].filter((other) => core.rules.mayRefute(other, id))
      .map((other) => [other.id, other.phase === "committed"]);
  }

  onValidateOk(
    from: NodeId,
    { id, ballot, conflicts }: {
      readonly id: InstanceId;
      readonly ballot: number;
      readonly conflicts: readonly (readonly [id: InstanceId, isCommitted: boolean])[];
    },
  ): void {
    const instance = this.#core.instances.get(id);
    if (instance?.attempt?.kind !== "validate" || instance.ballot !== ballot) return;
    const { attempt } = instance;
    attempt.from.add(from);
    for (const [other, isCommitted] of conflicts) {
      attempt.conflicts.set(other, isCommitted || attempt.conflicts.get(other) === true);
    }
    this.#decideValidated(instance);
  }

  #decideValidated(instance: Instance): void {
    const core = this.#core;
    const { attempt, ballot, initialCommands, initialDeps, id } = instance;
    if (attempt?.kind !== "validate" || attempt.from.size < attempt.quorum.size) return;
    const { conflicts, quorum, unchanged } = attempt;
    if (conflicts.size === 0) {
      return this.#agreement.accept(instance, ballot, initialCommands ?? null, initialDeps);
    }
    if ([...conflicts.values()].includes(true)) return this.#abandon(instance);
    const view = { replies: quorum.size, unchanged, hasCoordinator: false };
    const others = [...conflicts.keys()];
    if (
      core.rules.isRefutedBySilentCoordinator(view, core.quorums) &&
      others.some((other) => !quorum.has(coordinatorOf(other)))
    ) return this.#abandon(instance);
    for (const other of others) if (!core.isStable(other)) core.instance(other);
    core.begin(instance, { kind: "wait", conflicts: new Set(others) }, {
      type: "waiting",
      id,
      count: unchanged,
    });
    this.checkWaiting(instance);
  }

  onWaiting({ id, count }: { readonly id: InstanceId; readonly count: number }): void {
    if (this.#core.isStable(id)) return;
    this.#waiting.set(id, Math.max(count, this.#waiting.get(id) ?? 0));
    for (const instance of this.#core.open) {
      if (instance.attempt?.kind === "wait" && instance.attempt.conflicts.has(id)) {
        this.checkWaiting(instance);
      }
    }
  }

  /** Ends a wait if the conflicting instances show how. */
  checkWaiting(instance: Instance): void {
    const core = this.#core;
    const { attempt, ballot, initialCommands, initialDeps, id } = instance;
    if (attempt?.kind !== "wait") return;
    for (const other of attempt.conflicts) {
      const state = core.instances.get(other);
      const count = this.#waiting.get(other) ?? 0;
      if (core.rules.isRefutedByWaiting(count, core.quorums)) return this.#abandon(instance);
      if (core.isStable(other) || (state?.phase === "committed" && state.commands === null)) {
        attempt.conflicts.delete(other);
      } else if (state?.phase === "committed") {
        if (!isUpTo(state.deps, id)) return this.#abandon(instance);
        attempt.conflicts.delete(other);
      }
    }
    if (attempt.conflicts.size === 0) {
      this.#agreement.accept(instance, ballot, initialCommands ?? null, initialDeps);
    }
  }

  onRefused({ id, ballot }: { readonly id: InstanceId; readonly ballot: number }): void {
    const instance = this.#core.instances.get(id);
    if (instance === undefined || instance.phase === "committed" || instance.ballot >= ballot) return;
    // The other node recovers the instance: leave it the time to do so.
    instance.attempt = undefined;
    promise(this.#core, instance, ballot);
  }

  /** Forgets what waiting recoveries told of instances that are done. */
  forget(): void {
    for (const id of this.#waiting.keys()) if (this.#core.isStable(id)) this.#waiting.delete(id);
  }

  /** Replaces an instance by no operation: it was not decided. Its coordinator proposes the commands again. */
  #abandon(instance: Instance): void {
    this.#agreement.accept(instance, instance.ballot, null, {});
  }
}

function promise(core: EpaxosCore, instance: Instance, ballot: number): void {
  instance.acceptedBallot = core.rules.acceptedBallotAfterPromise(instance);
  instance.ballot = ballot;
  core.changed(instance);
}

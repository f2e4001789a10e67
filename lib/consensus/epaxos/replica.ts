/**
 * A node's part of a state machine that EPaxos replicates. It is pure: requests, messages and the time go in; a turn comes out.
 *
 * Any node orders its clients' commands itself, in instances. It executes an instance when it and everything that it depends on is committed,
 * and then answers. So a command that conflicts with no other takes one round trip.
 *
 * Tested by `tests/consensus/epaxos/simulation_test.ts`.
 */

import type { Json } from "../../protocol/schema.ts";
import type { CompletedRequest } from "../client_requests.ts";
import type { StateMachine } from "../replica.ts";
import type { NodeId } from "../types.ts";
import { Agreement } from "./agreement.ts";
import { Announcements } from "./announcements.ts";
import { EpaxosCore, type EpaxosEnvironment, type Instance, recordOf } from "./core.ts";
import { executable } from "./execution.ts";
import { Admission } from "../leaderless/admission.ts";
import { coordinatorOf, InstanceSet, numberOf } from "../leaderless/instance_ids.ts";
import { takeMessages } from "../leaderless/messages.ts";
import { PendingRequests } from "../leaderless/pending_requests.ts";
import { RecordBatches, type StoredRecords } from "../leaderless/record_storage.ts";
import { fetchMissing, recoveryWaitMs, SCAN_MS } from "../leaderless/retries.ts";
import { Proposals } from "./proposals.ts";
import { Recovery } from "./recovery.ts";
import type { LeaderlessConfig } from "../leaderless/types.ts";
import type { EpaxosBatch, EpaxosMessage, EpaxosSnapshot, InstanceRecord, Part } from "./types.ts";

/** The work of a turn: store the batches and sync; then send; then hand out the completed requests. */
export interface EpaxosTurn {
  readonly batches: readonly EpaxosBatch[];
  readonly messages: readonly EpaxosMessage[];
  readonly completed: readonly CompletedRequest[];
}

/** The records that a node finds in its store. */
export type StoredInstances = StoredRecords<InstanceRecord, EpaxosSnapshot>;

/** One node's part. */
export class EpaxosReplica {
  readonly #core: EpaxosCore;
  readonly #agreement: Agreement;
  readonly #recovery: Recovery;
  readonly #machine: StateMachine;
  readonly #admission: Admission;
  readonly #announcements: Announcements;
  readonly #requests: PendingRequests;
  readonly #proposals: Proposals;
  readonly #batches: RecordBatches<InstanceRecord, EpaxosSnapshot>;
  #scanAt = Infinity;

  constructor(
    config: LeaderlessConfig,
    options: EpaxosEnvironment & {
      readonly machine: StateMachine;
      readonly stored: StoredInstances;
      readonly now: number;
    },
  ) {
    const { machine, stored, now } = options;
    this.#core = new EpaxosCore(config, options, now);
    this.#agreement = new Agreement(this.#core);
    this.#recovery = new Recovery(this.#core, this.#agreement);
    this.#machine = machine;
    this.#admission = new Admission(config.incarnation, {
      peers: this.#core.others,
      needed: this.#core.rules.confirmations(config.nodes.length),
      stored: stored.admission,
      now,
    });
    this.#batches = new RecordBatches(config.snapshotRecords);
    this.#announcements = new Announcements(this.#core);
    this.#requests = new PendingRequests(config);
    this.#proposals = new Proposals(this.#core, {
      requests: this.#requests,
      agreement: this.#agreement,
      announcements: this.#announcements,
    });
    this.#restore(stored);
  }

  /** The time at which {@linkcode EpaxosReplica.tick} must be called next. */
  get deadline(): number {
    const { outbox, exchange } = this.#core;
    if (!this.#admission.isAdmitted) return Math.min(this.#admission.deadline, this.#scanAt);
    return Math.min(this.#scanAt, exchange.gossipAt, outbox.deadline, this.#proposals.deadline);
  }

  /** False while this node has not been admitted: it may have lost its promises. */
  get isEligible(): boolean {
    return this.#admission.isAdmitted;
  }

  /** The number of instances that are not deleted. */
  get recordCount(): number {
    return this.#core.instances.size;
  }

  /** The instances that are not deleted. */
  get records(): InstanceRecord[] {
    return [...this.#core.instances.values()].map(recordOf);
  }

  /** Adds a client's request and returns its id; undefined if too many are pending. A later turn completes it. */
  submit(command: Json, now: number): number | undefined {
    return this.#requests.submit(command, now);
  }

  /** Handles a message. Those of a node that has lost its promises are ignored, and so are all while this one may have. */
  receive(message: EpaxosMessage, now: number): void {
    const { from, executed, parts } = message;
    const core = this.#core;
    core.now = now;
    if (!this.#admission.receive(message, (to, part) => core.send(to, part))) return;
    core.peers.heard(from, message, now);
    for (const part of parts) this.#receivePart(from, part);
    core.learnExecuted(from, executed);
    this.#recovery.forget();
    fetchMissing(core, { from, executed, instanceOf: (id) => core.instance(id) });
  }

  #receivePart(from: NodeId, part: Part): void {
    switch (part.type) {
      case "hello":
      case "hello_ok":
        return;
      case "announce":
        return this.#announcements.onAnnounce(part);
      case "pre_accept":
        this.#announcements.proposed(part.id);
        return this.#agreement.onPreAccept(from, part);
      case "pre_accept_ok":
        return this.#agreement.onPreAcceptOk(from, part);
      case "accept":
        this.#announcements.proposed(part.id);
        return this.#agreement.onAccept(from, part);
      case "accept_ok":
        return this.#agreement.onAcceptOk(from, part);
      case "commit":
        this.#announcements.proposed(part.id);
        return this.#agreement.learn(part);
      case "recover":
        return this.#recovery.onRecover(from, part);
      case "recover_ok":
        return this.#recovery.onRecoverOk(from, part.record);
      case "validate":
        return this.#recovery.onValidate(from, part);
      case "validate_ok":
        return this.#recovery.onValidateOk(from, part);
      case "waiting":
        return this.#recovery.onWaiting(part);
      case "refused":
        return this.#recovery.onRefused(part);
      case "fetch": {
        const instance = this.#core.instances.get(part.id);
        if (instance?.phase !== "committed") return;
        const { id, commands = null, deps } = instance;
        return this.#core.send(from, { type: "commit", id, commands, deps });
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
    for (const instance of [...core.open]) this.#retry(instance);
    this.#announcements.expire();
    this.#requests.expire(now);
  }

  /** Sends the request of an attempt again, or recovers an instance that does not progress. */
  #retry(instance: Instance): void {
    const core = this.#core;
    if (instance.attempt !== undefined && core.now - instance.sentAt >= core.retryMs) {
      if (instance.attempt.kind === "pre_accept") this.#agreement.late(instance);
      this.#sendAgain(instance);
    }
    const isOwn = instance.attempt?.kind === "pre_accept" || instance.attempt?.kind === "accept";
    const waitMs = recoveryWaitMs(core.config, { instance: instance.id, random: core.random });
    if (!isOwn && core.now - instance.progressAt >= waitMs) this.#recovery.recover(instance);
  }

  #sendAgain(instance: Instance): void {
    const core = this.#core;
    const { attempt, request } = instance;
    if (attempt === undefined || request === undefined) return;
    instance.sentAt = core.now;
    const replied = repliedTo(attempt);
    const asked = attempt.kind === "validate" ? [...attempt.quorum] : core.others;
    for (const node of asked) if (!replied.has(node) && node !== core.config.id) core.send(node, request);
  }

  /** Ends the turn and returns its work. */
  turn(now: number): EpaxosTurn {
    const core = this.#core;
    core.now = now;
    if (this.#admission.isAdmitted) this.#proposals.propose();
    while (core.hasNewCommits) {
      core.hasNewCommits = false;
      for (const instance of core.open) this.#recovery.checkWaiting(instance);
      this.#execute();
      this.#proposals.propose();
    }
    core.learnExecuted(core.config.id, core.executed.upTo);
    const batches = this.#batches.take({
      records: core.takeChanged(),
      admission: this.#admission.takeChanged(),
      snapshot: () => this.#snapshot(),
    });
    const messages = takeMessages(core, { now, sentAt: now });
    this.#setDeadlines();
    return { batches, messages, completed: this.#requests.takeCompleted() };
  }

  /** Executes everything whose dependencies are known. */
  #execute(): void {
    for (const instance of executable(this.#core)) {
      const results = instance.commands?.map((command) => this.#machine.apply(command)) ?? [];
      this.#proposals.settle(instance, results);
    }
  }

  #setDeadlines(): void {
    const core = this.#core;
    const isBusy = this.#requests.size > 0 || core.open.size > 0;
    if (isBusy) this.#scanAt = Math.min(this.#scanAt, core.now + SCAN_MS);
    core.exchange.plan(core.now);
  }

  #snapshot(): EpaxosSnapshot {
    const core = this.#core;
    return {
      number: this.#proposals.number,
      executed: core.executed.upTo,
      floor: core.floor,
      executedBeyond: core.executed.beyond,
      state: this.#machine.snapshot(),
      instances: [...core.instances.values()].map(recordOf),
    };
  }

  #restore({ snapshot, records }: StoredInstances): void {
    const core = this.#core;
    if (snapshot !== undefined) {
      this.#proposals.number = snapshot.number;
      core.restore(new InstanceSet(snapshot.executed, snapshot.executedBeyond), snapshot.floor);
      this.#machine.restore(snapshot.state);
    }
    for (const record of [...snapshot?.instances ?? [], ...records]) {
      const instance = core.instance(record.id);
      Object.assign(instance, record);
      if (coordinatorOf(record.id) === core.config.id) {
        this.#proposals.number = Math.max(this.#proposals.number, numberOf(record.id));
      }
    }
    for (const instance of core.instances.values()) {
      core.index(instance, instance.initialCommands ?? instance.commands ?? null);
      core.notice(instance.deps);
      if (instance.phase !== "committed") continue;
      core.open.delete(instance);
      if (!core.executed.has(instance.id)) core.unexecuted.add(instance);
    }
    this.#execute();
    core.learnExecuted(core.config.id, core.executed.upTo);
    this.#setDeadlines();
  }
}

function repliedTo(attempt: NonNullable<Instance["attempt"]>): ReadonlySet<NodeId> {
  switch (attempt.kind) {
    case "pre_accept":
      return new Set(attempt.deps.keys());
    case "accept":
    case "validate":
      return attempt.from;
    case "recover":
      return new Set(attempt.records.keys());
    case "wait":
      return new Set();
  }
}

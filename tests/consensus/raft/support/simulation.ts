/** The run of one seed: a cluster with clients and faults, then a calm period in which it must work again. */

import { assert } from "@std/assert";
import {
  type CompletedRequest,
  type NodeId,
  REPLICA_DEFAULTS,
  type ReplicaConfig,
  type Sessions,
} from "../../../../lib/consensus/mod.ts";
import {
  type LeaseBounds,
  type MembershipChange,
  RAFT_DEFAULTS,
  type RaftConfig,
} from "../../../../lib/consensus/raft/mod.ts";
import type { SafetyRules } from "../../../../lib/consensus/raft/safety_rules.ts";
import { isRecoverable, mayLose } from "./losses.ts";
import type { LossyDisk } from "./lossy_disk.ts";
import { SeededRandom } from "../../../../lib/sim/random.ts";
import { isRegisterResult, type RegisterCommand, RegisterHistory } from "../../support/register.ts";
import { SafetyViolation } from "./safety.ts";
import { type KillPoint, World } from "./world.ts";

/** The faults that a simulation may inject. */
export const FAULTS = [
  "partition",
  "one_way",
  "link",
  "isolate",
  "usurp",
  "behead",
  "loss",
  "duplication",
  "reorder",
  "kill",
  "bounce",
  "kill_all",
  "pause",
  "drift",
  "jump",
  "membership",
  "transfer",
  "lose_disk",
] as const;

export type Fault = typeof FAULTS[number];

/** Settings of a simulation. Those left out are drawn from the seed. */
export interface Profile {
  readonly nodes?: number;
  readonly faults?: readonly Fault[];
  readonly disks?: boolean;
  readonly lease?: LeaseBounds | undefined;
  readonly leases?: boolean;
  readonly thrifty?: boolean;
  readonly appendEntriesMax?: number;
  readonly inflightMax?: number;
  readonly snapshotEntries?: number;
  readonly faultsMs?: number;
  /** The mean time between faults, in ms. */
  readonly faultEveryMs?: number;
  readonly clients?: number;
  readonly latencyMsMean?: number;
  /** Planted bugs, as the next three. */
  readonly rules?: SafetyRules;
  readonly sessions?: (max: number) => Sessions;
  readonly disk?: () => LossyDisk;
  readonly incarnations?: boolean;
  readonly trace?: boolean;
}

/** The result of a run. */
export interface SimulationResult {
  readonly seed: number;
  readonly committed: number;
  readonly operations: number;
  readonly answered: number;
  readonly events: number;
  readonly faults: number;
  /** The violated property, if one was. */
  readonly violation: string | undefined;
  readonly trace: readonly string[];
}

const ELECTION_TIMEOUT_MS = 150;
const RECOVERY_MS = 4000;

/** Runs one seed. A violation is part of the result and is not thrown. */
export function simulate(seed: number, profile: Profile = {}): SimulationResult {
  const simulation = new Simulation(seed, profile);
  let violation: string | undefined;
  try {
    simulation.run();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name !== "InvariantError" && !(error instanceof SafetyViolation)) throw error;
    violation = error.message;
  }
  const { world, history, faults } = simulation;
  return {
    seed,
    committed: world.safety.committed,
    operations: history.operations,
    answered: history.answered,
    events: world.events,
    faults,
    violation,
    trace: world.trace ?? [],
  };
}

class Simulation {
  readonly world: World;
  readonly history = new RegisterHistory();
  faults = 0;
  readonly #random: SeededRandom;
  readonly #profile: Profile;
  readonly #disks: boolean;
  readonly #losesDisks: boolean;
  readonly #lease: LeaseBounds | undefined;
  readonly #faultsMs: number;
  readonly #enabled: readonly Fault[];
  readonly #jumpedAt = new Map<NodeId, number>();
  readonly #waiting = new Map<number, { readonly command: RegisterCommand; readonly floor: number }>();
  #nextValue = 1;
  #lastValue = 0;
  #calm = false;
  #answeredInCalm = 0;

  constructor(seed: number, profile: Profile) {
    const random = this.#random = new SeededRandom(seed);
    this.#profile = profile;
    const count = profile.nodes ?? random.pick([3, 3, 5, 5, 7]);
    const voters = Array.from({ length: count }, (_, i) => `n${i}`);
    this.#disks = profile.disks ?? random.chance(0.75);
    this.#losesDisks = profile.faults?.includes("lose_disk") ?? false;
    const leases = profile.leases ?? random.chance(0.6);
    this.#lease = leases
      ? profile.lease ?? { driftMax: random.pick([0.05, 0.2]), jumpMsMax: random.pick([0, 40]) }
      : undefined;
    this.#faultsMs = profile.faultsMs ?? 3000;
    const possible = FAULTS.filter((fault) =>
      (fault !== "jump" || !leases || (this.#lease?.jumpMsMax ?? 0) > 0) &&
      (this.#disks || (fault !== "kill_all" && fault !== "membership")) &&
      fault !== "lose_disk" // only for profiles that ask for it, since it needs incarnations
    );
    this.#enabled = profile.faults ??
      random.shuffle(possible).slice(0, 2 + random.below(possible.length - 1));
    const thrifty = profile.thrifty ?? random.chance(0.4);
    const appendEntriesMax = profile.appendEntriesMax ?? random.pick([1, 3, 100]);
    const snapshotEntries = profile.snapshotEntries ?? random.pick([15, 60, 100_000]);
    const inflightMax = profile.inflightMax ?? random.pick([1, 4, 64]);
    const spare = this.#enabled.includes("membership") ? [`n${count}`] : [];
    this.world = new World({
      nodes: [...voters, ...spare],
      membership: { voters, learners: [] },
      disks: this.#disks,
      disksMayBeLost: this.#losesDisks && profile.incarnations !== false,
      random: random.split("world"),
      rules: profile.rules,
      sessions: profile.sessions,
      disk: profile.disk,
      replica: (id, incarnation): ReplicaConfig & { readonly raft: RaftConfig } => ({
        ...REPLICA_DEFAULTS,
        raft: {
          ...RAFT_DEFAULTS,
          id,
          electionTimeoutMs: ELECTION_TIMEOUT_MS,
          heartbeatMs: 30,
          retryMs: 30,
          appendEntriesMax,
          inflightMax,
          snapshotChunkChars: 100,
          lease: this.#lease,
          thrifty,
          contacts: [...voters, ...spare].filter((other) => other !== id),
          incarnation: this.#disks || profile.incarnations === false ? undefined : incarnation, // with disks, the world decides
        },
        requests: { resendMs: 100, timeoutMs: 1000, forwardedMax: 10, pendingMax: 1000 },
        snapshotEntries,
        keepEntries: random.pick([0, 5]),
      }),
      onChange: (value, version) => this.history.changed(value, version),
      onCompleted: (client, completed) => this.#onCompleted(client, completed),
    }, { trace: profile.trace ?? false });
    this.world.network.latencyMsMean = profile.latencyMsMean ?? random.pick([1, 3, 10]);
  }

  run(): void {
    const { world } = this;
    for (const id of world.nodeIds) world.after(this.#random.uniform(0, 20), () => world.start(id));
    const clients = this.#profile.clients ?? 6;
    for (let client = 0; client < clients; client++) {
      world.after(this.#random.uniform(0, 50), () => this.#ask(client));
    }
    this.#nextFault();
    world.run(this.#faultsMs);
    this.#heal();
    this.#calm = true;
    world.run(this.#faultsMs + RECOVERY_MS);
    if (this.#answeredInCalm === 0) {
      throw new SafetyViolation("recovery", `no request was answered in ${RECOVERY_MS} ms without faults`);
    }
  }

  // Clients send one request at a time, mostly to the same node. Half of them mostly read.

  #ask(client: number): void {
    const { world } = this;
    const random = this.#random;
    const nodes = world.nodeIds;
    const reads = client % 2 === 1;
    const command: RegisterCommand = random.chance(reads ? 0.9 : 0.1)
      ? { f: "read" }
      : random.chance(0.5)
      ? { f: "write", value: this.#nextValue++ }
      : { f: "cas", from: this.#lastValue, to: this.#nextValue++ };
    const floor = this.history.invoke(command);
    this.#waiting.set(client, { command, floor });
    const stickiness = this.#calm ? 0 : 0.9; // its node may have been removed
    const id = random.chance(stickiness)
      ? nodes[(client >> 1) % nodes.length] ?? random.pick(nodes)
      : random.pick(nodes);
    if (!world.submit(id, { client, command })) this.#onCompleted(client, undefined);
  }

  #onCompleted(client: number, completed: CompletedRequest | undefined): void {
    const asked = this.#waiting.get(client);
    if (asked === undefined) return;
    this.#waiting.delete(client);
    if (completed?.outcome.kind === "result") {
      const { result } = completed.outcome;
      assert(isRegisterResult(result));
      const problem = this.history.complete(asked.command, asked.floor, result);
      if (problem !== undefined) throw new SafetyViolation("linearizability", problem);
      this.#lastValue = result.value;
      if (this.#calm) this.#answeredInCalm++;
    }
    this.world.after(this.#random.uniform(1, this.#calm ? 60 : 30), () => this.#ask(client));
  }

  // Faults begin one after another, and end after some time.

  #nextFault(): void {
    const every = this.#profile.faultEveryMs ?? 150;
    this.world.after(this.#random.uniform(0, 2 * every), () => {
      if (this.#calm || this.#enabled.length === 0) return;
      this.#inject(this.#random.pick(this.#enabled));
      this.faults++;
      this.#nextFault();
    });
  }

  #end(action: () => void, longest = 800): void {
    this.world.after(this.#random.uniform(20, longest), () => {
      if (!this.#calm) action();
    });
  }

  #inject(fault: Fault): void {
    const { world } = this;
    const random = this.#random;
    switch (fault) {
      case "partition":
        this.#partition();
        return this.#end(() => world.blocked.clear());
      case "one_way": {
        const id = random.pick(world.nodeIds);
        const inward = random.chance(0.5);
        for (const other of world.nodeIds) world.blocked.add(inward ? `${other}>${id}` : `${id}>${other}`);
        return this.#end(() => world.blocked.clear());
      }
      case "link": {
        const [a, b] = random.shuffle(world.nodeIds);
        world.blocked.add(`${a}>${b}`).add(`${b}>${a}`);
        return this.#end(() => world.blocked.clear());
      }
      case "isolate": {
        const leader = this.#leader();
        if (leader !== undefined) this.#isolate(leader);
        return;
      }
      case "usurp": // isolates the next leader before it has sent anything
        return this.#usurp(this.#terms(), 150);
      case "behead": // isolates the next leader as soon as it has committed an entry
        return this.#behead(this.#terms(), { committed: Infinity, attempts: 300 });
      case "loss":
        world.network.loss = random.pick([0.05, 0.2, 0.5]);
        return this.#end(() => world.network.loss = 0);
      case "duplication":
        world.network.duplication = random.pick([0.1, 0.5]);
        return this.#end(() => world.network.duplication = 0);
      case "reorder": {
        const usual = world.network.latencyMsMean;
        world.network.latencyMsMean = Math.min(30, usual * 5);
        return this.#end(() => world.network.latencyMsMean = usual);
      }
      case "kill":
        return this.#kill(random.pick(world.nodeIds));
      case "lose_disk":
        return this.#loseDisk(random.pick(world.nodeIds));
      case "bounce":
        return this.#bounce();
      case "kill_all":
        for (const id of world.nodeIds) if (random.chance(0.9)) this.#kill(id);
        return;
      case "pause": {
        const id = random.chance(0.5)
          ? this.#leader() ?? random.pick(world.nodeIds)
          : random.pick(world.nodeIds);
        if (world.isPaused(id)) return;
        world.pause(id);
        return this.#end(() => world.resume(id), 500);
      }
      case "drift": {
        const bound = this.#lease?.driftMax ?? 0.3;
        for (const id of world.nodeIds) {
          const extreme = random.pick([1 - bound, 1, 1 + bound]);
          world.setRate(id, random.chance(0.7) ? extreme : random.uniform(1 - bound, 1 + bound));
        }
        return;
      }
      case "jump":
        return this.#jump(random.pick(world.nodeIds));
      case "membership":
        // The next leader is asked at once, and again until it takes a change.
        return this.#changeMembership(random.chance(0.3) ? 1 : 60);
      case "transfer": {
        const leader = this.#leader();
        if (leader !== undefined) {
          world.act(leader, (replica, now) => replica.engine.transfer(random.pick(world.nodeIds), now));
          if (random.chance(0.3)) { // and the old leader is isolated meanwhile
            world.after(random.uniform(0, 4) * world.network.latencyMsMean, () => {
              if (!this.#calm) this.#isolate(leader);
            });
          }
        }
      }
    }
  }

  #leader(): NodeId | undefined {
    const leaders = this.world.nodeIds.filter((id) => this.world.replica(id)?.engine.role === "leader");
    return leaders.length === 0 ? undefined : this.#random.pick(leaders);
  }

  #partition(): void {
    const { world } = this;
    const random = this.#random;
    const leader = this.#leader();
    const shuffled = random.shuffle(world.nodeIds);
    const size = random.chance(0.5) ? Math.floor(shuffled.length / 2) : 1;
    const side = new Set(random.chance(0.4) && leader !== undefined ? [leader] : shuffled.slice(0, size));
    if (random.chance(0.3)) world.blocked.clear();
    for (const a of world.nodeIds) {
      for (const b of world.nodeIds) if (side.has(a) !== side.has(b)) world.blocked.add(`${a}>${b}`);
    }
  }

  #isolate(id: NodeId): void {
    for (const other of this.world.nodeIds) this.world.blocked.add(`${id}>${other}`).add(`${other}>${id}`);
    this.#end(() => this.world.blocked.clear());
  }

  #behead(
    term: number,
    { committed, attempts }: { readonly committed: number; readonly attempts: number },
  ): void {
    const { world } = this;
    if (this.#calm || attempts === 0) return;
    const next = world.nodeIds.find((id) => {
      const raft = world.replica(id)?.engine;
      return raft?.role === "leader" && raft.term > term;
    });
    const commit = next === undefined ? Infinity : world.replica(next)?.engine.status.commit ?? Infinity;
    if (next !== undefined && commit > committed) return this.#isolate(next);
    world.after(1, () => this.#behead(term, { committed: commit, attempts: attempts - 1 }));
  }

  /**
   * Sometimes partitions one follower from the leader, so that it would start an election if the others let it. Then isolates the
   * leader and restarts the others, so that they know only what they stored.
   */
  #bounce(): void {
    const { world } = this;
    const random = this.#random;
    const leader = this.#leader();
    if (leader === undefined) return;
    const others = random.shuffle(world.nodeIds.filter((id) => id !== leader));
    const candidate = random.chance(0.5) ? others.pop() : undefined;
    if (candidate !== undefined) world.blocked.add(`${leader}>${candidate}`).add(`${candidate}>${leader}`);
    world.after(random.uniform(1, 3) * ELECTION_TIMEOUT_MS, () => {
      if (this.#calm) return;
      this.#isolate(leader);
      for (const id of others) {
        if (random.chance(0.2) || (!this.#disks && !mayLose(world, id))) continue;
        world.kill(id, "between_turns");
        world.after(random.uniform(1, 5), () => world.start(id));
      }
    });
  }

  /** Moves a clock by any amount; with leases, by at most the amount that they allow, and once per period that they allow. */
  #jump(id: NodeId): void {
    const { world } = this;
    if (this.#lease === undefined) return world.jump(id, this.#random.uniform(1, 600));
    const pause = ELECTION_TIMEOUT_MS / (1 - this.#lease.driftMax);
    if (world.now - (this.#jumpedAt.get(id) ?? -Infinity) < pause) return;
    this.#jumpedAt.set(id, world.now);
    world.jump(id, this.#random.uniform(0.5, 1) * this.#lease.jumpMsMax);
  }

  #terms(): number {
    return Math.max(...this.world.nodeIds.map((id) => this.world.replica(id)?.engine.term ?? 0));
  }

  #usurp(term: number, attempts: number): void {
    const { world } = this;
    if (this.#calm) return;
    const next = world.nodeIds.find((id) => {
      const raft = world.replica(id)?.engine;
      return raft?.role === "leader" && raft.term > term;
    });
    if (next !== undefined) return this.#isolate(next);
    if (attempts > 0) world.after(2, () => this.#usurp(term, attempts - 1));
  }

  #kill(id: NodeId): void {
    const { world } = this;
    if (!this.#disks && !mayLose(world, id)) return;
    world.kill(id, this.#random.pick<KillPoint>(["between_turns", "before_sync", "after_sync"]));
    this.#end(() => world.start(id), this.#random.chance(0.5) ? 30 : 500);
  }

  #loseDisk(id: NodeId): void {
    const { world } = this;
    if (!mayLose(world, id)) return;
    world.kill(id, "between_turns");
    world.loseDisk(id);
    this.#end(() => world.start(id), this.#random.chance(0.5) ? 30 : 500);
  }

  #changeMembership(attempts: number): void {
    const { world } = this;
    const random = this.#random;
    if (this.#calm) return;
    const leader = this.#leader();
    let taken = false;
    const again = () => {
      if (taken || attempts <= 1) return;
      world.after(3, () => this.#changeMembership(attempts - 1));
    };
    if (leader === undefined) return again();
    world.act(leader, (replica, now) => {
      const { voters, learners } = replica.engine.status.membership;
      const others = world.nodeIds.filter((id) => !voters.includes(id) && !learners.includes(id));
      const [learner] = learners;
      const change = (what: MembershipChange) =>
        taken = typeof replica.engine.changeMembership(what, now) !== "string";
      const canVote = (next: readonly NodeId[]) => this.#disks || isRecoverable(world, next);
      if (learner !== undefined) {
        if (canVote([...voters, learner])) change({ add: learner, as: "voter" });
      } else if (others.length > 0 && (voters.length <= 3 || random.chance(0.3))) {
        change({ add: random.pick(others), as: "learner" });
      } else if (voters.length > 3) {
        const removed = random.pick(voters);
        if (canVote(voters.filter((voter) => voter !== removed))) change({ remove: removed });
      }
    });
    again();
  }

  #heal(): void {
    const { world } = this;
    world.blocked.clear();
    world.network.loss = world.network.duplication = 0;
    world.network.latencyMsMean = Math.min(10, world.network.latencyMsMean);
    for (const id of world.nodeIds) {
      if (world.node(id).killAt !== undefined) world.kill(id, "between_turns");
      world.resume(id);
      world.start(id);
    }
  }
}

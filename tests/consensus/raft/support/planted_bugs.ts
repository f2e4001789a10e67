/** Well-known mistakes in implementations of Raft, each as a small change that the simulator must notice. */

import { Sessions } from "../../../../lib/consensus/mod.ts";
import { SAFETY_RULES, type SafetyRules } from "../../../../lib/consensus/raft/safety_rules.ts";
import { LossyDisk } from "./lossy_disk.ts";
import type { Profile } from "./simulation.ts";

/** A mistake, the circumstances in which it shows, and the first seed that shows it. */
export interface PlantedBug {
  readonly name: string;
  readonly profile: Profile;
  /** The first seed, counting from 1, that finds it. */
  readonly seed: number;
  /** A part of what the simulator says. */
  readonly finding: RegExp;
}

function rules(changed: Partial<SafetyRules>): SafetyRules {
  return { ...SAFETY_RULES, ...changed };
}

/** A disk on which the vote is never stored. */
class VotelessDisk extends LossyDisk {
  override put(key: string, value: string): void {
    if (key !== "raft.vote") super.put(key, value);
  }
}

/** A disk that is never synced, so that answers leave before what they promise is durable. */
class UnsyncedDisk extends LossyDisk {
  #turns = 0;

  override sync(): void {
    if (++this.#turns % 8 === 0) super.sync();
  }
}

class ForgetfulSessions extends Sessions {
  override toRecords(): [] {
    return [];
  }
}

const wild: Profile = {
  nodes: 5,
  disks: true,
  faults: ["partition", "kill", "pause", "loss"],
  faultEveryMs: 60,
};

export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: "an entry of an earlier term is committed by counting (§3.6.2)",
    profile: {
      nodes: 5,
      disks: true,
      leases: false,
      thrifty: false,
      faults: ["usurp", "isolate", "behead"],
      faultEveryMs: 100,
      appendEntriesMax: 1,
      inflightMax: 1,
      snapshotEntries: 100_000,
      latencyMsMean: 10,
      clients: 10,
      rules: rules({ mayCommit: () => true }),
    },
    seed: 128,
    finding: /leader completeness|state machine safety|is committed/,
  },
  {
    name: "the vote is not stored before it is given (§3.8)",
    profile: {
      nodes: 3,
      disks: true,
      faults: ["kill", "one_way", "partition"],
      faultEveryMs: 25,
      disk: () => new VotelessDisk(),
    },
    seed: 5,
    finding: /election safety|log matching|two leaders|leads term/,
  },
  {
    name: "answers leave before what they promise is synced (§3.8)",
    profile: { ...wild, nodes: 3, disk: () => new UnsyncedDisk() },
    seed: 3,
    finding: /committed|leader completeness|state machine safety|election safety|never sent|linearizability/,
  },
  {
    name: "a node gives two votes in a term (§3.4)",
    profile: { ...wild, rules: rules({ mayVote: () => true }) },
    seed: 3,
    finding: /election safety|log matching|two leaders|leads term/,
  },
  {
    name: "a vote goes to a candidate whose log is behind (§3.6.1)",
    profile: { ...wild, rules: rules({ upToDate: () => true }) },
    seed: 3,
    finding: /leader completeness|state machine safety|is committed/,
  },
  {
    name: "half of the voters count as a majority (§3.4)",
    profile: { ...wild, nodes: 5, rules: rules({ quorum: (voters) => Math.max(1, Math.floor(voters / 2)) }) },
    seed: 3,
    finding: /election safety|leader completeness|state machine safety|log matching/,
  },
  {
    name: "a follower takes entries without comparing the one before them (§3.5)",
    profile: { ...wild, rules: rules({ matchesPreviousEntry: (own) => own !== undefined }) },
    seed: 49,
    finding: /log matching|state machine safety|lost: version|applied twice/,
  },
  {
    name: "a follower cuts its log at every append, also at a late one (§3.5)",
    profile: {
      ...wild,
      faults: ["reorder", "duplication", "kill", "partition"],
      rules: rules({ conflicts: () => true }),
    },
    seed: 3,
    finding: /committed|leader completeness|never sent/,
  },
  {
    name: "a follower commits what the leader committed, whether it agrees so far or not (§3.5)",
    profile: {
      ...wild,
      appendEntriesMax: 1,
      rules: rules({ followerCommit: (leaderCommit) => leaderCommit }),
    },
    seed: 9,
    finding: /lost: version|state machine safety|is committed/,
  },
  {
    name: "a snapshot keeps the log behind it, whether that agrees or not (§5.1)",
    profile: {
      ...wild,
      snapshotEntries: 15,
      appendEntriesMax: 3,
      rules: rules({ keepsSuffix: (own) => own !== undefined }),
    },
    seed: 118,
    finding: /log matching|state machine safety|lost: version/,
  },
  {
    name: "a snapshot forgets the clients' sessions (§6.3)",
    profile: { ...wild, snapshotEntries: 15, sessions: (max) => new ForgetfulSessions(max) },
    seed: 2,
    finding: /applied twice|another state/,
  },
  {
    name: "a deposed leader answers reads without asking anybody (§6.4)",
    profile: { ...wild, leases: false, rules: rules({ isConfirmed: () => true }) },
    seed: 26,
    finding: /linearizability: stale/,
  },
  {
    name: "a new leader answers reads before it has committed in its term (§6.4)",
    profile: { ...wild, rules: rules({ mayRead: () => true }) },
    seed: 1,
    finding: /linearizability: stale/,
  },
  {
    name: "a lease takes clocks to be exact (§6.4.1)",
    profile: {
      nodes: 3,
      disks: true,
      leases: true,
      lease: { driftMax: 0.2, jumpMsMax: 0 },
      faults: ["drift", "isolate"],
      clients: 10,
      rules: rules({ leaseMs: (electionTimeoutMs) => electionTimeoutMs }),
    },
    seed: 31,
    finding: /linearizability: stale/,
  },
  {
    name: "a lease takes clocks never to jump (§6.4.1)",
    profile: {
      nodes: 3,
      disks: true,
      leases: true,
      lease: { driftMax: 0, jumpMsMax: 60 },
      faults: ["jump", "isolate"],
      faultEveryMs: 60,
      clients: 10,
      rules: rules({ leaseMs: (electionTimeoutMs) => electionTimeoutMs }),
    },
    seed: 97,
    finding: /linearizability: stale/,
  },
  {
    name: "a restarted node votes against a leader that it has just heard from (§6.4.1)",
    profile: {
      nodes: 3,
      disks: true,
      leases: true,
      faults: ["bounce"],
      clients: 10,
      rules: rules({ contactBeforeStart: () => -Infinity }),
    },
    seed: 3,
    finding: /linearizability: stale/,
  },
  {
    name: "a lease outlives the transfer of leadership (§6.4.1 with §3.10)",
    profile: {
      nodes: 3,
      disks: true,
      leases: true,
      faults: ["transfer"],
      clients: 10,
      rules: rules({ leaseValidAfterTransfer: () => true }),
    },
    seed: 3,
    finding: /linearizability: stale/,
  },
  {
    name: "a new leader changes the membership before it has committed in its term (§4.1, corrected)",
    profile: {
      nodes: 4,
      disks: true,
      leases: false,
      thrifty: false,
      faults: ["membership", "isolate", "usurp", "behead"],
      faultEveryMs: 30,
      appendEntriesMax: 1,
      inflightMax: 1,
      snapshotEntries: 100_000,
      latencyMsMean: 25,
      rules: rules({ mayChangeMembership: ({ underway }) => !underway }),
    },
    seed: 56,
    finding: /election safety|leader completeness|state machine safety|is committed/,
  },
  {
    name: "the membership changes again before the last change is committed (§4.1)",
    profile: {
      nodes: 5,
      disks: true,
      faults: ["membership", "partition", "kill", "pause"],
      faultEveryMs: 30,
      rules: rules({ mayChangeMembership: () => true }),
    },
    seed: 8,
    finding: /election safety|leader completeness|state machine safety|is committed/,
  },
  {
    name: "a node without a disk votes after a restart as if nothing had been (readmission)",
    profile: { nodes: 3, disks: false, incarnations: false, faults: ["kill", "partition"] },
    seed: 3,
    finding: /committed|election safety|leader completeness|never sent/,
  },
  {
    name: "a node without a disk begins anew although others know of its former incarnation (readmission)",
    profile: { nodes: 3, disks: false, faults: ["kill", "partition"], rules: rules({ isClean: () => true }) },
    seed: 5,
    finding: /committed|election safety|leader completeness|never sent|linearizability/,
  },
  {
    name: "a node with a new disk votes as if nothing had been (readmission)",
    profile: { nodes: 3, disks: true, incarnations: false, faults: ["lose_disk", "kill", "partition"] },
    seed: 3,
    finding: /committed|election safety|leader completeness|never sent|linearizability|log/,
  },
  {
    name: "a node with a new disk begins anew although others know of its former incarnation (readmission)",
    profile: {
      nodes: 3,
      disks: true,
      faults: ["lose_disk", "kill", "partition"],
      rules: rules({ isClean: () => true }),
    },
    seed: 5,
    finding: /committed|election safety|leader completeness|never sent|linearizability|log/,
  },
  {
    name: "a node without a disk counts before it was rejoined (readmission)",
    profile: {
      nodes: 5,
      disks: false,
      faults: ["kill", "partition", "isolate"],
      faultEveryMs: 60,
      rules: rules({ isHeard: () => true, answerCounts: () => true, mayVoteIfEligible: () => true }),
    },
    seed: 2,
    finding: /committed|election safety|leader completeness|never sent|linearizability|state machine/,
  },
];

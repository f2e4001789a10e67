/** Well-known bugs of Raft implementations, each as a small change that the simulator must notice. */

import { Sessions } from "../../../../lib/consensus/mod.ts";
import { SAFETY_RULES, type SafetyRules } from "../../../../lib/consensus/raft/safety_rules.ts";
import { LossyDisk } from "./lossy_disk.ts";
import type { Profile } from "./simulation.ts";

/** A bug, the circumstances in which it shows, and the first seed that shows it. */
export interface PlantedBug {
  readonly name: string;
  readonly profile: Profile;
  /** The first seed, counting from 1, that finds it. */
  readonly seed: number;
  /** A part of the violation that the simulator reports. */
  readonly finding: RegExp;
}

function rules(changed: Partial<SafetyRules>): SafetyRules {
  return { ...SAFETY_RULES, ...changed };
}

/** A disk on which the vote is never stored. */
class VotelessDisk extends LossyDisk {
  override put(key: string, value: string): void {
    if (key !== "raft.hard_state") super.put(key, value);
  }
}

/** A disk that is seldom synced, so that replies leave before the state that they promise is durable. */
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
    name: "a leader commits an entry of an earlier term by counting (§3.6.2)",
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
    seed: 146,
    finding: /leader completeness|state machine safety|is committed/,
  },
  {
    name: "a node does not store its vote (§3.8)",
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
    name: "replies leave before the state that they promise is synced (§3.8)",
    profile: { ...wild, nodes: 3, disk: () => new UnsyncedDisk() },
    seed: 3,
    finding: /committed|leader completeness|state machine safety|election safety|never sent|linearizability/,
  },
  {
    name: "a node votes twice in a term (§3.4)",
    profile: { ...wild, rules: rules({ mayVote: () => true }) },
    seed: 3,
    finding: /election safety|log matching|two leaders|leads term/,
  },
  {
    name: "a node votes for a candidate with an older log (§3.6.1)",
    profile: { ...wild, rules: rules({ upToDate: () => true }) },
    seed: 5,
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
    seed: 30,
    finding: /log matching|state machine safety|lost: version|applied twice/,
  },
  {
    name: "a follower truncates its log at every append, also a late one (§3.5)",
    profile: {
      ...wild,
      faults: ["reorder", "duplication", "kill", "partition"],
      rules: rules({ conflicts: () => true }),
    },
    seed: 3,
    finding: /committed|leader completeness|never sent/,
  },
  {
    name: "a follower commits entries that may differ from the leader's (§3.5)",
    profile: {
      ...wild,
      appendEntriesMax: 1,
      rules: rules({ followerCommit: (leaderCommit) => leaderCommit }),
    },
    seed: 44,
    finding: /lost: version|state machine safety|is committed/,
  },
  {
    name: "a snapshot keeps later entries that may differ (§5.1)",
    profile: {
      ...wild,
      snapshotEntries: 15,
      appendEntriesMax: 3,
      rules: rules({ keepsSuffix: (own) => own !== undefined }),
    },
    seed: 46,
    finding: /log matching|state machine safety|lost: version/,
  },
  {
    name: "a snapshot lacks the client sessions (§6.3)",
    profile: { ...wild, snapshotEntries: 15, sessions: (max) => new ForgetfulSessions(max) },
    seed: 2,
    finding: /applied twice|another state/,
  },
  {
    name: "a deposed leader serves reads without confirmation (§6.4)",
    profile: { ...wild, leases: false, rules: rules({ isConfirmed: () => true }) },
    seed: 170,
    finding: /linearizability: stale/,
  },
  {
    name: "a new leader serves reads before it has committed in its term (§6.4)",
    profile: { ...wild, rules: rules({ mayRead: () => true }) },
    seed: 1,
    finding: /linearizability: stale/,
  },
  {
    name: "a lease does not allow for clock drift (§6.4.1)",
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
    name: "a lease does not allow for clock jumps (§6.4.1)",
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
    name: "a lease stays valid after a leadership transfer (§6.4.1 with §3.10)",
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
      rules: rules({ mayChangeMembership: (_, isChanging) => !isChanging }),
    },
    seed: 152,
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
    seed: 96,
    finding: /election safety|leader completeness|state machine safety|is committed/,
  },
  {
    name: "a removed node counts in quorums until its removal is committed (§4.1)",
    profile: {
      nodes: 5,
      disks: true,
      faults: ["membership", "partition", "kill", "pause"],
      faultEveryMs: 30,
      rules: rules({ configurationInForce: Math.min }),
    },
    seed: 45,
    finding: /election safety|leader completeness|state machine safety|is committed/,
  },
  {
    name: "a diskless node votes after a restart (diskless rejoin)",
    profile: { nodes: 3, disks: false, incarnations: false, faults: ["kill", "partition"] },
    seed: 3,
    finding: /committed|election safety|leader completeness|never sent/,
  },
  {
    name: "a diskless node cold-starts although peers have seen its previous incarnation (diskless rejoin)",
    profile: { nodes: 3, disks: false, faults: ["kill", "partition"], rules: rules({ isClean: () => true }) },
    seed: 6,
    finding: /committed|election safety|leader completeness|never sent|linearizability/,
  },
  {
    name: "a node with a new disk votes at once (diskless rejoin)",
    profile: { nodes: 3, disks: true, incarnations: false, faults: ["lose_disk", "kill", "partition"] },
    seed: 3,
    finding: /committed|election safety|leader completeness|never sent|linearizability|log/,
  },
  {
    name:
      "a node with a new disk cold-starts although peers have seen its previous incarnation (diskless rejoin)",
    profile: {
      nodes: 3,
      disks: true,
      faults: ["lose_disk", "kill", "partition"],
      rules: rules({ isClean: () => true }),
    },
    seed: 17,
    finding: /committed|election safety|leader completeness|never sent|linearizability|log/,
  },
  {
    name: "a diskless node counts before it has rejoined (diskless rejoin)",
    profile: {
      nodes: 5,
      disks: false,
      faults: ["kill", "partition", "isolate"],
      faultEveryMs: 60,
      rules: rules({ isHeard: () => true, replyCounts: () => true, mayVoteIfEligible: () => true }),
    },
    seed: 3,
    finding: /committed|election safety|leader completeness|never sent|linearizability|state machine/,
  },
];

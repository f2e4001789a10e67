import { assert, assertEquals } from "@std/assert";
import { Raft, RAFT_DEFAULTS } from "../../../lib/consensus/raft/mod.ts";
import type { ChangeRequest } from "../../../lib/consensus/raft/own_change.ts";
import { RequestedChanges } from "../../../lib/consensus/raft/requested_changes.ts";
import type { ReadState } from "../../../lib/consensus/types.ts";

const NODES = ["a", "b", "c"];

/** Three nodes whose messages arrive at once. The first one leads. */
class Machines {
  readonly rafts: ReadonlyMap<string, Raft>;
  readonly leader: Raft;
  readonly changes: RequestedChanges;
  now = 0;

  constructor() {
    this.rafts = new Map(NODES.map((id) => [id, newRaft(id)]));
    const leader = this.rafts.get("a");
    assert(leader !== undefined);
    this.leader = leader;
    this.changes = new RequestedChanges(leader, 1000);
    this.now = leader.deadline;
    leader.tick(this.now);
    this.exchange();
    assert(leader.isLeader);
  }

  /** Delivers messages until there are none. Returns the reads that the leader may serve. */
  exchange(): ReadState[] {
    const reads: ReadState[] = [];
    for (let isQuiet = false; !isQuiet;) {
      isQuiet = true;
      for (const raft of this.rafts.values()) {
        const ready = raft.ready(this.now);
        if (raft === this.leader) reads.push(...ready.reads);
        for (const message of ready.messages) {
          this.rafts.get(message.to)?.step(message, this.now);
          isQuiet = false;
        }
      }
    }
    return reads;
  }

  /** Gives the leader a request, and returns the outcomes of its replies. */
  ask(request: Pick<ChangeRequest, "from" | "goal" | "seq">): string[] {
    const { id: to, term } = this.leader;
    this.changes.receive({ type: "change", to, term, client: `${request.from}.1`, ...request }, this.now);
    const outcomes: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      this.changes.advance(this.now);
      outcomes.push(...this.changes.settle([{ reads: this.exchange() }]).map(({ outcome }) => outcome));
    }
    return outcomes;
  }

  get voters(): readonly string[] {
    return this.leader.membership.voters.toSorted();
  }
}

function newRaft(id: string): Raft {
  const hardState = { term: 0, vote: undefined, eligible: false };
  const persistent = {
    hardState,
    snapshot: undefined,
    entries: [],
    membership: { voters: NODES, learners: [] },
  };
  return new Raft({ ...RAFT_DEFAULTS, id }, persistent, { random: () => NODES.indexOf(id) / 10, now: 0 });
}

Deno.test("a node that leaves and joins is removed, a learner, and a voter", () => {
  const machines = new Machines();
  assertEquals(machines.ask({ from: "c", goal: "outsider", seq: 1 }), ["done"]);
  assertEquals(machines.voters, ["a", "b"]);
  assertEquals(machines.ask({ from: "c", goal: "voter", seq: 2 }), ["done"]);
  assertEquals(machines.voters, ["a", "b", "c"]);
  const changes = machines.leader.lastEntries(10).flatMap(({ payload }) =>
    payload.kind === "membership" ? [payload.membership] : []
  );
  assertEquals(changes.map(({ voters, learners }) => [voters.length, learners.length]), [[2, 0], [2, 1], [
    3,
    0,
  ]]);
});

Deno.test("an earlier request that arrives after the reply to a later one changes nothing", () => {
  const machines = new Machines();
  assertEquals(machines.ask({ from: "c", goal: "voter", seq: 2 }), ["done"]);
  assertEquals(machines.ask({ from: "c", goal: "outsider", seq: 1 }), []);
  assertEquals(machines.voters, ["a", "b", "c"]);
});

Deno.test("a copy of a request that is done is answered again and changes nothing", () => {
  const machines = new Machines();
  assertEquals(machines.ask({ from: "c", goal: "outsider", seq: 1 }), ["done"]);
  const last = machines.leader.status.lastIndex;
  assertEquals(machines.ask({ from: "c", goal: "outsider", seq: 1 }), ["done"]);
  assertEquals(machines.leader.status.lastIndex, last);
});

Deno.test("a request of another term is ignored", () => {
  const machines = new Machines();
  machines.changes.receive(
    { type: "change", from: "c", to: "a", term: 7, client: "c.1", seq: 1, goal: "outsider" },
    machines.now,
  );
  machines.changes.advance(machines.now);
  assertEquals(machines.voters, ["a", "b", "c"]);
});

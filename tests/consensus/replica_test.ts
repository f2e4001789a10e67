import { assertEquals } from "@std/assert";
import type { Forward } from "../../lib/consensus/client_requests.ts";
import type { Engine, EngineBatch, EngineMessage, ProposalPosition } from "../../lib/consensus/engine.ts";
import { Replica, REPLICA_DEFAULTS } from "../../lib/consensus/replica.ts";
import type { Entry, ReadState, Snapshot } from "../../lib/consensus/types.ts";
import type { Json } from "../../lib/protocol/schema.ts";
import { Register } from "./support/register.ts";

type Batch = EngineBatch<EngineMessage>;

/** An engine of one node, which commits every proposal at the end of the turn. */
class SoloEngine implements Engine<EngineMessage, Batch> {
  readonly id = "n0";
  readonly leader = "n0";
  readonly isLeader = true;
  readonly isEligible = true;
  readonly term = 1;
  readonly deadline = Infinity;
  readonly compacted: number[] = [];
  snapshotToRestore: Snapshot | undefined;
  #lastIndex = 0;
  #entries: Entry[] = [];
  #reads: ReadState[] = [];

  tick(): void {}

  step(): void {}

  propose(commands: readonly Json[]): ProposalPosition {
    const index = this.#lastIndex + 1;
    for (const command of commands) {
      this.#entries.push({ index: ++this.#lastIndex, term: 1, payload: { kind: "command", command } });
    }
    return { index, term: 1 };
  }

  read(id: number): boolean {
    this.#reads.push({ id, index: this.#lastIndex });
    return true;
  }

  compact({ index }: { readonly index: number }): void {
    this.compacted.push(index);
  }

  ready(): Batch {
    const snapshot = this.snapshotToRestore;
    const batch = {
      snapshot,
      restore: snapshot !== undefined,
      messages: [],
      committed: this.#entries,
      reads: this.#reads,
    };
    if (snapshot !== undefined) this.#lastIndex = snapshot.index;
    this.snapshotToRestore = undefined;
    this.#entries = [];
    this.#reads = [];
    return batch;
  }
}

function replicaOf(snapshotEntries = 100): Replica<EngineMessage, Batch, SoloEngine> {
  const engine = new SoloEngine();
  const options = { client: "n0.a", machine: new Register(), engine, snapshot: undefined, now: 0 };
  return new Replica({ ...REPLICA_DEFAULTS, snapshotEntries }, options);
}

/** Submits a command and returns the results of the turn. */
function results(replica: ReturnType<typeof replicaOf>, command: Json): Json[] {
  replica.submit(command, 0);
  return replica.turn(0).completed.map(({ outcome }) =>
    outcome.kind === "result" ? outcome.result : outcome.kind
  );
}

Deno.test("Replica: a write becomes an entry, and a read does not", () => {
  const replica = replicaOf();
  assertEquals(results(replica, { f: "write", value: 5 }), [{ version: 1, value: 5, changed: true }]);
  const { applied } = replica;
  assertEquals(results(replica, { f: "read" }), [{ version: 1, value: 5, changed: false }]);
  assertEquals(replica.applied, applied);
});

Deno.test("Replica: a conditional command becomes an entry only if it changes something", () => {
  const replica = replicaOf();
  results(replica, { f: "write", value: 5 });
  const { applied } = replica;
  assertEquals(results(replica, { f: "cas", from: 4, to: 6 }), [{ version: 1, value: 5, changed: false }]);
  assertEquals(replica.applied, applied);
  assertEquals(results(replica, { f: "cas", from: 5, to: 6 }), [{ version: 2, value: 6, changed: true }]);
  assertEquals(replica.applied, applied + 1);
});

Deno.test("Replica: a duplicated forward is proposed once, and another term's never", () => {
  const replica = replicaOf();
  const forward: Forward = {
    type: "forward",
    from: "n1",
    to: "n0",
    client: "n1.b",
    term: 1,
    seq: 1,
    session: 0,
    register: true,
    lowestPending: 1,
    requests: [],
  };
  replica.receive(forward, 0);
  replica.receive(forward, 0);
  replica.receive({ ...forward, seq: 2, term: 2 }, 0);
  assertEquals(replica.turn(0).messages, [
    { type: "forward_ok", from: "n0", to: "n1", client: "n1.b", session: 1, results: [] },
  ]);
  assertEquals(replica.applied, 1);
});

Deno.test("Replica: a snapshot follows the configured number of entries and restores the state", () => {
  const replica = replicaOf(3);
  for (const value of [1, 2, 3]) results(replica, { f: "write", value });
  assertEquals(replica.engine.compacted, [3]);
  replica.engine.snapshotToRestore = {
    index: 50,
    term: 1,
    membership: { voters: ["n0"], learners: [] },
    incarnations: {},
    data: JSON.stringify({ sessions: [[1, "n0.a", 0, []]], state: [40, 7] }),
  };
  replica.turn(0);
  assertEquals([replica.applied, results(replica, { f: "read" })], [
    50,
    [{ version: 40, value: 7, changed: false }],
  ]);
});

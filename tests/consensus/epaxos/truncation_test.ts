import { assertEquals } from "@std/assert";
import { EpaxosReplica } from "../../../lib/consensus/epaxos/replica.ts";
import type { EpaxosMessage } from "../../../lib/consensus/epaxos/types.ts";
import type { StateMachine } from "../../../lib/consensus/mod.ts";
import type { Json } from "../../../lib/protocol/schema.ts";

const NODES = ["n0", "n1", "n2"];

class LastValue implements StateMachine {
  value: Json = null;

  kind(): "write" {
    return "write";
  }

  apply(command: Json): Json {
    return this.value = command;
  }

  query(): undefined {}

  snapshot(): Json {
    return this.value;
  }

  restore(snapshot: Json): void {
    this.value = snapshot;
  }
}

/** Three nodes, between which a test delivers the messages that it names. */
class Cluster {
  now = 0;
  readonly inTransit: EpaxosMessage[] = [];
  readonly answered: string[] = [];
  readonly machines = new Map(NODES.map((id) => [id, new LastValue()]));
  readonly #replicas = new Map(NODES.map((id) => [
    id,
    new EpaxosReplica({
      id,
      nodes: NODES,
      incarnation: id,
      thrifty: false,
      retryMs: 100,
      recoveryMs: 1000,
      requestTimeoutMs: 60_000,
      pendingMax: 10,
      batchIntervalMs: 0,
      snapshotRecords: 1000,
    }, {
      machine: this.machines.get(id) ?? new LastValue(),
      keysOf: () => [{ key: "x", writes: true }],
      random: () => 0,
      stored: { snapshot: undefined, records: [], admission: { isAdmitted: true, incarnations: {} } },
      now: 0,
    }),
  ]));

  at(id: string): EpaxosReplica {
    const replica = this.#replicas.get(id);
    if (replica === undefined) throw new Error(`there is no ${id}`);
    return replica;
  }

  /** Advances the time, and gives every node of a list its turn. */
  turn(afterMs: number, ids: readonly string[]): void {
    this.now += afterMs;
    for (const id of ids) {
      this.at(id).tick(this.now);
      this.endTurn(id);
    }
  }

  endTurn(id: string): void {
    const { messages, completed } = this.at(id).turn(this.now);
    this.inTransit.push(...messages);
    for (const _ of completed) this.answered.push(id);
  }

  /** Delivers what is in transit on the links that are open, until nothing is. Loses the rest. */
  deliver(isOpen: (message: EpaxosMessage) => boolean): void {
    for (let message = this.inTransit.shift(); message !== undefined; message = this.inTransit.shift()) {
      if (!isOpen(message)) continue;
      this.at(message.to).receive(message, this.now);
      this.endTurn(message.to);
    }
  }
}

/** Returns true if a message asks for a decision. Commits are lost in this test. */
function asks({ parts }: EpaxosMessage): boolean {
  return parts.some(({ type }) => type === "pre_accept" || type === "accept");
}

Deno.test("a result survives its node after another node has deleted a conflicting instance", () => {
  const cluster = new Cluster();
  // n0 proposes, but no message arrives. n2 proposes, too, and commits with n1. n0 learns that, but cannot reach n2.
  cluster.at("n0").submit("a", cluster.now);
  cluster.turn(0, ["n0"]);
  cluster.deliver(() => false);
  cluster.at("n2").submit("b", cluster.now);
  cluster.turn(0, ["n2"]);
  const isOpen = (message: EpaxosMessage) => message.from !== "n0" && !(message.to === "n0" && asks(message));
  cluster.deliver(isOpen);
  cluster.turn(60, ["n2"]); // the commit waits for no other message any more
  cluster.deliver(isOpen);
  assertEquals(cluster.answered, ["n2"]);

  // n0 informs n1 that all have executed n2's instance. Only then its proposal arrives there.
  while (cluster.now < 3000 && cluster.answered.length < 2) {
    cluster.turn(30, ["n0"]);
    const isEarly = cluster.now < 1000;
    cluster.deliver((message) => message.to !== "n2" && (message.from !== "n0" || asks(message) !== isEarly));
  }
  assertEquals(cluster.answered, ["n2", "n0"]);

  // n0 is silent from now on. The others finish its instance.
  for (let i = 0; i < 100; i++) {
    cluster.turn(100, ["n1", "n2"]);
    cluster.deliver(({ from, to }) => from !== "n0" && to !== "n0");
  }
  assertEquals([...cluster.machines.values()].map(({ value }) => value), ["a", "a", "a"]);
});

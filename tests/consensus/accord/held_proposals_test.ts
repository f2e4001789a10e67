import { assert, assertEquals } from "@std/assert";
import { AccordReplica } from "../../../lib/consensus/accord/replica.ts";
import type { AccordMessage } from "../../../lib/consensus/accord/types.ts";
import type { StateMachine } from "../../../lib/consensus/mod.ts";
import type { Json } from "../../../lib/protocol/schema.ts";
import { MachineNetwork } from "../../support/machine_network.ts";

const HOP_MS = 100;
const machine: StateMachine = {
  kind: () => "write",
  apply: (command) => command,
  query: () => undefined,
  snapshot: () => null,
  restore: () => {},
};

/** Returns the latencies of the last of many transactions at five nodes, each 100 ms away from the others. */
function latencies(keyOf: (node: number) => string): number[] {
  const ids = ["n0", "n1", "n2", "n3", "n4"];
  const startedAt = new Map<string, number>();
  const found: number[] = [];
  const replicas = new Map(ids.map((id) => [
    id,
    new AccordReplica({
      id,
      nodes: ids,
      incarnation: id,
      thrifty: true,
      retryMs: 50,
      recoveryMs: 1000,
      requestTimeoutMs: 10_000,
      pendingMax: 100,
      batchIntervalMs: 0,
      snapshotRecords: 10_000,
    }, {
      machine,
      keysOf: (command: Json) => [{ key: String(command), writes: true }],
      random: () => 0.5,
      stored: { snapshot: undefined, records: [], admission: { isAdmitted: true, incarnations: {} } },
      now: 0,
    }),
  ]));
  const at = (id: string): AccordReplica => {
    const replica = replicas.get(id);
    assert(replica !== undefined);
    return replica;
  };
  const turn = (id: string) => {
    const { messages, completed } = at(id).turn(network.now);
    for (const message of messages) network.send(id, message.to, message);
    for (const request of completed) found.push(network.now - (startedAt.get(`${id}.${request.id}`) ?? NaN));
    const { deadline } = at(id);
    if (Number.isFinite(deadline)) {
      network.at(Math.max(deadline, network.now + 0.1), () => {
        at(id).tick(network.now);
        if (network.now < 6000) turn(id);
      });
    }
  };
  const network = new MachineNetwork<AccordMessage>({
    delays: () => [HOP_MS],
    receive: (to, _, message) => {
      at(to).receive(message, network.now);
      turn(to);
    },
  });
  for (let round = 0; round < 20; round++) {
    for (const [i, id] of ids.entries()) {
      network.at(1 + round * 250 + 13 * i, () => {
        startedAt.set(`${id}.${at(id).submit(keyOf(i), network.now)}`, network.now);
        turn(id);
      });
    }
  }
  network.run(6000);
  return found.slice(-25).sort((a, b) => a - b);
}

Deno.test("transactions that do not conflict take one round trip", () => {
  const found = latencies((node) => `key ${node}`);
  assertEquals([found.length, Math.round((found.at(-1) ?? NaN) / HOP_MS)], [25, 2]);
});

Deno.test("transactions that conflict take one hop more, as nodes vote in one order", () => {
  const found = latencies(() => "key");
  assertEquals([found.length, Math.round((found.at(-1) ?? NaN) / HOP_MS)], [25, 3]);
});

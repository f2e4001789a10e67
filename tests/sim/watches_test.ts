import { assertEquals } from "@std/assert";
import type { Node } from "../../lib/runtime/node.ts";
import { Runtime } from "../../lib/runtime/node.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { type StateJournal, WATCHED_LENGTH_MAX, Watches, WATCHES_MAX } from "../../lib/sim/watches.ts";
import { deliveryOf } from "./delivery.ts";

Deno.test("only parts whose values changed are taken", () => {
  const watches = new Watches();
  const state = { term: 1, leader: undefined as string | undefined };
  watches.add("term", () => state.term);
  watches.add("leader", () => state.leader);
  assertEquals([...watches.takeChanges()], [["term", "1"]]);
  assertEquals([...watches.takeChanges()], []);
  state.leader = "n1";
  assertEquals([...watches.takeChanges()], [["leader", '"n1"']]);
  state.leader = undefined;
  assertEquals([...watches.takeChanges()], [["leader", ""]]);
  watches.add("term", () => 1);
  assertEquals([...watches.takeChanges()], []);
});

Deno.test("a value that is too long is cut, and a watch that throws does not fail the node", () => {
  const watches = new Watches();
  watches.add("long", () => Array.from({ length: 9000 }, () => 1));
  watches.add("broken", () => {
    throw new Error("no state");
  });
  const changes = watches.takeChanges();
  assertEquals(JSON.parse(changes.get("long") ?? "").length, WATCHED_LENGTH_MAX + 1);
  assertEquals(changes.get("broken"), '"failed: no state"');
  for (let i = 0; i < 2 * WATCHES_MAX; i++) watches.add(`part ${i}`, () => 0);
  assertEquals(watches.takeChanges().size, WATCHES_MAX - 2);
});

function counting(node: Node): void {
  let count = 0;
  node.watch("count", () => count);
  node.on("add", () => {
    count++;
    return {};
  });
}

function send(cluster: InProcessCluster, body: Record<string, unknown>): void {
  cluster.deliver("n0", deliveryOf({ src: "c1", dest: "n0", body }));
}

Deno.test("a recorded node's state is taken after each turn, and is gone when the node ends", () => {
  for (const isRecorded of [true, false]) {
    const told: unknown[] = [];
    const states: StateJournal = {
      changed: (node, values) => told.push([node, ...values]),
      ended: (node) => told.push([node, "ended"]),
    };
    let evaluated = 0;
    const cluster = new InProcessCluster({
      clock: new VirtualClock(),
      random: new SeededRandom(1),
      run: (host) =>
        new Runtime(host, (node) => {
          counting(node);
          node.watch("evaluated", () => void evaluated++);
        }),
      send: () => {},
      log: () => {},
      fault: () => {},
      storage: false,
      ...(isRecorded ? { states } : {}),
    });
    cluster.start("n0");
    send(cluster, { type: "init", msg_id: 1, node_id: "n0", node_ids: ["n0"] });
    send(cluster, { type: "add", msg_id: 2 });
    send(cluster, { type: "unknown", msg_id: 3 });
    cluster.stop();
    assertEquals(
      told,
      isRecorded ? [["n0", ["count", "0"]], ["n0", ["count", "1"]], ["n0", "ended"]] : [],
    );
    assertEquals(evaluated, isRecorded ? 3 : 0);
  }
});

Deno.test("a turn that is killed while it is stored shows no state", () => {
  const told: unknown[] = [];
  const cluster = new InProcessCluster({
    clock: new VirtualClock(),
    random: new SeededRandom(1),
    run: (host) =>
      new Runtime(host, (node) => {
        let stored = 0;
        node.watch("stored", () => stored);
        node.on("store", () => {
          node.storage?.put("key", `${++stored}`);
          return {};
        });
      }),
    send: () => {},
    log: () => {},
    fault: () => {},
    storage: true,
    states: {
      changed: (node, values) => told.push([node, ...values]),
      ended: (node) => told.push([node, "ended"]),
    },
  });
  cluster.start("n0");
  send(cluster, { type: "init", msg_id: 1, node_id: "n0", node_ids: ["n0"] });
  send(cluster, { type: "store", msg_id: 2 });
  assertEquals(told.splice(0), [["n0", ["stored", "0"]], ["n0", ["stored", "1"]]]);
  cluster.diskOf("n0").killAfter(0);
  send(cluster, { type: "store", msg_id: 3 });
  assertEquals(told, [["n0", "ended"]]);
});

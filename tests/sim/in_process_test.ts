import { assert, assertEquals } from "@std/assert";
import { Runtime } from "../../lib/runtime/node.ts";
import type { Node } from "../../lib/runtime/node.ts";
import type { NodeFault } from "../../lib/sim/cluster.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { deliveryOf } from "./delivery.ts";

function cluster(
  program: (node: Node) => void,
  { seed = 1, ...options }: { readonly seed?: number; readonly instantEventsMax?: number } = {},
) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const faults: NodeFault[] = [];
  const nodes = new InProcessCluster({
    clock,
    random: new SeededRandom(seed),
    run: (host) => new Runtime(host, program),
    send: (node, line) => sent.push(`${clock.now()} ${node} ${JSON.parse(line).body.type}`),
    log: () => {},
    fault: (fault) => faults.push(fault),
    storage: false,
    ...options,
  });
  nodes.start("n1");
  const tell = (type: string, fields = {}) =>
    nodes.deliver("n1", deliveryOf({ src: "c1", dest: "n1", body: { type, msg_id: 1, ...fields } }));
  tell("init", { node_id: "n1", node_ids: ["n1"] });
  return { clock, nodes, sent, faults, tell };
}

Deno.test("a paused node does nothing; once resumed, it handles waiting events in order", () => {
  const { clock, nodes, sent, tell } = cluster((node) => {
    node.on("ping", () => ({}));
    node.after(10, () => node.send("n2", { type: "tick" }));
  });
  nodes.pause("n1");
  tell("ping");
  clock.after(50, () => nodes.resume("n1"));
  while (clock.step());
  assertEquals(sent, ["0 n1 init_ok", "50 n1 ping_ok", "50 n1 tick"]);
});

Deno.test("a waiting timer that another waiting event cancels does not fire", () => {
  const { clock, nodes, sent, tell } = cluster((node) => {
    const cancel = node.after(10, () => node.send("n2", { type: "timeout" }));
    node.on("heartbeat", () => {
      cancel();
      return {};
    });
  });
  nodes.pause("n1");
  tell("heartbeat");
  clock.after(50, () => nodes.resume("n1"));
  while (clock.step());
  assertEquals(sent, ["0 n1 init_ok", "50 n1 heartbeat_ok"]);
});

Deno.test("waiting events of a resumed node, also asynchronous ones, share one turn", async () => {
  const { clock, nodes, sent, faults, tell } = cluster((node) => {
    node.on("later", async () => {
      await undefined;
      return {};
    });
    node.on("ping", () => ({}));
  });
  nodes.pause("n1");
  tell("later");
  tell("ping");
  clock.after(50, () => nodes.resume("n1"));
  while (clock.step());
  await new Promise((resolve) => setTimeout(resolve)); // one turn of the real event loop
  nodes.settle();
  assertEquals(faults, []);
  assertEquals(sent, ["0 n1 init_ok", "50 n1 ping_ok", "50 n1 later_ok"]);
});

Deno.test("a killed node dies at once, or in its next turn before its messages leave", () => {
  const turns: number[] = [];
  for (let seed = 0; seed < 20; seed++) {
    let handled = 0;
    const { nodes, sent, tell } = cluster((node) => {
      node.on("ping", () => {
        handled++;
        return {};
      });
    }, { seed });
    nodes.kill("n1");
    tell("ping");
    tell("ping");
    assertEquals(sent, ["0 n1 init_ok"], `seed ${seed}`);
    turns.push(handled);
  }
  assertEquals([...new Set(turns)].sort(), [0, 1]);
});

Deno.test("a node that schedules events endlessly at one moment is reported as flooding", () => {
  const { clock, faults } = cluster((node) => {
    const again = () => {
      node.after(0, again);
    };
    again();
  }, { instantEventsMax: 1000 });
  while (clock.step());
  assertEquals(faults.map(({ node, kind }) => [node, kind]), [["n1", "stuck"]]);
});

Deno.test("a message sent after awaiting a foreign promise is reported", async () => {
  const foreign = Promise.withResolvers<void>();
  const { faults, nodes, tell, clock } = cluster((node) => {
    node.on("ping", async () => {
      await foreign.promise;
      return {};
    });
  });
  tell("ping");
  assert(nodes.hasPendingTurns);
  await Promise.resolve();
  nodes.settle();
  while (clock.step());
  foreign.resolve();
  await new Promise((resolve) => setTimeout(resolve)); // one turn of the real event loop
  assertEquals(faults.map(({ kind }) => kind), ["stray"]);
});

import { assertEquals } from "@std/assert";
import { type Node, Runtime } from "../../lib/runtime/node.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { deliveryOf } from "./delivery.ts";

function started(program: (node: Node) => void) {
  const clock = new VirtualClock();
  const sent: Readonly<Record<string, unknown>>[] = [];
  const nodes = new InProcessCluster({
    clock,
    random: new SeededRandom(1),
    run: (host) => new Runtime(host, program),
    send: (_, line) => sent.push(JSON.parse(line).body),
    log: () => {},
    fault: () => {},
    storage: false,
  });
  nodes.start("n1");
  const tell = (body: Readonly<Record<string, unknown>>, src = "c1") =>
    nodes.deliver("n1", deliveryOf({ src, dest: "n1", body }));
  tell({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1", "n2"] });
  /** Returns true if promises ran since the last call, so virtual time must wait for them. */
  const waits = () => {
    const { hasPendingTurns } = nodes;
    nodes.settle();
    return hasPendingTurns;
  };
  return { clock, sent, tell, waits };
}

Deno.test("virtual time waits for the work that an rpc's reply or timeout starts", () => {
  const { clock, sent, tell, waits } = started((node) => {
    node.on("ask", () => {
      node.rpc("n2", { type: "what" }, { timeoutMs: 100 }).catch(() => {});
      return {};
    });
  });
  tell({ type: "ask", msg_id: 2 });
  assertEquals(waits(), false, "asking alone is done at once");
  tell({ type: "what_ok", in_reply_to: sent.find(({ type }) => type === "what")?.["msg_id"] }, "n2");
  assertEquals(waits(), true);
  tell({ type: "ask", msg_id: 3 });
  waits();
  while (clock.step());
  assertEquals([clock.now(), waits()], [100, true]);
});

Deno.test("virtual time waits for asynchronous timers only", () => {
  const { clock, waits } = started((node) => {
    node.after(10, () => {});
    node.after(20, async () => {
      await undefined;
    });
  });
  clock.step();
  assertEquals([clock.now(), waits()], [10, false]);
  clock.step();
  assertEquals([clock.now(), waits()], [20, true]);
});

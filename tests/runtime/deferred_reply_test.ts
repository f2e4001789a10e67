import { assertEquals } from "@std/assert";
import { CODE, RpcError } from "../../lib/protocol/errors.ts";
import { type Node, Runtime } from "../../lib/runtime/node.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { deliveryOf } from "../sim/delivery.ts";

/** Runs one node, gives it one request and returns the times and bodies of what it sent. */
async function replies(program: (node: Node) => void): Promise<readonly (readonly [number, unknown])[]> {
  const clock = new VirtualClock();
  const sent: [number, unknown][] = [];
  const cluster = new InProcessCluster({
    clock,
    random: new SeededRandom(1),
    run: (host) => new Runtime(host, program),
    send: (_node, line) => sent.push([clock.now(), JSON.parse(line).body]),
    log: () => {},
    fault: ({ text }) => {
      throw new Error(text);
    },
    storage: false,
  });
  cluster.start("n1");
  const init = { type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] };
  for (const body of [init, { type: "wait", msg_id: 2 }]) {
    cluster.deliver("n1", deliveryOf({ src: "c1", dest: "n1", body }));
  }
  do {
    while (cluster.hasPendingTurns) {
      await new Promise((resolve) => setTimeout(resolve)); // lets every promise of this turn settle
      cluster.settle();
    }
  } while (clock.step());
  return sent.slice(1);
}

Deno.test("a deferred reply leaves in the turn of its send, after the other messages of that turn", async () => {
  const sent = await replies((node) => {
    node.on("wait", () => {
      const reply = node.deferReply<{ readonly done: true }>();
      node.after(5, () => {
        reply.send({ done: true });
        node.send("n2", { type: "note" });
      });
      node.after(9, () => node.send("n2", { type: "later" }));
      return reply.promise;
    });
  });
  assertEquals(sent, [
    [5, { type: "note" }],
    [5, { type: "wait_ok", in_reply_to: 2, msg_id: 2, done: true }],
    [9, { type: "later" }],
  ]);
});

Deno.test("a deferred reply that fails is answered with its error's code, once", async () => {
  const sent = await replies((node) => {
    node.on("wait", () => {
      const reply = node.deferReply<Record<string, never>>();
      node.after(5, () => {
        reply.fail(new RpcError(CODE.timeout, "no quorum"));
        reply.send({});
      });
      return reply.promise;
    });
  });
  assertEquals(sent, [[5, { type: "error", in_reply_to: 2, code: CODE.timeout, text: "no quorum" }]]);
});

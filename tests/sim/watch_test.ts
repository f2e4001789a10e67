/** `node.watch` in virtual time. */

import { assertEquals } from "@std/assert";
import { Runtime } from "../../lib/runtime/node.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { deliveryOf } from "./delivery.ts";

type Changes = Readonly<Record<string, string>> | "ended";

/** Runs a node that counts its requests, and returns its changes. */
function run(isRecorded: boolean): { readonly changes: Changes[]; readonly evaluations: number } {
  const clock = new VirtualClock();
  const changes: Changes[] = [];
  let evaluations = 0;
  const cluster = new InProcessCluster({
    clock,
    random: new SeededRandom(1),
    run: (host) =>
      new Runtime(host, (node) => {
        let count = 0;
        node.watch("count", () => (evaluations++, count));
        node.watch("parity", () => count % 2 === 0 ? "even" : "odd");
        node.on("count", () => void count++);
        node.on("skip", () => {});
      }),
    send: () => {},
    log: () => {},
    fault: () => {},
    storage: false,
    ...(isRecorded
      ? { changed: (_, each) => changes.push(each === undefined ? "ended" : Object.fromEntries(each)) }
      : {}),
  });
  cluster.start("n0");
  const receive = (type: string, fields: object = {}) =>
    cluster.deliver("n0", deliveryOf({ src: "c0", dest: "n0", body: { type, ...fields } }));
  receive("init", { node_id: "n0", node_ids: ["n0"], msg_id: 1 });
  for (const type of ["count", "skip", "count"]) receive(type);
  cluster.stop();
  return { changes, evaluations };
}

Deno.test("a watch reports each change once, after the turn that made it, and the end of the node", () => {
  assertEquals(run(true).changes, [
    { count: "0", parity: '"even"' },
    { count: "1", parity: '"odd"' },
    { count: "2", parity: '"even"' },
    "ended",
  ]);
});

Deno.test("a watch is never evaluated in a run that is not recorded", () => {
  assertEquals(run(false), { changes: [], evaluations: 0 });
});

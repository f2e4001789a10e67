import { setImmediate } from "node:timers";
import { assert, assertEquals } from "@std/assert";
import { loadProgram } from "../../lib/bench/cluster/builtin_nodes.ts";
import { Runtime } from "../../lib/runtime/node.ts";
import { Disk } from "../../lib/sim/disk.ts";
import { InProcessCluster } from "../../lib/sim/in_process.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { VirtualClock } from "../../lib/sim/virtual_clock.ts";
import { soaking } from "../seeds.ts";
import { deliveryOf } from "../sim/delivery.ts";

const IDS = ["n0", "n1", "n2"];
const CLIENTS = 600;
const KEYS = 1000;

/** Writes as fast as the replies arrive, and calls `look` a few times meanwhile. */
async function writeMany(
  count: number,
  options: { readonly args: readonly string[]; readonly look: (cluster: InProcessCluster) => void },
): Promise<void> {
  const program = await loadProgram({ workload: "lin-kv", args: options.args });
  const clock = new VirtualClock();
  let sent = 0;
  let answered = 0;
  const write = (client: string) => {
    if (sent >= count) return;
    const id = ++sent;
    const dest = IDS[id % IDS.length] ?? "";
    const body = { type: "write", key: id % KEYS, value: id, msg_id: id };
    cluster.deliver(dest, deliveryOf({ src: client, dest, body }));
  };
  const cluster: InProcessCluster = new InProcessCluster({
    clock,
    random: new SeededRandom(1),
    run: (host) => new Runtime(host, program),
    send: (_node, line) => {
      const { dest, body } = JSON.parse(line);
      if (IDS.includes(dest)) clock.after(0.1, () => cluster.deliver(dest, deliveryOf(JSON.parse(line))));
      else if (body.type !== "init_ok") {
        assertEquals(body.type, "write_ok");
        answered++;
        clock.after(0, () => write(dest));
      }
    },
    log: () => {},
    fault: ({ text }) => {
      throw new Error(text);
    },
    storage: true,
  });
  for (const id of IDS) {
    cluster.start(id);
    const body = { type: "init", msg_id: 0, node_id: id, node_ids: IDS };
    cluster.deliver(id, deliveryOf({ src: "c0", dest: id, body }));
  }
  for (let client = 0; client < CLIENTS; client++) clock.after(1000, () => write(`c${client}`));
  let lookAt = count / 10;
  while (answered < count && clock.step()) {
    while (cluster.hasPendingTurns) {
      await new Promise((resolve) => setImmediate(resolve)); // lets every promise of this turn settle
      cluster.settle();
    }
    if (answered < lookAt) continue;
    lookAt += count / 10;
    options.look(cluster);
  }
  assertEquals(answered, count);
}

/** Returns the number of log records on a node's disk. */
function records(cluster: InProcessCluster, id: string): number {
  const copy = new Disk({ nodeId: id }); // to open the disk itself would end the node's incarnation
  copy.restore(cluster.diskOf(id).files);
  return [...copy.open().read("raft.log")].length;
}

Deno.test("snapshots bound the disk and memory of a run with many commands", async () => {
  const [count, every] = soaking ? [1_000_000, 10_000] : [10_000, 500];
  const kept = every + 1000; // entries that are kept for lagging peers, plus those that the next snapshot replaces
  let most = 0;
  let heapMax = 0;
  await writeMany(count, {
    args: ["--snapshot-entries", String(every)],
    look: (cluster) => {
      for (const id of IDS) most = Math.max(most, records(cluster, id));
      heapMax = Math.max(heapMax, Deno.memoryUsage().heapUsed);
    },
  });
  assert(most > 0 && most <= kept + 2 * CLIENTS, `${most} records`);
  // Includes uncollected garbage. A million entries in three logs and on three disks would be twice as much.
  assert(heapMax < 600e6, `${heapMax} bytes of heap`);
});

/** Nodes with a damaged store: each reports it, or has every acknowledged write. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadProgram } from "../../../lib/bench/cluster/builtin_nodes.ts";
import { type Damage, drawDamage } from "../../../lib/sim/disk.ts";
import type { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds, soaking } from "../../seeds.ts";
import { LogCluster } from "../log_cluster.ts";
import { missingFrom, STORED_WORKLOADS, type StoredWorkload, writeValues } from "./stored_workloads.ts";

/** Writes before the damages; 300 fill the store of most nodes with some tens of kilobytes. */
const WRITES = soaking ? 300 : 40;
/** The distance between damaged bytes. */
const STRIDE_BYTES = soaking ? 64 : 997;

async function start(workload: StoredWorkload, options: { readonly nodes: number; readonly seed: number }) {
  const program = await loadProgram({ workload: workload.name, args: workload.args ?? [] });
  return await LogCluster.started(program, { ...options, storage: true, mayEnd: true });
}

/**
 * Every damage of one file at every stride: a bit turned, a sector or page zeroed, the file cut there; and of it as a whole:
 * removed, or exchanged for `other`.
 */
function* damagesOf(file: string, bytes: Uint8Array, other: Uint8Array | undefined): Generator<Damage> {
  for (let byte = 0; byte < bytes.length; byte += STRIDE_BYTES) {
    yield { kind: "flip", file, byte, bit: byte % 8 };
    yield { kind: "truncate", file, size: byte };
    if (byte % 512 < STRIDE_BYTES) {
      yield { kind: "zero", file, from: byte - byte % 512, to: byte - byte % 512 + 512 };
    }
    if (byte % 4096 < STRIDE_BYTES) {
      yield { kind: "zero", file, from: byte - byte % 4096, to: byte - byte % 4096 + 4096 };
    }
  }
  yield { kind: "flip", file, byte: bytes.length - 1, bit: 0 };
  yield { kind: "truncate", file, size: bytes.length - 1 };
  yield { kind: "remove", file };
  if (other !== undefined) yield { kind: "replace", file, bytes: other };
}

/** The files of a store of the same node, in another run. */
async function otherFiles(workload: StoredWorkload): Promise<ReadonlyMap<string, Uint8Array>> {
  const cluster = await start(workload, { nodes: 1, seed: 1 });
  await writeValues(cluster, workload, 10);
  return cluster.diskOf("n0").files;
}

for (const workload of STORED_WORKLOADS) {
  Deno.test(`${workload.name}: any single damage of its store is reported, or loses nothing`, async () => {
    const cluster = await start(workload, { nodes: 1, seed: 0 });
    const acknowledged = await writeValues(cluster, workload, WRITES);
    assertEquals(acknowledged.length, WRITES);
    cluster.kill(["n0"]);
    const disk = cluster.diskOf("n0");
    const whole = new Map([...disk.files].map(([name, bytes]) => [name, bytes.slice()]));
    const counts = { named: 0, whole: 0 };
    const others = await otherFiles(workload);
    for (
      const damage of [...whole].flatMap(([file, bytes]) => [...damagesOf(file, bytes, others.get(file))])
    ) {
      disk.restore(whole);
      disk.damage(damage);
      await cluster.start(["n0"]);
      const reason = cluster.ended.get("n0");
      if (reason !== undefined) {
        assertStringIncludes(reason, "the store is damaged: disk/n0.");
        counts.named++;
        continue;
      }
      const missing = await missingFrom(cluster, workload, { node: "n0", acknowledged });
      assertEquals(missing, [], `silent: ${JSON.stringify(damage)}`);
      assertEquals(damage.file, "n0.mark", `all of the log was acknowledged: ${JSON.stringify(damage)}`);
      counts.whole++;
      cluster.kill(["n0"]);
    }
    assert(counts.named > 0 && counts.whole > 0, JSON.stringify(counts));
  });
}

/** Kills a node, damages its store, and starts it again; returns the damage. */
async function damageAndStart(cluster: LogCluster, node: string, random: SeededRandom): Promise<Damage> {
  cluster.kill([node]);
  await cluster.wait(50); // some die within their next turn
  cluster.diskOf(node).crash(random);
  const damage = drawDamage(cluster.diskOf(node), random);
  cluster.diskOf(node).damage(damage);
  await cluster.start([node]);
  return damage;
}

for (
  const workload of STORED_WORKLOADS.filter(({ name }) => name === "lin-kv" || name === "txn-list-append")
) {
  Deno.test(`${workload.name}: repeated damage of one store at a time among three nodes loses nothing`, async () => {
    await forSeeds({ slice: 3, full: 100 }, async (random, seed) => {
      const cluster = await start(workload, { nodes: 3, seed });
      const all: number[] = [];
      const damages: Damage[] = [];
      for (let round = 0; round < 3; round++) {
        const acknowledged = await writeValues(cluster, offset(workload, 20 * round), 20);
        all.push(...acknowledged.map((i) => i + 20 * round));
        damages.push(await damageAndStart(cluster, random.pick(cluster.ids), random));
        await cluster.wait(3000);
        assertEquals([...cluster.ended], [], "it rejoins");
      }
      assert(all.length > 30, `only ${all.length} writes were acknowledged`);
      for (const node of cluster.ids) {
        const missing = await missingFrom(cluster, workload, { node, acknowledged: all });
        assertEquals(missing, [], `${node} after ${JSON.stringify(damages)}`);
      }
    });
  });
}

/** The same workload with other values. */
function offset(workload: StoredWorkload, by: number): StoredWorkload {
  return { ...workload, write: (i) => workload.write(i + by) };
}

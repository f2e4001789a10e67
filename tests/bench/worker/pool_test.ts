import { assert, assertRejects, assertStrictEquals } from "@std/assert";
import type { BenchWorker } from "../../../lib/bench/worker/handle.ts";
import { WorkerPool } from "../../../lib/bench/worker/pool.ts";

Deno.test("WorkerPool reuses a worker after its work, and makes another one during it", async () => {
  const pool = new WorkerPool();
  const take = (): Promise<BenchWorker> => pool.use((worker) => Promise.resolve(worker));
  const first = await take();
  assertStrictEquals(await take(), first);
  await pool.use(async (outer) => {
    assertStrictEquals(outer, first);
    assert(await take() !== first);
  });
  pool.stop();
});

Deno.test("WorkerPool takes a worker back after its work failed", async () => {
  const pool = new WorkerPool();
  let failed: BenchWorker | undefined;
  await assertRejects(() =>
    pool.use((worker) => {
      failed = worker;
      return Promise.reject(new Error("no"));
    })
  );
  assertStrictEquals(await pool.use((worker) => Promise.resolve(worker)), failed);
  pool.stop();
});

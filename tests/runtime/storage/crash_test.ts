/** A store on the simulated disk, killed at every step, and damaged after that. */

import { assert, assertEquals } from "@std/assert";
import { DamagedStoreError, type Storage } from "../../../lib/runtime/host.ts";
import { Disk, drawDamage, KilledError, type Unsynced } from "../../../lib/sim/disk.ts";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { forSeeds, soaking } from "../../seeds.ts";

const BATCHES = 14;
/** Long enough that the run rewrites the log twice: see `REWRITE_BYTES_MIN` of the simulated disk. */
const VALUE = "x".repeat(1500);

/** Writes batch `i`: replaces a key, appends to a log, and discards its oldest record. */
function writeBatch(storage: Storage, i: number): void {
  storage.put("state", `${i} ${VALUE}`);
  storage.append("log", `record ${i}`);
  if (i >= 5) storage.discard("log", i - 4);
  if (i % 4 === 3) storage.truncate("log", i);
  storage.sync();
}

function contentsOf(storage: Storage): string {
  return JSON.stringify([storage.get("state"), [...storage.read("log")]]);
}

/** The contents after each number of batches. */
const CONTENTS: readonly string[] = (() => {
  const storage = new Disk().open();
  return [
    contentsOf(storage),
    ...Array.from({ length: BATCHES }, (_, i) => {
      writeBatch(storage, i);
      return contentsOf(storage);
    }),
  ];
})();

/** Opens a disk and writes batches, from `from` on, until all are written or the node is killed; returns the number written. */
function writeUntilKilled(
  disk: Disk,
  { from, unsynced }: { readonly from: number; readonly unsynced: Unsynced },
): number {
  let written = from;
  try {
    const storage = disk.open(unsynced);
    for (; written < BATCHES; written++) writeBatch(storage, written);
  } catch (error) {
    if (!(error instanceof KilledError)) throw error;
  }
  return written;
}

/** A disk whose node is killed after a number of steps, and the number of batches that it had acknowledged. */
function killedDisk(killAfter: number): { readonly disk: Disk; readonly acknowledged: number } {
  const disk = new Disk();
  let written = 0;
  try {
    disk.killAfter(killAfter);
    const storage = disk.open("lost");
    for (; written < BATCHES; written++) writeBatch(storage, written);
  } catch (error) {
    if (!(error instanceof KilledError)) throw error;
  }
  disk.killAfter(Infinity);
  return { disk, acknowledged: written };
}

const STEPS = (() => {
  const disk = new Disk();
  writeUntilKilled(disk, { from: 0, unsynced: "lost" });
  return disk.steps;
})();

/** Returns the number of batches that the contents hold; fails if they are those of no number of batches. */
function batchesIn(storage: Storage, context: string): number {
  const found = CONTENTS.indexOf(contentsOf(storage));
  assert(found >= 0, `${context}: the contents are between two batches`);
  return found;
}

const MODES: ReadonlyArray<readonly [string, (seed: number) => Unsynced]> = [
  ["lost", () => "lost"],
  ["kept", () => "kept"],
  ...Array.from(
    { length: soaking ? 50 : 4 },
    (_, i) => [`in part, seed ${i}`, (step: number) => new SeededRandom(i).split(step)] as const,
  ),
];

Deno.test("the run rewrites the log, so kills during a rewrite are tested", () => {
  assert(STEPS > 4 * BATCHES + 10, `${STEPS} steps`);
});

for (const [name, unsynced] of MODES) {
  Deno.test(`after a kill at any step, with unsynced writes ${name}, acknowledged batches are complete`, () => {
    for (let step = 0; step <= STEPS; step++) {
      const { disk, acknowledged } = killedDisk(step);
      const found = batchesIn(disk.open(unsynced(step)), `step ${step}`);
      assert(
        found === acknowledged || found === acknowledged + 1,
        `step ${step}: ${found} of ${acknowledged}`,
      );
    }
  });
}

Deno.test("after a second kill during the restart, every acknowledged batch remains", () => {
  for (let step = 0; step <= STEPS; step += soaking ? 1 : 3) {
    for (let again = 0; again <= 8; again++) {
      const { disk, acknowledged } = killedDisk(step);
      const random = new SeededRandom(step).split(again);
      disk.killAfter(again);
      try {
        disk.open(random);
      } catch (error) {
        if (!(error instanceof KilledError)) throw error;
      }
      disk.killAfter(Infinity);
      const found = batchesIn(disk.open(random.split("second")), `step ${step}, then ${again}`);
      assert(found === acknowledged || found === acknowledged + 1, `step ${step}, then ${again}: ${found}`);
    }
  }
});

Deno.test("after a kill, new writes survive the next start", () => {
  for (let step = 0; step <= STEPS; step++) {
    const { disk } = killedDisk(step);
    const random = new SeededRandom(step);
    const from = batchesIn(disk.open(random), `step ${step}`);
    assertEquals(writeUntilKilled(disk, { from, unsynced: "lost" }), BATCHES);
    assertEquals(batchesIn(disk.open(), `step ${step}`), BATCHES);
  }
});

Deno.test("after a kill, damage of any one file is detected or loses no acknowledged write", async () => {
  const counts = { found: 0, whole: 0 };
  await forSeeds({ slice: 1000, full: 60_000 }, (random) => {
    const { disk, acknowledged } = killedDisk(random.below(STEPS + 1));
    // The end of a process leaves all that it wrote; a power failure leaves any part of what was not synced.
    disk.crash(random.chance(0.5) ? "kept" : random);
    // The state that an earlier start showed must remain as well.
    const shown = random.chance(0.5) ? batchesIn(disk.open(), "before any damage") : 0;
    if (disk.files.size === 0) return;
    const damage = drawDamage(disk, random);
    disk.damage(damage);
    let storage: Storage;
    try {
      storage = disk.open();
    } catch (error) {
      assert(error instanceof DamagedStoreError, `${JSON.stringify(damage)}: ${error}`);
      assert(error.file.startsWith("disk/n0."), error.message);
      counts.found++;
      return;
    }
    const found = batchesIn(storage, JSON.stringify(damage));
    assert(
      found >= Math.max(acknowledged, shown),
      `${found} of ${acknowledged} after ${JSON.stringify(damage)}`,
    );
    counts.whole++;
  });
  assert(counts.found > counts.whole && counts.whole > 0, JSON.stringify(counts));
});

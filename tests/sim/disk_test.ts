import { assertEquals } from "@std/assert";
import { Disk, drawDamage } from "../../lib/sim/disk.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { storageConformance } from "../runtime/storage_conformance.ts";

storageConformance("simulated disk", () => {
  const disk = new Disk();
  return {
    open: () => disk.open(),
    files: () => new Map([...disk.files].map(([name, bytes]) => [name, bytes.length])),
    damage: (damage) => disk.damage(damage),
    close: () => {},
  };
});

Deno.test("a drawn damage is of any kind", () => {
  const disk = new Disk();
  disk.open().put("key", "value");
  const kinds = new Map<string, number>();
  const random = new SeededRandom(1);
  for (let i = 0; i < 600; i++) {
    const damage = drawDamage(disk, random);
    const kind = damage.kind === "truncate" && damage.size === 0 ? "empty" : damage.kind;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  assertEquals([...kinds.keys()].sort(), ["empty", "flip", "remove", "replace", "truncate", "zero"]);
});

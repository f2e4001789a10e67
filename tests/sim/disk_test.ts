import { Disk } from "../../lib/sim/disk.ts";
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

import { Disk } from "../../lib/sim/disk.ts";
import { storageConformance } from "../runtime/storage_conformance.ts";

storageConformance("simulated disk", () => {
  const disk = new Disk();
  return { open: () => disk.open(), damage: (place) => disk.damage(place), close: () => {} };
});

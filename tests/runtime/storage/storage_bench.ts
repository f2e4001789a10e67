/** Benchmarks of a turn that stores, and of a start with many records. */

import { openStoreIn } from "../../../lib/runtime/storage/system_files.ts";

const RECORDS = 1_000_000;
const VALUE = JSON.stringify(["n0.0123456789ab", { key: "k12", value: 123456, at: 99 }]);

let stores = 0;
const options = { nodeId: "n0", run: undefined, newId: () => `store ${stores++}`, log: () => {} };
const directory = Deno.makeTempDirSync({ prefix: "charybdis-" });
globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));

const turns = openStoreIn(`${directory}/turns`, options);

Deno.bench("a turn that appends one record", { group: "storage" }, () => {
  turns.append("log", VALUE);
  turns.sync();
});

function filled(): string {
  const path = `${directory}/filled`;
  const storage = openStoreIn(path, options);
  for (let i = 0; i < RECORDS; i++) {
    storage.append("log", VALUE);
    if (i % 1000 === 999) storage.sync();
  }
  storage.close();
  return path;
}

let full: string | undefined;

Deno.bench(`a start with ${RECORDS} records`, { group: "start", n: 5, warmup: 1 }, (b) => {
  full ??= filled();
  b.start();
  const storage = openStoreIn(full, options);
  let length = 0;
  for (const { value } of storage.read("log")) length += value.length;
  b.end();
  storage.close();
  if (length !== RECORDS * VALUE.length) throw new Error(`read ${length} characters`);
});

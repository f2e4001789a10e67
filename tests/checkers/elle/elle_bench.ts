/** Benchmarks of the checks of transactional isolation, on histories of a correct store. */

import { checkListAppend, checkRwRegister } from "../../../lib/checkers/elle/mod.ts";
import { simulate } from "./simulated_store.ts";

for (const transactions of [1000, 10_000, 100_000]) {
  const lists = simulate({ seed: 1, transactions, write: "append", unknown: 0.001 });
  Deno.bench(`list-append, ${transactions} transactions`, { group: "list-append", n: 5, warmup: 1 }, () => {
    checkListAppend(lists);
  });
  const registers = simulate({ seed: 1, transactions, write: "w", unknown: 0.001 });
  Deno.bench(`rw-register, ${transactions} transactions`, { group: "rw-register", n: 5, warmup: 1 }, () => {
    checkRwRegister(registers);
  });
}

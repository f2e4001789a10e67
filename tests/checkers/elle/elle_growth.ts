/**
 * Measures the growth of the checks' cost with the history: `deno run --v8-flags=--max-old-space-size=4000 tests/checkers/elle/elle_growth.ts`.
 * An argument `max=1000000` goes further than the default 100,000 transactions.
 */

import { checkListAppend, checkRwRegister } from "../../../lib/checkers/elle/mod.ts";
import { printLine } from "./oracle.ts";
import { type Isolation, simulate, type Simulation } from "./simulated_store.ts";
import { countsOf } from "./findings.ts";

const RUNS = 5;

interface Row {
  readonly check: "list-append" | "rw-register";
  readonly isolation: Isolation;
}

const ROWS: readonly Row[] = [
  { check: "list-append", isolation: "serial" },
  { check: "list-append", isolation: "snapshot" },
  { check: "list-append", isolation: "stale" },
  { check: "list-append", isolation: "racing" },
  { check: "rw-register", isolation: "serial" },
  { check: "rw-register", isolation: "snapshot" },
  { check: "rw-register", isolation: "stale" },
  { check: "rw-register", isolation: "racing" },
];

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function measure(row: Row, transactions: number): Promise<void> {
  const simulation: Simulation = {
    seed: 1,
    transactions,
    write: row.check === "list-append" ? "append" : "w",
    isolation: row.isolation,
    unknown: 0.001,
  };
  const history = simulate(simulation);
  const times: number[] = [];
  let verdict = "";
  for (let run = 0; run < (transactions > 100_000 ? 1 : RUNS); run++) {
    const begin = performance.now();
    const result = row.check === "list-append" ? checkListAppend(history) : checkRwRegister(history);
    times.push(performance.now() - begin);
    verdict = `${result.valid} ${Object.entries(countsOf(result)).map(([t, n]) => `${t}:${n}`).join(" ")}`;
  }
  const memory = Math.round(Deno.memoryUsage().rss / 2 ** 20);
  const columns = [
    `${row.check} ${row.isolation}`.padEnd(24),
    `${transactions}`.padStart(8),
    `${median(times).toFixed(0)} ms`.padStart(10),
    `${(median(times) / transactions * 1e3).toFixed(2)} µs/txn`.padStart(14),
    `${memory} MiB`.padStart(10),
    verdict,
  ];
  await printLine(columns.join(" "));
}

if (import.meta.main) {
  const max = Number(Deno.args.find((argument) => argument.startsWith("max="))?.slice(4) ?? 100_000);
  const only = Deno.args.find((argument) => argument.startsWith("only="))?.slice(5);
  for (const row of ROWS) {
    if (only !== undefined && `${row.check} ${row.isolation}` !== only) continue;
    for (let transactions = 1000; transactions <= max; transactions *= 10) await measure(row, transactions);
  }
}

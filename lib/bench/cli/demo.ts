/** The command `charybdis demo`, which runs one test of every built-in node. */

import { WORKLOADS } from "../../checkers/workloads.ts";
import { mergeValidity, type Validity } from "../../checkers/result.ts";
import { say } from "../terminal/output.ts";
import { parseTest } from "../run/options.ts";
import { runTest } from "./test.ts";
import { WorkerPool } from "../worker/pool.ts";
import { exitStatus } from "../exit_status.ts";
import { parseResult } from "../store/parse_result.ts";

/** Options that some workloads need in addition to the given ones. */
const EXTRA_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  // At the default rate, every compare-and-set fails in one run of thirty, which makes it invalid, as in Maelstrom.
  "lin-kv": ["--concurrency", "2n", "--rate", "20"],
  "txn-rw-register": ["--consistency-models", "read-committed"],
};

/** Runs the command and returns its exit status. */
export async function demoCommand(args: readonly string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    say(usage());
    return 0;
  }
  const verdicts: Validity[] = [];
  const workers = new WorkerPool();
  try {
    for (const workload of WORKLOADS) {
      const argv = [
        "-w",
        workload,
        "--virtual",
        "--time-limit",
        "10",
        ...EXTRA_OPTIONS[workload] ?? [],
        ...args,
      ];
      const { result, seed } = await runTest(parseTest(argv), argv, { workers, quiet: true });
      verdicts.push(result.valid);
      const word = result.valid === true ? "valid" : result.valid === false ? "invalid" : "unknown";
      say(
        `${workload.padEnd(16)} ${word}, ${parseResult(result).stats.count ?? 0} operations (--seed ${seed})`,
      );
    }
    return exitStatus(mergeValidity(verdicts));
  } finally {
    workers.stop();
  }
}

function usage(): string {
  return [
    "Usage: charybdis demo [options of test]",
    "",
    "Runs the built-in node of every workload in virtual time, for ten seconds unless --time-limit says otherwise.",
    "",
    "Exit status: 0 all valid, 1 one is invalid, 2 one is unknown, 254 wrong arguments, 255 the bench failed.",
  ].join("\n");
}

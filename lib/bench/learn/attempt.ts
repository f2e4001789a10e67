/** A learner's attempt, run through the lines of its challenge and graded. */

import { ArgumentError } from "../../runtime/settings.ts";
import { type Challenge, type Line } from "../grade/challenges.ts";
import { type Grade, gradeChallenge, type RunWithResult } from "../grade/grade.ts";
import { parseTest } from "../options.ts";
import { StartError } from "../run.ts";
import { BenchError } from "../bench_error.ts";
import { runTest } from "../test_command.ts";

/** What is tried, and how. */
export interface Attempt {
  readonly challenge: Challenge;
  /** A TypeScript module, run in virtual time, or an executable, run on the wall clock. */
  readonly node: { readonly module: string } | { readonly bin: string };
  /** What the node is given. */
  readonly nodeArguments: readonly string[];
  readonly seed: number;
  /** Where runs are kept. */
  readonly store: string;
  /** Told before each run. */
  readonly begins?: (line: Line) => void;
}

/** What came of it. */
export interface Attempted {
  readonly grade: Grade;
  /** The run that decides: the first that was not valid, else the first, whose figures are graded. */
  readonly run: RunWithResult;
}

/** Runs an attempt, up to the first run that is not valid. Throws `ArgumentError` when nothing could be run at all. */
export async function runAttempt(attempt: Attempt): Promise<Attempted> {
  const { challenge } = attempt;
  const runs: RunWithResult[] = [];
  for (const line of challenge.lines) {
    attempt.begins?.(line);
    const run = await runLine(attempt, line);
    runs.push(run);
    if (run.valid !== true) break;
  }
  const run = runs.find(({ valid }) => valid !== true) ?? runs[0];
  if (run === undefined) throw new ArgumentError(`exercise ${challenge.id} has no test`);
  return { grade: gradeChallenge(challenge, runs), run };
}

/** The command line of a run, as `charybdis test` takes it. */
export function commandLine({ node, nodeArguments, seed, store }: Attempt, line: Line): readonly string[] {
  return [
    ...line.arguments,
    ...("module" in node ? ["--virtual", "--module", node.module] : ["--bin", node.bin]),
    ...["--seed", String(seed), "--store", store],
    ...(nodeArguments.length === 0 ? [] : ["--", ...nodeArguments]),
  ];
}

async function runLine(attempt: Attempt, line: Line): Promise<RunWithResult> {
  const argv = commandLine(attempt, line);
  const began = performance.now();
  const told = { arguments: line.arguments, "node-arguments": attempt.nodeArguments };
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  try {
    const { result, store } = await runTest(parseTest(argv), argv, !Deno.stderr.isTerminal());
    return { ...told, valid: result.valid, store: store?.directory ?? null, seconds: seconds(), result };
  } catch (error) {
    // A node that does not come up, or a file that cannot be loaded, is an attempt too.
    const attempted = error instanceof StartError || error instanceof ArgumentError ||
      error instanceof BenchError;
    if (!attempted) throw error;
    return {
      ...told,
      valid: "unknown",
      store: null,
      seconds: seconds(),
      error: error.message,
      result: undefined,
    };
  }
}

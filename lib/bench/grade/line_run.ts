/** Runs one line of a challenge on a program. Tested by `tests/bench/grade/batch_test.ts`. */

import type { Launch } from "../cluster/executable.ts";
import { optionsOf } from "../cluster/executable.ts";
import type { NodeSandbox } from "../cluster/process_cluster.ts";
import { runTest } from "../cli/test.ts";
import { StartError } from "../errors.ts";
import { type GivenOptions, makeTest, printTest } from "../run/command_line.ts";
import { parseResult } from "../store/parse_result.ts";
import type { WorkerPool } from "../worker/pool.ts";
import type { Challenge, ChallengeTest } from "./challenges.ts";
import { runMaelstrom } from "./maelstrom.ts";
import { type ChallengeRun, withoutResult } from "./run_lines.ts";

/** The settings of a line's run. */
export interface LineRunOptions {
  /** The program; undefined for the built-in node in virtual time. */
  readonly bin: string | undefined;
  readonly nodeArguments: readonly string[];
  readonly seed: number | undefined;
  readonly store: string;
  readonly workers: WorkerPool;
  /** The path of real Maelstrom, and the name of the run's folder, if Maelstrom runs the line. */
  readonly maelstrom?: { readonly command: string; readonly name: string } | undefined;
  /** Options in addition to the line's. */
  readonly more?: GivenOptions;
  readonly reports?: "all" | "failed";
  readonly sandbox?: NodeSandbox | undefined;
}

/** Runs a line. A failure to run it is a run without a verdict. */
export async function runLine(line: ChallengeTest, options: LineRunOptions): Promise<ChallengeRun> {
  const { bin, nodeArguments, seed, store, workers, maelstrom, more, reports = "all", sandbox } = options;
  const began = performance.now();
  const seconds = () => Math.round((performance.now() - began) / 100) / 10;
  const base = { arguments: line.arguments, nodeArguments };
  try {
    if (maelstrom !== undefined && bin !== undefined) {
      const directory = `${store}/maelstrom/${maelstrom.name}`;
      const ran = await runMaelstrom(maelstrom.command, { ...base, directory, bin: Deno.realPathSync(bin) });
      const { valid = "unknown" } = parseResult(ran.result);
      return { run: { ...base, valid, ...ran, seconds: seconds() } };
    }
    const given: GivenOptions = {
      ...line.options,
      ...more,
      ...(bin === undefined ? { virtual: true } : { bin }),
      seed,
      store,
    };
    const tested = await runTest(makeTest(given, nodeArguments), printTest(given, nodeArguments), {
      workers,
      quiet: true,
      reports,
      sandbox,
    });
    const { result, signal, report } = tested;
    return {
      signal,
      run: {
        ...base,
        valid: result.valid,
        store: tested.store?.directory ?? null,
        seconds: seconds(),
        seed: tested.seed,
        ...(signal === undefined ? {} : { problem: "interrupted", error: `ended by ${signal}` }),
        ...(result.faults === undefined ? {} : { faults: result.faults }),
        result,
        report,
      },
    };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isStart = error instanceof StartError;
    return {
      run: {
        ...withoutResult(line, { error: error.message, nodeArguments }),
        ...(isStart ? { problem: "not-started" } : {}),
        seconds: seconds(),
      },
    };
  }
}

/**
 * Returns the challenge's own arguments of nodes if they suit a program. They suit only this project's nodes, so an executable gets
 * them only if it includes this library and its help lists each option.
 */
export async function ownArguments(
  { nodeArguments }: Challenge,
  bin: string | undefined,
  launch?: Launch,
): Promise<readonly string[]> {
  if (bin === undefined || nodeArguments.length === 0) return nodeArguments;
  const known = await optionsOf(bin, launch);
  return nodeArguments.every((arg) => !arg.startsWith("--") || known.has(arg)) ? nodeArguments : [];
}

/** The command line of the bench, `charybdis`. Tested by `tests/bench/cli/help_test.ts`. */

import { ArgumentError, unknownName, UnknownOptionError } from "../runtime/settings.ts";
import { homeOf } from "./cli/option_homes.ts";
import { programName } from "./cli/program_name.ts";
import { VERSION } from "./version.ts";
import { analyzeCommand } from "./cli/analyze.ts";
import { checkCommand } from "./cli/check.ts";
import { say } from "./terminal/output.ts";
import { demoCommand } from "./cli/demo.ts";
import { docCommand } from "./cli/doc.ts";
import { generateCommand } from "./cli/generate.ts";
import { gradeCommand } from "./cli/grade.ts";
import { learnCommand } from "./cli/learn.ts";
import { playgroundCommand } from "./cli/playground.ts";
import { newCommand } from "./cli/new.ts";
import { replayCommand } from "./cli/replay.ts";
import { reportCommand } from "./cli/report.ts";
import { serveCommand } from "./cli/serve.ts";
import { failOpenRuns, failureText } from "./store/failure.ts";
import { FILES_BASE, requireFiles } from "./store/open_files.ts";
import { exploreCommand } from "./cli/explore.ts";
import { fuzzCommand } from "./cli/fuzz.ts";
import { mergeCommand } from "./cli/merge.ts";
import { sweepCommand } from "./cli/sweep.ts";
import { testCommand } from "./cli/test.ts";
import { tradeoffCommand } from "./cli/tradeoff.ts";
import { loadInvariantsOf } from "./invariants/registry.ts";
import { loadWorkloadsOf } from "./run/workload_file.ts";
import { EXIT } from "./run/verdict.ts";
import { limitModuleMemory } from "./worker/handle.ts";

interface Command {
  readonly description: string;
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  learn: { description: "Presents the challenges one by one to learners.", run: learnCommand },
  test: {
    description: "Runs a workload against an executable, or a built-in node in virtual time, and judges it.",
    run: testCommand,
  },
  check: { description: "Judges a recorded history alone.", run: checkCommand },
  analyze: { description: "Judges a stored run again.", run: analyzeCommand },
  sweep: { description: "Runs a built-in node under many seeds in virtual time.", run: sweepCommand },
  explore: { description: "Runs every schedule of a small cluster.", run: exploreCommand },
  fuzz: { description: "Runs an executable under many seeds in real time.", run: fuzzCommand },
  merge: { description: "Joins the shards of a sweep or an exploration into one result.", run: mergeCommand },
  replay: { description: "Replays a recorded case byte for byte.", run: replayCommand },
  report: { description: "Writes the page that shows a run.", run: reportCommand },
  serve: { description: "Browses the store in a browser, on this machine alone.", run: serveCommand },
  playground: { description: "Serves a page in which you write and break a node.", run: playgroundCommand },
  grade: { description: "Runs every Fly.io challenge and prints which pass.", run: gradeCommand },
  tradeoff: {
    description: "Measures broadcast's messages against latency, or consensus engines side by side.",
    run: tradeoffCommand,
  },
  demo: { description: "Runs every built-in node in virtual time.", run: demoCommand },
  new: { description: "Writes a workload of your own to start from.", run: newCommand },
  generate: { description: "Writes a history with exactly one anomaly.", run: generateCommand },
  doc: { description: "Shows the messages of each workload, with examples.", run: docCommand },
};

async function main(args: readonly string[]): Promise<number> {
  const [first, ...after] = args;
  // `help COMMAND` is `COMMAND --help`.
  const [name, ...rest] = first === "help" && after.length > 0 ? [...after, "--help"] : args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    say(usage());
    return name === undefined ? EXIT.arguments : 0;
  }
  if (name === "--version") {
    say(`charybdis ${VERSION} (Deno ${Deno.version.deno})`);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  try {
    if (command === undefined) {
      throw unknownName("command", name, [...Object.keys(COMMANDS), "help", "--version"]);
    }
    requireFiles(FILES_BASE);
    await loadWorkloadsOf(rest);
    await loadInvariantsOf(rest);
    return await command.run(rest);
  } catch (error) {
    if (error instanceof ArgumentError) {
      const home = error instanceof UnknownOptionError
        ? homeOf(error.option, { exact: error.hasHint })
        : undefined;
      say(`charybdis: ${error.message}${home === undefined ? "" : `; ${home}`}`, "stderr");
      return EXIT.arguments;
    }
    fail(error);
    return EXIT.bench;
  }
}

/** Ends a failed bench properly after any error. Marks its runs as failed and prints the reason in one line. */
function fail(error: unknown): void {
  failOpenRuns(error);
  say(`charybdis: ${failureText(error)}`, "stderr");
}

/** Ends the bench when an error has no handler, such as in a timer. Nodes end with the bench. */
function failOnUncaught(): void {
  const end = (error: unknown) => {
    fail(error);
    Deno.exit(EXIT.bench);
  };
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    end(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    end(event.error ?? event.message);
  });
}

function usage(): string {
  return [
    "Usage: charybdis COMMAND [options]",
    "",
    "Tests nodes that speak Maelstrom's protocol. Commands:",
    ...Object.entries(COMMANDS).map(([name, { description }]) => `  ${name.padEnd(10)} ${description}`),
    "",
    `${programName()} COMMAND --help shows details.`,
    `First steps: ${programName()} learn`,
  ].join("\n");
}

if (import.meta.main) {
  failOnUncaught();
  limitModuleMemory();
  Deno.exit(await main(Deno.args));
}

/** The command line of the bench, `charybdis`. Tested by `tests/bench/cli/help_test.ts`. */

import { ArgumentError, unknownName, UnknownOptionError } from "../runtime/settings.ts";
import { homeOf } from "./cli/option_homes.ts";
import { programName } from "./cli/program_name.ts";
import { VERSION } from "./version.ts";
import { say } from "./terminal/output.ts";
import { failOpenRuns, failureText } from "./store/failure.ts";
import { EXIT } from "./exit_status.ts";
import type { RunCommand } from "./cli/run_command.ts";
import { SERVE_JOBS } from "./worker/frames.ts";
import { startThread } from "./worker/thread.ts";

interface Command {
  readonly description: string;
  /** Loads the command, so that a command does not wait for the modules of the others. */
  readonly load: () => Promise<RunCommand>;
  /** True if a thread of the bench does the work, which then starts while the command is loaded. */
  readonly usesThread?: (args: readonly string[]) => boolean;
}

const always = () => true;
const inVirtualTime = (args: readonly string[]) => args.includes("--virtual");

const COMMANDS: Readonly<Record<string, Command>> = {
  learn: {
    description: "Presents the challenges one by one to learners.",
    load: async () => (await import("./cli/learn.ts")).learnCommand,
  },
  test: {
    description: "Runs a workload against an executable, or a built-in node in virtual time, and judges it.",
    load: async () => (await import("./cli/test.ts")).testCommand,
    usesThread: inVirtualTime,
  },
  check: {
    description: "Judges a recorded history alone.",
    load: async () => (await import("./cli/check.ts")).checkCommand,
    usesThread: always,
  },
  analyze: {
    description: "Judges a stored run again.",
    load: async () => (await import("./cli/analyze.ts")).analyzeCommand,
  },
  sweep: {
    description: "Runs a built-in node under many seeds in virtual time.",
    load: async () => (await import("./cli/sweep.ts")).sweepCommand,
    usesThread: always,
  },
  explore: {
    description: "Runs every schedule of a small cluster.",
    load: async () => (await import("./cli/explore.ts")).exploreCommand,
    usesThread: always,
  },
  fuzz: {
    description: "Runs an executable under many seeds in real time.",
    load: async () => (await import("./cli/fuzz.ts")).fuzzCommand,
  },
  merge: {
    description: "Joins the shards of a sweep or an exploration into one result.",
    load: async () => (await import("./cli/merge.ts")).mergeCommand,
  },
  replay: {
    description: "Replays a recorded case byte for byte.",
    load: async () => (await import("./cli/replay.ts")).replayCommand,
    usesThread: always,
  },
  report: {
    description: "Writes the page that shows a run.",
    load: async () => (await import("./cli/report.ts")).reportCommand,
  },
  serve: {
    description: "Browses the store in a browser, on this machine alone.",
    load: async () => (await import("./cli/serve.ts")).serveCommand,
  },
  playground: {
    description: "Serves a page in which you write and break a node.",
    load: async () => (await import("./cli/playground.ts")).playgroundCommand,
  },
  grade: {
    description: "Runs every Fly.io challenge and prints which pass.",
    load: async () => (await import("./cli/grade.ts")).gradeCommand,
    usesThread: inVirtualTime,
  },
  tradeoff: {
    description: "Measures broadcast's messages against latency, or consensus engines side by side.",
    load: async () => (await import("./cli/tradeoff.ts")).tradeoffCommand,
  },
  demo: {
    description: "Runs every built-in node in virtual time.",
    load: async () => (await import("./cli/demo.ts")).demoCommand,
    usesThread: always,
  },
  new: {
    description: "Writes a workload of your own to start from.",
    load: async () => (await import("./cli/new.ts")).newCommand,
  },
  generate: {
    description: "Writes a history with exactly one anomaly.",
    load: async () => (await import("./cli/generate.ts")).generateCommand,
  },
  doc: {
    description: "Shows the messages of each workload, with examples.",
    load: async () => (await import("./cli/doc.ts")).docCommand,
  },
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
    if (command.usesThread?.(rest) === true && !rest.includes("--help")) startThread();
    const { runCommand } = await import("./cli/run_command.ts");
    // A test that hangs is the last one of its command, so its threads may live until then.
    return await runCommand(command.load, rest, { separates: Deno.build.standalone && name !== "test" });
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
  if (Deno.args[0] === SERVE_JOBS) {
    await (await import("./worker/job_server.ts")).serveJobs();
    Deno.exit(0);
  }
  Deno.exit(await main(Deno.args));
}

/** The command `charybdis analyze`, which judges a stored run again, selected as on Jepsen's command line. */

import { VERDICT_STATUSES } from "./exit_statuses.ts";
import {
  ArgumentError,
  custom,
  describeSettings,
  flag,
  parseSettings,
  text,
} from "../../runtime/settings.ts";
import { plural } from "../format.ts";
import { checkCommand } from "./check.ts";
import { say } from "../terminal/output.ts";
import { runsIn } from "../store/index.ts";
import { STORE_DEFAULT } from "../store/run_store.ts";

const settings = {
  test: custom({
    syntax: "INDEX or DIR",
    description:
      "Run: -1 is the latest, -2 the one before, 0 the oldest; or its folder. Also -t. Default: -1.",
    parse: (given) => given === "" ? undefined : given,
  }),
  store: text({ syntax: "DIR", description: `Directory of the store. Default: ${STORE_DEFAULT}.` }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export async function analyzeCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const values = parseSettings(settings, joinIndex(args), { alias: { t: "test" }, positional });
  if (values.help) {
    say(usage());
    return 0;
  }
  const [test = "-1", ...more] = values.test === undefined ? positional : [values.test, ...positional];
  if (more.length > 0) throw new ArgumentError("analyze takes one run");
  return await checkCommand([chosen(test, values.store ?? STORE_DEFAULT)]);
}

/** Joins `-t -1` into one argument, since a value that begins with - reads as an option. */
function joinIndex(args: readonly string[]): readonly string[] {
  return args.flatMap((arg, i) => {
    if (/^-\d+$/.test(arg) && isTest(args[i - 1])) return [];
    const next = args[i + 1];
    return isTest(arg) && next !== undefined && /^-\d+$/.test(next) ? [`--test=${next}`] : [arg];
  });
}

function isTest(arg: string | undefined): boolean {
  return arg === "-t" || arg === "--test";
}

function chosen(test: string, store: string): string {
  if (!/^-?\d+$/.test(test)) return test;
  const runs = runsIn(store).map(({ workload, time }) => `${store}/${workload}/${time}`).reverse();
  const index = Number(test);
  const run = runs.at(index);
  if (run === undefined) {
    throw new ArgumentError(`--test ${test}: the store ${store} has ${plural(runs.length, "run")}`);
  }
  return run;
}

function usage(): string {
  return [
    "Usage: charybdis analyze [DIR] [-t INDEX|DIR] [--store DIR]",
    "",
    "Judges a stored run again, with its original options.",
    describeSettings(settings),
    "",
    VERDICT_STATUSES,
  ].join("\n");
}

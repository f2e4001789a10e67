/**
 * The command `charybdis generate`, which writes a history with exactly one anomaly.
 *
 * Tested by `tests/bench/generate/generate_test.ts`.
 */

import {
  ArgumentError,
  choice,
  describeSettings,
  flag,
  number,
  parseSettings,
  text,
} from "../../runtime/settings.ts";
import { anomaliesOf, GENERATED_WORKLOADS, generateHistory, NO_ANOMALY } from "../generate/generate.ts";
import { writeText } from "../store/files.ts";
import { eventEdn } from "../store/results_edn.ts";
import { eventLine } from "../store/format.ts";
import { say } from "../terminal/output.ts";
import { PLAIN_STATUSES } from "./exit_statuses.ts";

const settings = {
  workload: text({ syntax: "NAME", description: `Workload: ${GENERATED_WORKLOADS.join(", ")}. Also -w.` }),
  anomaly: text({
    syntax: "NAME",
    description:
      `Anomaly of the history; ${NO_ANOMALY} for a right history. Without it, lists the anomalies.`,
  }),
  operations: number(20, {
    min: 0,
    max: 100_000,
    whole: true,
    description: "Number of other operations, which are right.",
  }),
  seed: number(1, {
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    whole: true,
    description: "Seed of these operations.",
  }),
  format: choice("edn", {
    options: ["edn", "jsonl"],
    description: "Form of the history: Jepsen's history.edn, or this bench's history.jsonl.",
  }),
  output: text({ syntax: "FILE", description: "File for the history. Default: stdout." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export function generateCommand(args: readonly string[]): Promise<number> {
  const values = parseSettings(settings, args, { alias: { w: "workload" } });
  if (values.help) {
    say(usage());
    return Promise.resolve(0);
  }
  const { workload, anomaly, output, format } = values;
  if (workload === undefined) throw new ArgumentError("-w NAME is missing: the workload of the history");
  if (anomaly === undefined) {
    for (const name of [...anomaliesOf(workload), NO_ANOMALY]) say(name);
    return Promise.resolve(0);
  }
  const history = generateHistory({ ...values, workload, anomaly });
  const lines = history.map(format === "edn" ? eventEdn : eventLine);
  if (output === undefined) say(lines.join("\n"));
  else writeText(output, `${lines.join("\n")}\n`);
  return Promise.resolve(0);
}

function usage(): string {
  return [
    "Usage: charybdis generate -w WORKLOAD --anomaly NAME [options]",
    "",
    "Writes a history with exactly one anomaly, to test checkers with. Three anomalies always cause another one: G1b of",
    "lists also is G-single, a lost update G2, and a lost write unseen.",
    "",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}

/**
 * The command `charybdis report`, which writes the report of a run again.
 *
 * Tested by `tests/bench/report/run_record_test.ts`.
 */

import { PLAIN_STATUSES } from "./exit_statuses.ts";
import { ArgumentError, describeSettings, flag, parseSettings, text } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { writeText } from "../store/files.ts";
import { makeReport } from "../report/report.ts";
import { reportData } from "../report/run_page.ts";
import { digestOf } from "../report/digest.ts";
import { toldFinding } from "../findings/finding.ts";
import type { WrittenReport } from "../report/report_worker.ts";
import { readRun, REPORT_FILE } from "../store/run_record.ts";

const settings = {
  output: text({
    syntax: "FILE",
    description: `File for the report. Default: ${REPORT_FILE} in the run's folder.`,
  }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const values = parseSettings(settings, args, { positional });
  if (values.help) {
    say(usage());
    return 0;
  }
  const [directory, ...more] = positional;
  if (directory === undefined || more.length > 0) {
    throw new ArgumentError("report takes the folder of one run, such as store/latest");
  }
  const { path } = await writeReport(directory, values.output);
  say(`report in ${path}`);
  return 0;
}

/** Writes the report of the run in a folder. Returns its path, the run in short, and the findings. */
export async function writeReport(directory: string, output?: string): Promise<WrittenReport> {
  const path = output ?? `${directory.replace(/(.)\/+$/, "$1")}/${REPORT_FILE}`;
  const run = readRun(directory);
  const made = reportData(run);
  writeText(path, await makeReport(run, made));
  return { path, digest: digestOf(made), findings: made.findings.map(toldFinding) };
}

function usage(): string {
  return [
    "Usage: charybdis report DIR [--output FILE]",
    "",
    "Writes the report of a run again from its folder: one page that needs no network. Options:",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}

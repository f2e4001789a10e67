/**
 * The command `charybdis doc`, which describes the messages of each workload.
 *
 * Tested by `tests/bench/workloads/workload_file_test.ts`.
 */

import { PLAIN_STATUSES } from "./exit_statuses.ts";
import { ArgumentError, describeSettings, flag, parseSettings, text } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { isWorkloadFile, loadWorkload } from "../run/workload_file.ts";
import { requireWorkload } from "../run/options.ts";
import { describeAllMessages, describeMessages } from "./message_reference.ts";

const settings = {
  workload: text({ syntax: "NAME|FILE", description: "The workload, as in other commands. Also -w." }),
  help: flag(false, { description: "Shows this." }),
} as const;

/** Runs the command and returns its exit status. */
export async function docCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const values = parseSettings(settings, args, { alias: { w: "workload" }, positional });
  if (values.help) {
    say(usage());
    return 0;
  }
  const [workload, ...more] = values.workload === undefined ? positional : [values.workload, ...positional];
  if (more.length > 0) throw new ArgumentError("doc takes one workload, or none for all of them");
  if (workload !== undefined && isWorkloadFile(workload)) await loadWorkload(workload);
  say(
    workload === undefined
      ? describeAllMessages()
      : describeMessages(requireWorkload(workload).workload.name),
  );
  return 0;
}

function usage(): string {
  return [
    "Usage: charybdis doc [WORKLOAD|FILE]",
    "",
    "Shows the messages that a node receives and sends in a workload, each with an example, as Markdown.",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}

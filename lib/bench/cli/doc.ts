/**
 * The command `charybdis doc`, which describes the messages of each workload.
 *
 * Tested by `tests/docs/examples_test.ts`.
 */

import { PLAIN_STATUSES } from "./exit_statuses.ts";
import { isWorkload, WORKLOADS } from "../../checkers/workloads.ts";
import { ArgumentError, describeSettings, flag, parseSettings, unknownName } from "../../runtime/settings.ts";
import { say } from "../terminal/output.ts";
import { describeAllMessages, describeMessages } from "./message_reference.ts";

const settings = { help: flag(false, { description: "Shows this." }) } as const;

/** Runs the command and returns its exit status. */
export function docCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const values = parseSettings(settings, args, { positional });
  if (values.help) {
    say(usage());
    return Promise.resolve(0);
  }
  const [workload, ...more] = positional;
  if (more.length > 0) throw new ArgumentError("doc takes one workload, or none for all of them");
  if (workload !== undefined && !isWorkload(workload)) throw unknownName("workload", workload, WORKLOADS);
  say(workload === undefined ? describeAllMessages() : describeMessages(workload));
  return Promise.resolve(0);
}

function usage(): string {
  return [
    "Usage: charybdis doc [WORKLOAD]",
    "",
    "Shows the messages that a node receives and sends in a workload, each with an example, as Markdown.",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}

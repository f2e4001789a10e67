/** The command `charybdis new`, which writes a workload to start from. Tested by `tests/bench/cli/new_test.ts`. */

import { ArgumentError, describeSettings, flag, parseSettings } from "../../runtime/settings.ts";
import { isFile, writeText } from "../store/files.ts";
import { say } from "../terminal/output.ts";
import { findWorkload } from "../workloads/registry.ts";
import { PLAIN_STATUSES } from "./exit_statuses.ts";
import { nodeTemplate, workloadTemplate } from "./new_templates.ts";
import { programName } from "./program_name.ts";

const settings = { help: flag(false, { description: "Shows this." }) } as const;

/** Runs the command and returns its exit status. */
export function newCommand(args: readonly string[]): Promise<number> {
  const positional: string[] = [];
  const values = parseSettings(settings, args, { positional });
  if (values.help) {
    say(usage());
    return Promise.resolve(0);
  }
  const [kind, name, ...more] = positional;
  if (kind !== "workload" || name === undefined || more.length > 0) {
    throw new ArgumentError("new takes the word workload and a name, as in: new workload shelf");
  }
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new ArgumentError(`${name} cannot be a name: use a to z, digits and -, and begin with a letter`);
  }
  if (findWorkload(name) !== undefined) {
    throw new ArgumentError(`there is a built-in workload ${name}. Choose another name`);
  }
  const base = name.replaceAll("-", "_");
  const files = new Map([
    [`${base}.ts`, workloadTemplate(name)],
    [`${base}_node.ts`, nodeTemplate(name)],
  ]);
  const existing = [...files.keys()].find((path) => isFile(path));
  if (existing !== undefined) throw new ArgumentError(`${existing} exists already. Choose another name`);
  for (const [path, text] of files) writeText(path, text);
  const program = programName();
  say(`${base}.ts is the workload, ${base}_node.ts a node for it. To run them:`);
  say(`  ${program} test -w ./${base}.ts --virtual --module ./${base}_node.ts --faults partition`);
  say(
    `  ${program} sweep -w ./${base}.ts --module ./${base}_node.ts --seeds 1..100 --faults partition,loss,pause`,
  );
  say(`A node in any language, in real time:`);
  say(`  ${program} test -w ./${base}.ts --bin FILE`);
  return Promise.resolve(0);
}

function usage(): string {
  return [
    "Usage: charybdis new workload NAME",
    "",
    "Writes NAME.ts, a workload to start from, and NAME_node.ts, a node for it, to this folder.",
    "",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}

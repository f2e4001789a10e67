/** The command `charybdis new`, which writes a workload to start from. Tested by `tests/bench/cli/new_test.ts`. */

import { ArgumentError, describeSettings, flag, parseSettings } from "../../runtime/settings.ts";
import { EXAMPLE_NAMES, exampleText } from "../run/example_files.ts";
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
  const files = filesOf(name, base);
  const existing = [...files.keys()].find((path) => isFile(path));
  if (existing !== undefined) throw new ArgumentError(`${existing} exists already. Choose another name`);
  for (const [path, text] of files) writeText(path, text);
  const program = programName();
  if (files.size > 2) say(`${base}_wrong.ts is a node with a mistake that a sweep finds.`);
  say(`${base}.ts is the workload, ${base}_node.ts a node for it. To run them:`);
  say(`  ${program} test -w ./${base}.ts --virtual --module ./${base}_node.ts --faults partition`);
  say(
    `  ${program} sweep -w ./${base}.ts --module ./${base}_node.ts --seeds 1..100 --faults partition,loss,pause`,
  );
  say(`A node in any language, in real time:`);
  say(`  ${program} test -w ./${base}.ts --bin FILE`);
  return Promise.resolve(0);
}

/** Returns the files of a new workload with their texts: those of the example of that name, or of the template. */
function filesOf(name: string, base: string): ReadonlyMap<string, string> {
  if (!EXAMPLE_NAMES.includes(name)) {
    return new Map([[`${base}.ts`, workloadTemplate(name)], [`${base}_node.ts`, nodeTemplate(name)]]);
  }
  return new Map([
    [`${name}.ts`, exampleText(`workloads/${name}.ts`)],
    [`${name}_node.ts`, exampleText(`nodes/${name}.ts`)],
    [`${name}_wrong.ts`, exampleText(`nodes/${name}_wrong.ts`)],
  ]);
}

function usage(): string {
  return [
    "Usage: charybdis new workload NAME",
    "",
    "Writes NAME.ts, a workload to start from, and NAME_node.ts, a node for it, to this folder. These names have examples",
    `of their own, with a node that is right and one that is not: ${EXAMPLE_NAMES.join(", ")}.`,
    "",
    describeSettings(settings),
    "",
    PLAIN_STATUSES,
  ].join("\n");
}

/** One file and one line add a fault to the whole bench. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { folderTest } from "../../folder.ts";

const REGISTRY = new URL("../../../lib/bench/nemesis/registry.ts", import.meta.url);
const MAP = new URL("../../../.make/std/import_map.json", import.meta.url);
const FAULT = new URL("./support/deaf_fault.ts", import.meta.url);
const PROGRAM = new URL("./support/print_deaf_run.ts", import.meta.url);

/** Writes a registry with one more line, and the import map that replaces the registry by it. */
function writeRegistry(directory: string): string {
  const lines = Deno.readTextFileSync(REGISTRY)
    .replaceAll('"./faults/', `"${new URL("./faults/", REGISTRY)}`)
    .replace("] as const", "  deaf,\n] as const");
  const registry = new URL(`file://${directory}/registry.ts`);
  Deno.writeTextFileSync(registry, `import { deaf } from "${FAULT}";\n${lines}`);
  const { imports }: { readonly imports: Readonly<Record<string, string>> } = JSON.parse(
    Deno.readTextFileSync(MAP),
  );
  const absolute = Object.entries(imports).map(([name, to]) => [name, new URL(to, MAP).href]);
  const map = `${directory}/import_map.json`;
  Deno.writeTextFileSync(
    map,
    JSON.stringify({ imports: { ...Object.fromEntries(absolute), [REGISTRY.href]: registry.href } }),
  );
  return map;
}

folderTest("a new fault appears in help, runs, sweeps, coverage and reports", async (directory) => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--quiet",
      "--no-check",
      `--import-map=${writeRegistry(directory)}`,
      PROGRAM.pathname,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert(text !== "", new TextDecoder().decode(stderr));
  const deaf = JSON.parse(text);

  assertEquals(deaf.kinds.at(-1), "deaf");
  for (const part of ["membership, deaf.", "--deaf-nodes 1…10", "drops all messages to some nodes"]) {
    assertStringIncludes(deaf.help.replaceAll(/\s+/g, " "), part);
  }

  const events: readonly string[] = deaf.events;
  assert(events.length > 4, "the fault starts and stops several times");
  assertEquals([...new Set(events)].sort(), ["cure", "deafen"]);
  assertEquals(deaf.faultSchedule.length, deaf.bands.length);
  assertEquals(deaf.effects.length, 1);
  assertMatch(deaf.effects[0], /^deaf: \d+ times, \d+ messages unheard, n/);

  for (const { kind, nodes, text } of deaf.bands) {
    assertEquals([kind, nodes.length], ["deaf", 1]);
    assertStringIncludes(text, nodes[0]);
  }
  assert(deaf.drawn > 0 && deaf.drawn < 40, "a sweep draws the fault for some seeds");
  assertEquals([...new Set(deaf.parameters)].sort(), [2, 3]);
  assertEquals(deaf.uncovered, ["deaf never met read", "no gossip was cut"]);
}, { permissions: ["run", "env"] });

/** The help of every command, as the command line prints it. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { OPTION_HOMES } from "../../../lib/bench/cli/option_homes.ts";
import { folderTest } from "../../folder.ts";
import { sliceOf } from "../../seeds.ts";

const BIN = new URL("../../../bin/charybdis", import.meta.url).pathname;

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await new Deno.Command(BIN, {
    args: [...args],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

folderTest(
  "the help of each command lists its exit statuses and the options that other texts name",
  async () => {
    const { text } = await run("--help");
    const commands = [...text.matchAll(/^ {2}([a-z]+) +\S/gm)].map(([, name]) => name ?? "");
    assert(commands.length > 10, text);
    const helps = new Map(
      await Promise.all(
        sliceOf(commands, 3).map(async (command) => [command, (await run(command, "--help")).text] as const),
      ),
    );
    for (const [command, help] of helps) assertMatch(help, /Exit status/, command);
    assertEquals(Object.keys(OPTION_HOMES).filter((command) => !commands.includes(command)), []);
    for (const [command, help] of helps) {
      const own = new Set(help.match(/(?<=^ {2})--[a-z-]+/gm));
      assertEquals(OPTION_HOMES[command]?.filter((option) => !own.has(option)) ?? [], [], command);
    }
  },
  { permissions: ["run", "env"] },
);

folderTest("an option of another command is refused with the name of that command", async () => {
  const { code, text } = await run("test", "--seeds", "1..3");
  assertEquals(
    [code, text.trim()],
    [254, "charybdis: unknown option --seeds: did you mean --seed?; sweep and fuzz take --seeds"],
  );
}, { permissions: ["run", "env"] });

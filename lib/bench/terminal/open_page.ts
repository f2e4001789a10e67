/** Shows a page in the browser. Tested by `tests/bench/learn/command_test.ts`. */

import { say } from "./output.ts";

/** The commands that open a file with its default program, by system. */
const OPENERS: Readonly<Record<string, string>> = { darwin: "open", linux: "xdg-open" };

/** Opens a page in the browser. Without a page or a browser, it prints a line. */
export async function openPage(page: string | undefined): Promise<void> {
  if (page === undefined) return say("  There is no page to open.");
  const command = OPENERS[Deno.build.os] ?? "xdg-open";
  try {
    const { success } = await new Deno.Command(command, {
      args: [page],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (success) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  say(`  Cannot open ${page}: ${command} found no browser. Open the file yourself.`);
}

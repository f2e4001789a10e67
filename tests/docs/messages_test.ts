/** The generated reference of messages, and the READMEs of the modules. */

import { assert, assertEquals } from "@std/assert";
import { describeAllMessages } from "../../lib/bench/cli/message_reference.ts";

const FILE = new URL("../../lib/protocol/MESSAGES.md", import.meta.url);
const rewrites =
  Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_REWRITE" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_REWRITE") === "1";

Deno.test("lib/protocol/MESSAGES.md is the reference that the declarations yield", () => {
  const text = `${describeAllMessages()}\n`;
  if (rewrites) Deno.writeTextFileSync(FILE, text);
  assertEquals(Deno.readTextFileSync(FILE), text, "write it again with CHARYBDIS_REWRITE=1");
});

Deno.test("each module of lib has a README", () => {
  const lib = new URL("../../lib/", import.meta.url);
  for (const { name, isDirectory } of Deno.readDirSync(lib)) {
    if (isDirectory) assert(Deno.statSync(new URL(`${name}/README.md`, lib)).isFile, name);
  }
});

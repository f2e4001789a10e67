/** `make` as far as it looks for the toolchain: once, and again when that may have changed. */

import { assertEquals, assertMatch } from "@std/assert";
import { folderTest } from "../folder.ts";
import { writeProgram } from "../program.ts";
import { fakeDeno, Sandbox } from "./sandbox.ts";

const FOUND = /^Deno 2\.\d+\.\d+ \((PATH|DENO)\); @std from/;

folderTest(
  "the toolchain is searched once, and again after DENO or Deno has changed",
  async (folder) => {
    const sandbox = new Sandbox(folder, { deno: fakeDeno({ version: "2.7.11" }) });
    sandbox.withMake();
    const found = async (environment: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
      const { code, said } = await sandbox.make(["doctor"], environment);
      assertEquals(code, 0, said.join("\n"));
      return said;
    };
    assertMatch((await found())[0] ?? "", FOUND);
    assertEquals(await found(), []);

    const other = `${folder}/other`;
    writeProgram(other, fakeDeno({ version: "2.9.6" }));
    assertMatch((await found({ DENO: other }))[0] ?? "", FOUND);
    assertEquals(sandbox.found("DENO"), other);
    assertEquals(await found({ DENO: other }), []);

    const earlier = new Date(Date.now() - 5000);
    for (const name of [".make/toolchain.sh", ".make/versions", ".toolchain/env.mk"]) {
      Deno.utimeSync(`${folder}/${name}`, earlier, earlier);
    }
    writeProgram(other, fakeDeno({ version: "2.9.5" }));
    assertMatch((await found({ DENO: other }))[0] ?? "", /^Deno 2\.9\.5/);
  },
  { permissions: ["run", "env"] },
);

folderTest("without a toolchain, make prints the reason and builds nothing", async (folder) => {
  const sandbox = new Sandbox(folder);
  sandbox.withMake();
  const { code, said } = await sandbox.make(["check"], { DENO: "/nowhere" });
  assertEquals(code, 2);
  assertMatch(said[0] ?? "", /^'\/nowhere' \(from DENO\) is missing/);
  assertEquals(said.length, 2); // the other is make's own
  assertEquals(sandbox.left(), []);
}, { permissions: ["run", "env"] });

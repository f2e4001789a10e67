/** Toolchains that are not as they should be: each ends in one line, or is replaced with one, and nothing half-installed is left. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { folderTest } from "../folder.ts";
import { failingNpm, fakeDeno, fakeNpm, NOTED_SLEEP, Sandbox } from "./sandbox.ts";

const PINNED = fakeDeno({ version: "2.7.11" });
const FITS = "Deno 2.7.8 or newer, before 3.0.0, is needed";

const findTest = (name: string, run: (folder: string) => Promise<void>) =>
  folderTest(name, run, { permissions: ["run", "env"] });

/** A program for another kind of machine: an ELF header that names an unknown one. */
const FOREIGN = Uint8Array.from([
  0x7f,
  0x45,
  0x4c,
  0x46,
  2,
  1,
  1,
  ...Array(11).fill(0),
  0xff,
  0xff,
  ...Array(44).fill(0),
]);

findTest("a supported Deno on PATH is used, and nothing is installed", async (folder) => {
  const sandbox = new Sandbox(folder, { deno: fakeDeno({ version: "2.9.6" }), npm: failingNpm("") });
  const { code, said } = await sandbox.find();
  assertEquals(code, 0);
  assertEquals(said, ["Deno 2.9.6 (PATH); @std from jsr.io; runtime: Deno's own download"]);
  assertEquals(sandbox.found("DENO"), `${folder}/bin/deno`);
  assertEquals(sandbox.found("IMPORT_MAP"), "");
  assertEquals(sandbox.left(), ["env.mk"]);
});

const UNFIT: ReadonlyArray<readonly [name: string, program: string | Uint8Array, why: string]> = [
  ["too old", fakeDeno({ version: "2.6.10" }), "is Deno 2.6.10, which is too old"],
  ["too new", fakeDeno({ version: "3.0.0" }), "is Deno 3.0.0, which is too new"],
  ["broken", "#!/bin/sh\nexit 1\n", "is broken, not for this machine"],
  ["another program", "#!/bin/sh\necho v22.0.0\n", "is broken, not for this machine"],
  ["for another platform", FOREIGN, "is broken, not for this machine"],
  ["a page that a proxy answered", "<html>Log in</html>\n", "is broken, not for this machine"],
];

for (const [name, program, why] of UNFIT) {
  findTest(`a Deno in DENO that is ${name} is refused in one line`, async (folder) => {
    const sandbox = new Sandbox(folder, { npm: fakeNpm(PINNED) });
    const { code, said } = await sandbox.find({ DENO: sandbox.program("other", program) });
    assertEquals(code, 1);
    assertEquals(said.length, 1, said.join("\n"));
    assertStringIncludes(said[0] ?? "", `'${folder}/bin/other' (from DENO) ${why}`);
    assertStringIncludes(said[0] ?? "", FITS);
    assertEquals(sandbox.left(), []);
    assertEquals(sandbox.installs, 0);
  });

  findTest(
    `a Deno on PATH that is ${name} is replaced by npm's, with one line`,
    async (folder) => {
      const sandbox = new Sandbox(folder, { deno: program, npm: fakeNpm(PINNED) });
      const { code, said } = await sandbox.find();
      assertEquals(code, 0, said.join("\n"));
      assertStringIncludes(said[0] ?? "", `'${folder}/bin/deno' (from PATH) ${why}`);
      assertStringIncludes(said[0] ?? "", "using npm's instead");
      assertMatch(sandbox.found("DENO") ?? "", /\.toolchain\/deno\/node_modules\/@deno\/[\w-]+\/deno$/);
      assertEquals(sandbox.left(), ["deno", "env.mk"]);
    },
  );
}

findTest("a missing Deno in DENO is refused in one line", async (folder) => {
  const { code, said } = await new Sandbox(folder).find({ DENO: "/nowhere/deno" });
  assertEquals(code, 1);
  assertEquals(said, [
    `'/nowhere/deno' (from DENO) is missing or not executable: ${FITS}. Name another in DENO, or unset it.`,
  ]);
});

findTest("without Deno and npm, one line names what to install", async (folder) => {
  const sandbox = new Sandbox(folder);
  const { code, said } = await sandbox.find();
  assertEquals(code, 1);
  assertStringIncludes(
    said.at(-1) ?? "",
    "Install Deno 2.7.8 or newer (https://deno.com), or Node with npm.",
  );
  assertEquals(sandbox.left(), []);
});

findTest("a Deno newer than any tested version is used, with one line", async (folder) => {
  const { code, said } = await new Sandbox(folder, { deno: fakeDeno({ version: "2.99.0" }) }).find();
  assertEquals(code, 0);
  assertMatch(said.at(-1) ?? "", /^Deno 2\.99\.0 is newer than any tested version \(up to 2\./);
});

const FAILURES: ReadonlyArray<readonly [name: string, words: string, why: string]> = [
  [
    "a proxy answers with HTML",
    `npm error Unexpected token '<', "<html><bo"... is not valid JSON`,
    "the registry does not answer with packages",
  ],
  [
    "a package is damaged",
    "npm error code EINTEGRITY",
    "the registry does not answer with packages",
  ],
  ["the disk is full", "npm error code ENOSPC\nnpm error syscall write", "the disk is full"],
  ["the registry is away", "npm error code ENOTFOUND", "the registry does not answer"],
  ["npm fails in another way", "npm error code EWEIRD\nnpm error words", "code EWEIRD. Read .toolchain/log"],
];

for (const [name, words, why] of FAILURES) {
  findTest(
    `when ${name} while Deno is installed, one line reports it and no file is left`,
    async (folder) => {
      const sandbox = new Sandbox(folder, { npm: failingNpm(words) });
      const { code, said } = await sandbox.find();
      assertEquals(code, 1);
      assertEquals(said.length, 2, said.join("\n")); // the first says what is being installed
      assertMatch(said[1] ?? "", /^npm cannot install @deno\/[\w-]+@2\.7\.11: /);
      assertStringIncludes(said[1] ?? "", why);
      assertEquals(sandbox.left(), []);
    },
  );
}

findTest("a full disk is reported before the download", async (folder) => {
  const df = "#!/bin/sh\necho Filesystem 1024-blocks Used Available\necho disk 100000 50000 50000 50% /\n";
  const sandbox = new Sandbox(folder, { npm: fakeNpm(PINNED), df });
  const { code, said } = await sandbox.find();
  assertEquals(code, 1);
  assertMatch(
    said.at(-1) ?? "",
    /@2\.7\.11 needs 150 MB under \.toolchain\/, and the disk has 48 MB left\. Free some space\.$/,
  );
  assertEquals(sandbox.installs, 0);
  assertEquals(sandbox.left(), []);
});

findTest("a Deno from npm that does not run on this machine is deleted", async (folder) => {
  const sandbox = new Sandbox(folder, { npm: fakeNpm("#!/bin/sh\nexit 1\n") });
  const { code, said } = await sandbox.find();
  assertEquals(code, 1);
  assertStringIncludes(said.at(-1) ?? "", "@2.7.11 does not run on this machine");
  assertEquals(sandbox.left(), []);
});

findTest("if jsr.io does not respond, the stand-ins are used", async (folder) => {
  const sandbox = new Sandbox(folder, { deno: fakeDeno({ version: "2.7.11", jsr: false }) });
  assertEquals((await sandbox.find()).code, 0);
  assertEquals(sandbox.found("IMPORT_MAP"), "--import-map=.make/std/import_map.json");
});

const LENDER = "lender 1.0.0 program 7";
const SHA256_OF_RUNTIME = "d92c6a81b2ff50096bcda80885427d1f59a25b5f483f7055523504925d16ab23"; // of "runtime"
const lent = (sha256: string) => ({
  DENORT_x86_64_unknown_linux_gnu: `${LENDER} ${sha256}`,
  DENORT_aarch64_unknown_linux_gnu: `${LENDER} ${sha256}`,
  DENORT_other: `${LENDER} ${sha256}`,
});

findTest(
  "if no runtime can be downloaded, the pinned Deno with a borrowed runtime replaces 2.9",
  async (folder) => {
    const npm = fakeNpm(fakeDeno({ version: "2.7.11", runtime: false }), { compiled: "runtime, program" });
    const sandbox = new Sandbox(folder, { deno: fakeDeno({ version: "2.9.6", runtime: false }), npm });
    sandbox.versions(lent(SHA256_OF_RUNTIME));
    const { code, said } = await sandbox.find();
    assertEquals(code, 0, said.join("\n"));
    assertMatch(sandbox.found("DENO_FROM") ?? "", /Deno 2\.9\.6 on PATH cannot download its runtime/);
    assertEquals(Deno.readTextFileSync(sandbox.found("DENORT") ?? ""), "runtime");
    assertEquals(sandbox.left(), ["deno", "denort", "env.mk"]);
  },
);

findTest("a borrowed runtime of another version is neither used nor kept", async (folder) => {
  const npm = fakeNpm(PINNED, { compiled: "another, program" });
  const sandbox = new Sandbox(folder, { deno: fakeDeno({ version: "2.7.11", runtime: false }), npm });
  sandbox.versions(lent(SHA256_OF_RUNTIME));
  const { code, said } = await sandbox.find();
  assertEquals(code, 1);
  assertStringIncludes(said.at(-1) ?? "", "does not match the pinned hash. Set DENORT_BIN.");
  assertEquals(sandbox.left(), []);
});

findTest(
  "of two concurrent makes, one installs, and the other waits with one line",
  async (folder) => {
    // The one that finds the lock of the other says so before it sleeps for the second time.
    const npm = fakeNpm(PINNED, { after: { sleeps: 2, seconds: 1 } });
    const sandbox = new Sandbox(folder, { npm, sleep: NOTED_SLEEP });
    const [first, second] = await Promise.all([sandbox.find(), sandbox.find()]);
    assertEquals([first.code, second.code], [0, 0]);
    const waiting = "another make is looking for the toolchain; waiting for it";
    assertEquals([...first.said, ...second.said].filter((line) => line === waiting).length, 1);
    assertEquals(sandbox.installs, 1);
    assertEquals(sandbox.left(), ["deno", "env.mk"]);
  },
);

findTest("a long installation prints a line every 20 s", async (folder) => {
  const npm = fakeNpm(PINNED, { after: { sleeps: 3, seconds: 20 } });
  const sandbox = new Sandbox(folder, { npm, sleep: NOTED_SLEEP });
  const { code, said } = await sandbox.find();
  assertEquals(code, 0);
  assertMatch(said[1] ?? "", /^npm is still installing @deno\/[\w-]+@2\.7\.11: 20 s so far$/);
  assertMatch(said[2] ?? "", /: 40 s so far$/);
});

findTest("files of a killed make are removed by the next one", async (folder) => {
  const sandbox = new Sandbox(folder, { deno: PINNED });
  Deno.mkdirSync(`${folder}/.toolchain/new.1/deno`, { recursive: true });
  Deno.writeTextFileSync(`${folder}/.toolchain/lock`, "4194305\n"); // above any process id that Linux gives out
  assertEquals((await sandbox.find()).code, 0);
  assertEquals(sandbox.left(), ["env.mk"]);
});

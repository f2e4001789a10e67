import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { programFor, rankOf, readStudentFile } from "../../../lib/bench/grade/submissions/programs.ts";
import {
  findSubmissions,
  type StagedSubmission,
  stageSubmission,
} from "../../../lib/bench/grade/submissions/stage.ts";
import { buildSubmission } from "../../../lib/bench/grade/submissions/build.ts";
import { SubmissionError } from "../../../lib/bench/grade/submissions/staged_folder.ts";
import { findSandbox } from "../../../lib/bench/sandbox/sandbox.ts";
import { folderTest } from "../../folder.ts";
import { tarOf, zipOf } from "./archives.ts";

const SCRIPT = "#!/bin/sh\n";

/** Writes files below a folder. */
function write(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    Deno.writeTextFileSync(`${folder}/${path}`, text);
  }
}

/** Writes an archive and unpacks it. */
async function unpack(folder: string, name: string, bytes: Uint8Array): Promise<StagedSubmission> {
  Deno.writeFileSync(`${folder}/${name}`, bytes);
  const target = `${folder}/${crypto.randomUUID()}`;
  return await stageSubmission({ student: "a", path: `${folder}/${name}` }, target);
}

folderTest("submissions are folders, archives and programs, by the name of the student", (folder) => {
  write(folder, { "bob.tar.gz": "", "al/echo": "", "cleo.py": "", ".git/x": "" });
  assertEquals(findSubmissions(folder).map(({ student }) => student), ["al", "bob", "cleo.py"]);
});

folderTest(
  "tar and zip archives give their files, their links, and programs that can be executed",
  async (folder) => {
    const entries = [
      { path: "mine/", type: "5" },
      { path: "mine/bin/echo", text: `${SCRIPT}exit` },
      { path: "mine/no-head", text: "echo", mode: 0o755 },
      { path: "mine/data.txt", text: "x".repeat(100_000) },
      { path: "mine/link", target: "bin/echo" },
      { path: `mine/${"long".repeat(40)}`, text: "y" },
    ];
    for (const [name, bytes] of [["a.tar", tarOf(entries)], ["a.zip", await zipOf(entries)]] as const) {
      const staged = await unpack(folder, name, bytes);
      assertEquals(staged.files, ["bin/echo", "data.txt", "link", "long".repeat(40), "no-head"], name);
      assertEquals(Deno.readTextFileSync(`${staged.folder}/data.txt`).length, 100_000);
      const modes = ["bin/echo", "no-head", "data.txt"].map((path) =>
        Deno.statSync(`${staged.folder}/${path}`).mode ?? 0
      );
      assertEquals(modes.map((mode) => mode & 0o777), [0o755, 0o755, 0o644]);
      assertEquals(Deno.readLinkSync(`${staged.folder}/link`), "bin/echo");
    }
  },
);

folderTest("a submission that leads outside of its folder is refused", async (folder) => {
  const attacks = [
    [{ path: "../x", text: "x" }],
    [{ path: "/tmp/x", text: "x" }],
    [{ path: "a/../../x", text: "x" }],
    [{ path: "link", target: "/etc/passwd" }],
    [{ path: "a/link", target: "../../x" }],
    [{ path: "dir", target: "." }, { path: "dir/x", text: "x" }],
    [{ path: "s", target: "." }, { path: "link", target: "s/../x" }],
    [{ path: "x", target: "y" }, { path: "x", text: "written through the link" }],
    [{ path: "device", type: "3" }],
  ];
  for (const entries of attacks) {
    await assertRejects(
      () => unpack(folder, "a.tar", tarOf(entries)),
      SubmissionError,
      undefined,
      JSON.stringify(entries),
    );
    if (entries.some((entry) => "type" in entry)) continue;
    const zip = await zipOf(entries);
    await assertRejects(
      () => unpack(folder, "a.zip", zip),
      SubmissionError,
      undefined,
      JSON.stringify(entries),
    );
  }
  write(folder, { "dora/x": "" });
  Deno.symlinkSync("/etc/passwd", `${folder}/dora/echo`);
  const dora = { student: "dora", path: `${folder}/dora` };
  await assertRejects(() => stageSubmission(dora, `${folder}/staged`), SubmissionError);
});

folderTest("damaged archives are refused", async (folder) => {
  const tar = tarOf([{ path: "echo", text: "x".repeat(2000) }]);
  await assertRejects(() => unpack(folder, "a.tar", tar.subarray(0, 900)), SubmissionError);
  await assertRejects(
    () => unpack(folder, "a.tar", tar.map((byte, i) => i === 3 ? byte + 1 : byte)),
    SubmissionError,
  );
  await assertRejects(() => unpack(folder, "a.tar.gz", tar), SubmissionError);
  const zip = await zipOf([{ path: "echo", text: "x".repeat(2000) }]);
  await assertRejects(() => unpack(folder, "a.zip", zip.subarray(0, zip.length - 30)), SubmissionError);
  await assertRejects(
    () => unpack(folder, "a.zip", zip.map((byte, i) => i === 40 ? byte ^ 255 : byte)),
    SubmissionError,
  );
});

Deno.test("a program's name fits a challenge by its number, or by the workload", () => {
  const ranks = (path: string) =>
    [{ id: "1", workload: "echo" }, { id: "3d", workload: "broadcast" }].map((each) => rankOf(path, each));
  assertEquals(ranks("echo"), [4, undefined]);
  assertEquals(ranks("bin/echo.py"), [4, undefined]);
  assertEquals(ranks("challenge-1-echo.py"), [0, undefined]);
  assertEquals(ranks("Challenge_3d/main"), [undefined, 1]);
  assertEquals(ranks("challenge-3/main"), [undefined, 3]);
  assertEquals(ranks("challenge-13"), [undefined, undefined]);
  assertEquals(ranks("target/release/maelstrom-broadcast"), [undefined, 4]);
});

folderTest(
  "a challenge's program is the mapped one, the student's own, or the one that fits best",
  async (folder) => {
    write(`${folder}/al`, {
      "broadcast.py": SCRIPT,
      "challenge-3d.py": SCRIPT,
      "challenge-3e.py": "print()",
      "other": SCRIPT,
      "charybdis.json": '{"programs": {"1": "other"}, "arguments": {"1": "--fast"}}',
    });
    const staged = await stageSubmission({ student: "al", path: `${folder}/al` }, `${folder}/staged`);
    const own = readStudentFile(staged);
    const find = (id: string, workload: string, map = {}) =>
      programFor({ id, workload }, staged, { map, own });
    assertEquals(find("3a", "broadcast"), { kind: "found", path: "broadcast.py" });
    assertEquals(find("3d", "broadcast"), { kind: "found", path: "challenge-3d.py" });
    assertEquals(find("3e", "broadcast"), { kind: "found", path: "broadcast.py" });
    assertEquals(find("1", "echo"), { kind: "found", path: "other" });
    assertEquals(find("1", "echo", { 1: "./challenge-3d.py" }), {
      kind: "found",
      path: "challenge-3d.py",
    });
    assertEquals([find("2", "unique-ids").kind, find("1", "echo", { 1: "none" }).kind], [
      "missing",
      "missing",
    ]);
    assertEquals(own.arguments, { 1: "--fast" });
  },
);

folderTest("a single file is the program of every challenge, under its own name", async (folder) => {
  write(folder, { "bo.sh": SCRIPT, "notes.txt": "to do" });
  const find = async (name: string) => {
    const staged = await stageSubmission(
      { student: name, path: `${folder}/${name}` },
      `${folder}/of-${name}`,
    );
    return programFor({ id: "1", workload: "echo" }, staged, { map: {}, own: readStudentFile(staged) });
  };
  assertEquals(await find("bo.sh"), { kind: "found", path: "bo.sh" });
  const notes = await find("notes.txt");
  assertStringIncludes(notes.kind === "missing" ? notes.problem : "", "notes.txt is not a program");
});

const mayRun = Deno.permissions.querySync({ name: "run" }).state === "granted";
const sandbox = mayRun && Deno.build.os !== "windows" ? await findSandbox() : undefined;

for (const tools of [undefined, sandbox?.kind === "sandbox" ? sandbox.tools : "none"] as const) {
  folderTest(
    `a build ${
      tools === undefined ? "without" : "in"
    } a sandbox makes programs, and its failure quotes its output`,
    async (folder) => {
      if (tools === "none") return;
      Deno.chmodSync(folder, 0o755);
      write(`${folder}/al`, { "make.sh": "printf '#!/bin/sh\\n' >echo && ln -s echo again" });
      const staged = await stageSubmission({ student: "al", path: `${folder}/al` }, `${folder}/staged`);
      const build = (command: string, timeoutS = 20) =>
        buildSubmission(staged, {
          command,
          tools,
          readable: [],
          hidden: [],
          timeoutS,
          target: `${folder}/${crypto.randomUUID()}`,
        });
      const built = await build("sh make.sh");
      assertEquals(built.files, ["again", "echo", "make.sh"]);
      assertEquals(
        programFor({ id: "1", workload: "echo" }, built, { map: {}, own: readStudentFile(built) }),
        {
          kind: "found",
          path: "echo",
        },
      );
      await assertRejects(() => build("echo no compiler; exit 3"), SubmissionError);
      await assertRejects(() => build("sleep 60", 0.3), SubmissionError);
      if (tools !== undefined) await assertRejects(() => build("ln -s /etc/passwd link"), SubmissionError);
    },
    // The user of sandboxed programs can enter this folder.
    { permissions: ["run"], ignore: tools === "none", parent: "/tmp" },
  );
}

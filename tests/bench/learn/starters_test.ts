/** Starters in all languages: the scripts and the executables that can be built here run, answer, and are not yet correct. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { LESSONS } from "../../../lib/bench/learn/lessons/mod.ts";
import { LANGUAGES } from "../../../lib/bench/learn/starters/mod.ts";
import { type Starter, stubsOf } from "../../../lib/bench/learn/starters/starter.ts";
import { folderTest } from "../../folder.ts";
import { writeProgram } from "../../program.ts";
import { soaking } from "../../seeds.ts";

Deno.test("stubsOf returns an empty reply of the right form for each request", () => {
  const stubs = LESSONS.flatMap(stubsOf);
  const reply = (type: string) => stubs.find((stub) => stub.type === type)?.reply;
  assertEquals(reply("broadcast"), '{"type":"broadcast_ok"}');
  assertEquals(reply("poll"), '{"type":"poll_ok","msgs":{}}');
  assertEquals(reply("txn"), '{"type":"txn_ok","txn":[]}');
  assertEquals(reply("send"), '{"type":"send_ok","offset":0}');
});

Deno.test("each starter has one file to edit, which answers every request and names the task once", () => {
  for (const language of LANGUAGES) {
    for (const lesson of LESSONS.filter(({ workloadFile }) => workloadFile === undefined)) {
      const { files, source, executable, build } = language.starterOf(lesson);
      const open = files.filter(({ text }) => text.includes("To do:"));
      assertEquals(open.map(({ path }) => path), [source], `${language.id}, ${lesson.workload}`);
      const text = open[0]?.text ?? "";
      assertEquals(text.split("To do:").length, 2);
      for (const { type } of lesson.messages) assertStringIncludes(text, type);
      assert(build !== undefined || files.some(({ path }) => path === executable));
    }
  }
});

/** Writes the files of a starter, and builds it. Returns undefined if the tools cannot build it here. */
async function built(starter: Starter, directory: string): Promise<string | undefined> {
  for (const { path, text, isScript } of starter.files) {
    Deno.mkdirSync(`${directory}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    if (isScript) writeProgram(`${directory}/${path}`, text);
    else Deno.writeTextFileSync(`${directory}/${path}`, text);
  }
  if (starter.build !== undefined) {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", starter.build],
      cwd: directory,
      env: { GOCACHE: `${directory}/.go-build` }, // Go's own would be in the user's home
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) return undefined;
  }
  return `${directory}/${starter.executable}`;
}

/** Runs a node on requests, and returns the bodies of its replies. */
async function replies(bin: string, bodies: readonly object[]): Promise<readonly unknown[]> {
  const child = new Deno.Command(bin, { stdin: "piped", stdout: "piped", stderr: "null" }).spawn();
  const writer = child.stdin.getWriter();
  const lines = bodies.map((body, i) => ({ src: "c1", dest: "n1", body: { msg_id: i + 1, ...body } }));
  await writer.write(new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join("")));
  await writer.close();
  const { stdout, success } = await child.output();
  assert(success, `${bin} failed`);
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => {
    const { src, dest, body: { msg_id: _id, ...body } } = JSON.parse(line);
    assertEquals([src, dest], ["n1", "c1"]);
    return body;
  });
}

/** The tools that fetch packages to build a starter, by language. They run in the soak only, and may fail without a network. */
const FETCHING: Readonly<Record<string, string>> = { rust: "cargo", java: "mvn" };

/** The tool that runs or builds the starters of a language. */
const TOOLS: Readonly<Record<string, string | undefined>> = {
  js: "node",
  python: "python3",
  go: "go",
  ...(soaking ? FETCHING : {}),
};

for (const language of LANGUAGES) {
  const tool = TOOLS[language.id];
  folderTest(`a starter in ${language.title} answers init and every request`, async (directory) => {
    for (const lesson of LESSONS.filter(({ workloadFile }) => workloadFile === undefined)) {
      const bin = await built(language.starterOf(lesson), directory);
      if (bin === undefined && language.id in FETCHING) return;
      assert(bin !== undefined, "the starter cannot be built");
      const stubs = stubsOf(lesson);
      const init = { type: "init", node_id: "n1", node_ids: ["n1", "n2"] };
      const answered = await replies(bin, [init, ...stubs.map(({ type }) => ({ type })), {
        type: "strange",
      }]);
      assertEquals(answered, [
        { type: "init_ok", in_reply_to: 1 },
        ...stubs.map(({ reply }, i) => ({ ...JSON.parse(reply ?? "{}"), in_reply_to: i + 2 })),
      ]);
    }
  }, { permissions: ["run"], slices: LANGUAGES.length, ignore: tool === undefined || !isInstalled(tool) });
}

function isInstalled(tool: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${tool}`).isFile;
    } catch {
      return false;
    }
  });
}

/** The recipes for clusters, CI engines and course platforms: each is run or checked against the bench's own options. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { parse } from "yaml";
import { isObject } from "../lib/protocol/schema.ts";
import { parseShard } from "../lib/bench/sweep/shards.ts";
import { folderTest } from "./folder.ts";
import { sliceOf } from "./seeds.ts";

const ROOT = new URL("../", import.meta.url).pathname;
const RECIPES = `${ROOT}.github/recipes`;
const readable = Deno.permissions.querySync({ name: "read" }).state === "granted";

function recipe(name: string): Record<string, unknown> {
  const value: unknown = parse(Deno.readTextFileSync(`${RECIPES}/${name}`));
  assert(isObject(value), name);
  return value;
}

/** Returns the value at a path of keys and indexes. */
function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (part, key) => isObject(part) ? part[key] : Array.isArray(part) ? part[Number(key)] : undefined,
    value,
  );
}

function strings(value: unknown): string[] {
  assert(Array.isArray(value));
  return value.map(String);
}

/** Returns the commands of the bench in a text, with the shell's variables replaced by their defaults. */
function commandsIn(text: string): string[][] {
  const plain = text.replaceAll(/\$\{\{.*?\}\}/g, "1").replaceAll(/\$\{\d:-([^}]*)\}/g, "$1").replaceAll(
    '"$@"',
    "",
  );
  const lines = plain.split("\n").flatMap((line) => line.split(/ \|\| | && /));
  return lines.flatMap((line) => {
    const [, command] = /(?:^|[\s"/])charybdis(?:}?"|) ((?:grade|sweep|merge) .*)$/.exec(line) ?? [];
    const listed = /command: \[charybdis, (.*)\]$/.exec(line)?.[1]?.replaceAll(",", "");
    const found = command ?? listed;
    return found === undefined ? [] : [found.replaceAll(/["']/g, "").trim().split(/\s+/)];
  });
}

async function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], env, cwd: ROOT })
    .output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, stdout: out ?? "", stderr: err ?? "" };
}

folderTest("the bench knows every option of every recipe", async () => {
  const files = [...Deno.readDirSync(RECIPES)].map(({ name }) => name);
  assert(files.length >= 8);
  const commands = files.flatMap((name) =>
    commandsIn(Deno.readTextFileSync(`${RECIPES}/${name}`)).map((command) => ({ name, command }))
  );
  assert(commands.length >= 9, `${commands.length} commands were found`);
  for (const { name, command } of sliceOf(commands, 3)) {
    // With --help, options are parsed and nothing runs.
    const { code, stderr } = await run(`${ROOT}bin/charybdis`, [...command, "--help"]);
    assertEquals(code, 0, `${name}: ${command.join(" ")}: ${stderr}`);
  }
}, { permissions: ["run"] });

Deno.test(
  "Kubernetes' indexed job has a shard per pod, and knows their number",
  { ignore: !readable },
  () => {
    const job = recipe("kubernetes_sweep.yml");
    assertEquals([job["apiVersion"], job["kind"], at(job, "spec", "completionMode")], [
      "batch/v1",
      "Job",
      "Indexed",
    ]);
    const total = at(job, "spec", "completions");
    const container = at(job, "spec", "template", "spec", "containers", 0);
    assertEquals([at(container, "env", 0, "name"), at(container, "env", 0, "value")], [
      "JOB_COMPLETIONS",
      String(total),
    ]);
    const variables = (index: number) => (name: string) =>
      name === "JOB_COMPLETION_INDEX"
        ? String(index)
        : name === "JOB_COMPLETIONS"
        ? String(total)
        : undefined;
    const shards = Array.from({ length: Number(total) }, (_, i) => parseShard("auto", variables(i)).index);
    assertEquals(new Set(shards).size, total);
    assertEquals(strings(at(container, "command")).slice(0, 2), ["charybdis", "sweep"]);
    const mounts = at(container, "volumeMounts", 0, "name");
    assertEquals(at(job, "spec", "template", "spec", "volumes", 0, "name"), mounts);
  },
);

Deno.test(
  "GitLab's jobs run in parallel and keep the folder that the last job joins",
  { ignore: !readable },
  () => {
    const pipeline = recipe("gitlab_sweep.yml");
    assertEquals([at(pipeline, "sweep", "parallel"), strings(pipeline["stages"])], [16, ["test", "report"]]);
    const [folder = ""] = strings(at(pipeline, "sweep", "artifacts", "paths"));
    assertStringIncludes(strings(at(pipeline, "sweep", "script")).join("\n"), `--store ${folder}`);
    assertStringIncludes(strings(at(pipeline, "merge", "script")).join("\n"), `merge ${folder}`);
  },
);

Deno.test("GitHub's workflows have steps that use or run something, and as many shards as jobs", {
  ignore: !readable,
}, () => {
  for (const name of ["github_matrix.yml", "github_classroom.yml"]) {
    const jobs = recipe(name)["jobs"];
    assert(isObject(jobs));
    for (const [id, job] of Object.entries(jobs)) {
      const steps = at(job, "steps");
      assert(Array.isArray(steps) && at(job, "runs-on") === "ubuntu-latest", `${name}, ${id}`);
      for (const step of steps) {
        assert(isObject(step) && ("uses" in step) !== ("run" in step), `${name}, ${id}`);
      }
      const needs = at(job, "needs");
      assert(needs === undefined || String(needs) in jobs);
    }
  }
  const matrix = recipe("github_matrix.yml");
  const shards = strings(at(matrix, "jobs", "grade", "strategy", "matrix", "shard"));
  assertStringIncludes(
    JSON.stringify(at(matrix, "jobs", "grade", "steps")),
    `matrix.shard }}/${shards.length} `,
  );
});

folderTest("Gradescope's script grades the submission, also one that fails", async (folder) => {
  Deno.mkdirSync(`${folder}/submission`);
  Deno.writeTextFileSync(`${folder}/submission/echo`, "#!/bin/sh\nexit 3\n");
  Deno.writeTextFileSync(
    `${folder}/grading.json`,
    '{"challenges": {"short": {"points": 2, "lines": ["-w echo --node-count 1 --time-limit 1"]}}}',
  );
  const env = { AUTOGRADER: folder, CHARYBDIS: `${ROOT}bin/charybdis` };
  const script = `${RECIPES}/gradescope_run_autograder.sh`;
  const { code, stderr } = await run("/bin/sh", [script, "--grading", `${folder}/grading.json`], env);
  assertEquals(code, 0, stderr);
  const { score, tests } = JSON.parse(Deno.readTextFileSync(`${folder}/results/results.json`));
  assertEquals([score, tests.length, tests[0].max_score, tests[0].status], [0, 1, 2, "failed"]);
}, { permissions: ["run"] });

folderTest("Slurm's scripts run a shard, and name an address space that is too small", async (folder) => {
  const env = {
    CHARYBDIS: `${ROOT}bin/charybdis`,
    SLURM_ARRAY_TASK_ID: "3",
    SLURM_ARRAY_TASK_MIN: "0",
    SLURM_ARRAY_TASK_COUNT: "4",
  };
  const args = [`${RECIPES}/slurm_sweep.sh`, "echo", "1..8", `${folder}/sweep`];
  const ran = await run("/bin/sh", args, env);
  assertEquals(ran.code, 0, ran.stderr);
  assert(Deno.statSync(`${folder}/sweep/sweep-4-of-4.json`).isFile);
  for (const name of ["slurm_sweep.sh", "slurm_grade.sh"]) {
    const script = `ulimit -v 9000000; exec /bin/sh ${RECIPES}/${name}`;
    const { code, stderr } = await run("/bin/sh", ["-c", script], env);
    assertEquals([code, stderr.trim().split("\n").length], [254, 1], stderr);
    assertStringIncludes(stderr, "ulimit -v is 9000000");
  }
}, { permissions: ["run"] });

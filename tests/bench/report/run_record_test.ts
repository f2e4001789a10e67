import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { makeReport } from "../../../lib/bench/report/report.ts";
import { reportCommand, writeReport } from "../../../lib/bench/cli/report.ts";
import { readRun, REPORT_FILE } from "../../../lib/bench/store/run_record.ts";
import { BenchError } from "../../../lib/bench/errors.ts";
import { ArgumentError } from "../../../lib/runtime/settings.ts";
import { folderTest } from "../../folder.ts";
import { sampleRun } from "./sample_run.ts";
import { writeRun } from "./written_run.ts";

folderTest("a report made from a folder equals the report made from the run", async (folder) => {
  const run = sampleRun({ values: 8, lost: new Set([3]) });
  writeRun(folder, run);
  const { path } = await writeReport(folder);
  assertEquals(path, `${folder}/${REPORT_FILE}`);
  const data = (page: string) => /id="data">([^<]*)</.exec(page)?.[1];
  assertEquals(data(Deno.readTextFileSync(path)), data(await makeReport(run)));
});

folderTest("a report of challenge 3d is well below 3 MB", async (folder) => {
  writeRun(folder, sampleRun({ nodes: 25, values: 1000 }));
  const size = Deno.statSync((await writeReport(folder)).path).size;
  assert(size < 1_500_000, `${size} bytes`);
}, { slices: 2 });

folderTest("a folder that is not a run, has another format or is damaged is reported", async (folder) => {
  await assertRejects(() => reportCommand([folder]), ArgumentError, "has no test.json");
  await assertRejects(() => reportCommand([]), ArgumentError, "one run");
  writeRun(folder, sampleRun());
  Deno.writeTextFileSync(`${folder}/history.jsonl`, "{}\n{}\n");
  assertThrows(() => readRun(folder), BenchError, "line 1");
  Deno.writeTextFileSync(`${folder}/test.json`, '{"format":99}');
  assertThrows(() => readRun(folder), BenchError, "store format 99");
  Deno.writeTextFileSync(`${folder}/test.json`, "{");
  assertThrows(() => readRun(folder), BenchError, "is not JSON");
});

folderTest("an interrupted run has a page that states it", async (folder) => {
  writeRun(folder, sampleRun());
  Deno.removeSync(`${folder}/results.json`);
  const text = Deno.readTextFileSync(`${folder}/history.jsonl`);
  Deno.writeTextFileSync(`${folder}/history.jsonl`, text.slice(0, -20));
  Deno.writeTextFileSync(`${folder}/messages.jsonl`, '{"time":1,"id":0,"event":"sent","mess');
  const head: unknown = JSON.parse(Deno.readTextFileSync(`${folder}/test.json`));
  Deno.writeTextFileSync(`${folder}/test.json`, JSON.stringify({ ...Object(head), state: "running" }));
  const page = await makeReport(readRun(folder));
  assertStringIncludes(page, "Unknown: ");
  assertStringIncludes(page, "The run was interrupted.");
});

folderTest("the end of a long node log is shown", (folder) => {
  writeRun(folder, sampleRun());
  Deno.writeTextFileSync(`${folder}/node-logs/n0.log`, "early\n".repeat(2000) + "last words\n");
  const [[node, end] = ["", ""]] = readRun(folder).logs;
  assertEquals(node, "n0");
  assert(end.startsWith("…\n") && end.endsWith("last words\n") && end.length < 5000);
});

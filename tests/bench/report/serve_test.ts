import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { liveEvents, LiveHistory } from "../../../lib/bench/report/serve/live.ts";
import { isPlainName, runName } from "../../../lib/bench/store/paths.ts";
import { storeHandler } from "../../../lib/bench/report/serve/router.ts";
import { folderTest } from "../../folder.ts";
import { sampleRun } from "./sample_run.ts";
import { writeRun } from "./written_run.ts";

/** A test with a store of two runs, one of them invalid, and a secret next to the store. */
function storeTest(name: string, run: (store: string) => Promise<void>): void {
  folderTest(name, (directory) => {
    Deno.writeTextFileSync(`${directory}/secret.json`, '"secret"');
    writeRun(`${directory}/store/broadcast/20261125T100000.000`, sampleRun({ values: 5 }));
    writeRun(
      `${directory}/store/broadcast/20261125T110000.000`,
      sampleRun({ values: 5, lost: new Set([2]) }),
    );
    return run(`${directory}/store`);
  });
}

async function get(
  store: string,
  path: string,
  host = "127.0.0.1",
): Promise<{ status: number; text: string }> {
  const response = await storeHandler(store)(new Request(`http://${host}${path}`));
  return { status: response.status, text: await response.text() };
}

storeTest("the list shows all runs, newest first, and has filters", async (store) => {
  const { text } = await get(store, "/");
  assert(text.indexOf("20261125T110000") < text.indexOf("20261125T100000"));
  assertStringIncludes(text, "2 of 2 runs");
  assertStringIncludes((await get(store, "/?valid=invalid")).text, "1 of 2 runs");
  assertStringIncludes((await get(store, "/?text=T1000")).text, "1 of 2 runs");
  assertStringIncludes((await get(store, "/?workload=kafka")).text, "0 of 2 runs");
});

storeTest("a run's report and files are shown, also before the report is written", async (store) => {
  const run = "/run/broadcast/20261125T110000.000";
  assertStringIncludes((await get(store, run)).text, "lost elements");
  assertStringIncludes((await get(store, `${run}/results.json`)).text, '"lost-count":1');
  assertEquals((await get(store, `${run}/history.jsonl`)).status, 200);
  assertEquals((await get(store, `${run}/nothing.txt`)).status, 404);
  // The way back, to the files as well.
  const { text: report } = await get(store, run);
  for (const href of ['href="/"', 'href="/files/broadcast/20261125T110000.000"']) {
    assertStringIncludes(report, href);
  }
  const { text: files } = await get(store, "/files/broadcast/20261125T110000.000");
  assertStringIncludes(files, `href="${run}/history.jsonl"`);
  assertStringIncludes(files, "2026-11-25 11:00:00");
});

storeTest("two runs are compared side by side", async (store) => {
  const { status, text } = await get(
    store,
    "/compare?a=broadcast/20261125T100000.000&b=broadcast/20261125T110000.000",
  );
  assertEquals(status, 200);
  assertEquals(text.match(/<iframe/g)?.length, 2);
  assertEquals((await get(store, "/compare?a=broadcast/20261125T100000.000")).status, 404);
});

storeTest("no path leaves the store, by dots, encodings or links", async (store) => {
  Deno.symlinkSync("../..", `${store}/broadcast/up`);
  Deno.symlinkSync("../../secret.json", `${store}/secret.json`);
  Deno.symlinkSync("../../../secret.json", `${store}/broadcast/20261125T100000.000/case.json`);
  for (
    const path of [
      "/run/broadcast/..%2f..%2fsecret.json",
      "/run/%2e%2e/%2e%2e/secret.json",
      "/run/broadcast/up/secret.json",
      "/run/broadcast/up",
      "/run/broadcast/20261125T100000.000/case.json",
      "/run/broadcast/20261125T100000.000/..%2f..%2f..%2fsecret.json",
      "/run/broadcast/20261125T100000.000/node-logs/..%2f..%2f..%2f..%2fsecret.json",
      "/run/broadcast/20261125T100000.000/%00",
      "/live/broadcast/..%2f..",
      "/events/%2e%2e/store",
      "/run//etc/passwd",
      "/run/broadcast/%zz",
    ]
  ) {
    const { status, text } = await get(store, path);
    assertEquals(status, 404, path);
    assert(!text.includes('secret"'), path);
  }
});

storeTest("only local GET and HEAD requests are served", async (store) => {
  assertEquals((await get(store, "/", "evil.example")).status, 403);
  assertEquals((await get(store, "/", "localhost:8080")).status, 200);
  const posted = await storeHandler(store)(new Request("http://127.0.0.1/", { method: "POST" }));
  assertEquals(posted.status, 405);
});

Deno.test("a run's name is a plain file name", () => {
  assert(isPlainName("20261125T100000.000-1") && isPlainName("lin-kv"));
  for (const name of ["", ".", "..", "a..b", ".hidden", "a/b", "a\\b", "a\0b", "ä"]) {
    assert(!isPlainName(name), name);
  }
  assertEquals(runName("a/b/c"), undefined);
});

storeTest("a run in progress is streamed until it ends", async (store) => {
  const folder = `${store}/broadcast/20261125T120000.000`;
  Deno.mkdirSync(folder);
  const write = (text: string) => Deno.writeTextFileSync(`${folder}/history.jsonl`, text, { append: true });
  Deno.writeTextFileSync(`${folder}/test.json`, '{"format":1,"state":"running"}');
  const live = new LiveHistory(folder);
  assertEquals(live.look().invoked, 0);
  write('{"index":0,"time":1000000,"process":0,"type":"invoke","f":"read","value":null}\n{"index":1,"ti');
  assertEquals([live.look().invoked, live.look().pending], [1, 1]);
  write('me":3500000,"process":0,"type":"ok","f":"read","value":3}\n');
  write('{"index":2,"time":4000000,"process":"nemesis","type":"info","f":"kill","value":"one"}\n');
  const update = live.look();
  assertEquals(update.seconds, [{ second: 0, ok: 1, fail: 0, info: 0, longestMs: 2.5 }]);
  assertEquals([update.pending, update.faults], [0, ["kill"]]);
  Deno.writeTextFileSync(`${folder}/test.json`, '{"format":1,"state":"done","valid":true}');
  const events = await new Response(liveEvents(folder)).text();
  assertStringIncludes(events, '"state":"done","valid":true');
  assert(events.startsWith("data: ") && events.endsWith("\n\n"));
});

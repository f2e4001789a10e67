import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { storeHandler } from "../../../lib/bench/report/serve/router.ts";
import { folderTest } from "../../folder.ts";

/** Malformed or incomplete texts of test.json. */
const ODD: readonly string[] = [
  "",
  "{",
  '{"format":1,"state":"run',
  "null",
  "[]",
  "3",
  "\0\0\0\0",
  '{"format":1}',
  '{"format":99,"state":"done"}',
  '{"format":1,"state":{"a":1},"test":[],"argv":3}',
  '{"format":1,"state":"running","owner":{"pid":-1,"host":7},"test":{"nodes":"x","faults":{},"rate":"fast"}}',
  '{"format":1,"state":"done","valid":{},"seconds":"x","test":{"nodes":[{}],"faults":[null],"latency":null},"argv":[{}]}',
  '{"format":1,"state":"done","test":{"nodes":[],"workload":{},"concurrency":-1,"timeLimitS":"\u001b[2J"}}',
];
const PATHS = [
  "/",
  "/trends",
  "/run/RUN",
  "/live/RUN",
  "/events/RUN",
  "/run/RUN/test.json",
  "/compare?a=RUN&b=RUN",
];
/** The time after which a response counts as one that never comes, in ms. */
const ANSWER_MS_MAX = 60_000;

/** Requests every page of a run, and returns the number of requests. */
async function askAll(store: string, run: string): Promise<number> {
  for (const path of PATHS) {
    const answered = storeHandler(store)(new Request(`http://127.0.0.1${path.replaceAll("RUN", run)}`));
    const response = await withDeadline(answered, path);
    if (path.startsWith("/events/")) await response.body?.cancel();
    else await withDeadline(response.text(), path);
    assert([200, 404, 500].includes(response.status), `${path}: ${response.status}`);
  }
  return PATHS.length;
}

async function withDeadline<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} was not answered`)), ANSWER_MS_MAX);
  });
  return await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

folderTest(
  "every page is served for any content of test.json, results.json and history.jsonl",
  async (store) => {
    for (const [i, text] of ODD.entries()) {
      const run = `echo/2026112${i}T100000.000`;
      Deno.mkdirSync(`${store}/${run}`, { recursive: true });
      Deno.writeTextFileSync(`${store}/${run}/test.json`, text);
      Deno.writeTextFileSync(`${store}/${run}/results.json`, ODD[(i * 7 + 3) % ODD.length] ?? "");
      Deno.writeTextFileSync(`${store}/${run}/history.jsonl`, ODD[(i * 5 + 1) % ODD.length] ?? "");
      assertEquals(await askAll(store, run), PATHS.length);
    }
  },
);

folderTest("a pipe in place of a file does not block the server", async (store) => {
  const run = "echo/20261125T100000.000";
  Deno.mkdirSync(`${store}/${run}/node-logs`, { recursive: true });
  const names = [
    "test.json",
    "results.json",
    "history.jsonl",
    "messages.jsonl",
    "report.html",
    "node-logs/n0.log",
  ];
  const { success } = await new Deno.Command("mkfifo", {
    args: names.map((name) => `${store}/${run}/${name}`),
  })
    .output();
  assert(success);
  await askAll(store, run);
  for (const name of names) {
    const response = await withDeadline(
      storeHandler(store)(new Request(`http://127.0.0.1/run/${run}/${name}`)),
      name,
    );
    await response.text();
  }
}, { permissions: ["run"] });

folderTest("a run without its bench process is shown as died", async (store) => {
  const run = "echo/20261125T100000.000";
  Deno.mkdirSync(`${store}/${run}`, { recursive: true });
  const owner = (pid: number, host = Deno.hostname()) =>
    Deno.writeTextFileSync(
      `${store}/${run}/test.json`,
      JSON.stringify({ format: 1, state: "running", owner: { pid, host } }),
    );
  const list = async () =>
    await (await storeHandler(store)(new Request("http://127.0.0.1/?valid=died"))).text();
  owner(Deno.pid);
  assertStringIncludes(await list(), "0 of 1 run.");
  const child = new Deno.Command("true").spawn();
  await child.status;
  owner(child.pid);
  assertStringIncludes(await list(), "1 of 1 run.");
  owner(child.pid, "another.host");
  assertStringIncludes(await list(), "0 of 1 run.");
}, { permissions: ["run", "sys"] });

folderTest("a request with an empty Host header is refused, and the server continues", async (store) => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, storeHandler(store));
  const { port } = server.addr;
  try {
    for (const host of ["", " ", "[", "evil.example"]) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.write(
        new TextEncoder().encode(`GET / HTTP/1.1\r\nHost:${host}\r\nConnection: close\r\n\r\n`),
      );
      const text = await new Response(connection.readable).text();
      assert(/^HTTP\/1.1 (400|403)/.test(text), `${JSON.stringify(host)}: ${text.slice(0, 100)}`);
    }
    assertEquals(
      (await fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())).length > 0,
      true,
    );
  } finally {
    await server.shutdown();
  }
}, { permissions: ["run"] });

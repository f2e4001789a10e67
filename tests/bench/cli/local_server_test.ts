/** The commands that show pages in a browser, as a user starts and ends them. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { folderTest } from "../../folder.ts";
import { bench, ROOT } from "../support/workload_runs.ts";

interface Served {
  /** The address that the command prints. */
  readonly url: string;
  /** Sends Ctrl-C, and returns the exit status. */
  end(): Promise<number>;
}

/** Starts a command on a free port. */
async function serve(cwd: string, ...args: readonly string[]): Promise<Served> {
  const child = new Deno.Command(`${ROOT}bin/charybdis`, {
    args: [...args, "--port", "0"],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
    [Symbol.asyncIterator]();
  const { value: line = "" } = await lines.next();
  const url = /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0];
  if (url === undefined) child.kill();
  assert(url !== undefined, `the command does not begin with an address: ${line}`);
  return {
    url,
    end: async () => {
      child.kill("SIGINT");
      while ((await lines.next()).done !== true);
      return (await child.status).code;
    },
  };
}

const OPTIONS = { permissions: ["run", "env", "net"], slices: 3 } as const;

folderTest("serve shows a stored run until Ctrl-C", async (folder) => {
  const run = ["test", "-w", "echo", "--virtual", "--time-limit", "1", "--seed", "1", "--store", "runs"];
  assertEquals((await bench(run, { cwd: folder })).status, 0);
  const served = await serve(folder, "serve", "--store", "runs");
  const list = await (await fetch(served.url)).text();
  assertStringIncludes(list, "echo");
  const missing = await fetch(`${served.url}nothing/here`);
  assertEquals([missing.status, typeof await missing.text()], [404, "string"]);
  assertEquals(await served.end(), 0);
}, OPTIONS);

folderTest("playground serves one page, compressed for the clients that accept it", async (folder) => {
  const served = await serve(folder, "playground");
  const texts = await Promise.all(["gzip", "identity"].map(async (encoding) => {
    const page = await fetch(served.url, { headers: { "accept-encoding": encoding } });
    return await page.text();
  }));
  assertStringIncludes(texts[0] ?? "", "<!doctype html>");
  assertEquals(texts[0], texts[1]);
  const missing = await fetch(`${served.url}other`);
  assertEquals([missing.status, await missing.text()], [404, "not found\n"]);
  assertEquals(await served.end(), 0);
}, OPTIONS);

folderTest("a port in use and a missing store are named", async (folder) => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  try {
    const taken = await bench(["serve", "--store", ".", "-p", `${listener.addr.port}`], { cwd: folder });
    assertEquals(taken.status, 255);
    assertMatch(taken.stderr, /cannot listen on port \d+: .*Choose another with --port/);
  } finally {
    listener.close();
  }
  const missing = await bench(["serve"], { cwd: folder });
  assertEquals([missing.status, missing.stderr], [254, "charybdis: store not found: store\n"]);
}, OPTIONS);

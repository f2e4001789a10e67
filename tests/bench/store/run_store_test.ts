import { assertEquals, assertStringIncludes } from "@std/assert";
import { makeRunStore } from "../../../lib/bench/store/run_store.ts";
import { folderTest } from "../../folder.ts";
import { bench } from "../support/workload_runs.ts";

function inStore(test: (store: string) => void): void {
  const store = Deno.makeTempDirSync();
  try {
    test(store);
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
}

function linksIn(folder: string): Record<string, string> {
  const links = [...Deno.readDirSync(folder)].filter(({ isSymlink }) => isSymlink).map(({ name }) => name)
    .sort();
  return Object.fromEntries(links.map((name) => [name, Deno.readLinkSync(`${folder}/${name}`)]));
}

Deno.test("latest and current link to the newest run, and no other link remains", () => {
  inStore((store) => {
    makeRunStore(store, { workload: "echo", started: new Date(0) });
    const { directory } = makeRunStore(store, { workload: "echo", started: new Date(1000) });
    const name = directory.slice(`${store}/echo/`.length);
    assertEquals(linksIn(store), { current: `echo/${name}`, latest: `echo/${name}` });
    assertEquals(linksIn(`${store}/echo`), { latest: name });
  });
});

Deno.test("a temporary link of another process does not stop a run", () => {
  inStore((store) => {
    Deno.mkdirSync(`${store}/echo`);
    Deno.symlinkSync("nowhere", `${store}/latest.${Deno.pid}`);
    makeRunStore(store, { workload: "echo", started: new Date(0) });
    assertEquals(Object.keys(linksIn(store)), ["current", "latest"]);
  });
});

Deno.test("results are written as JSON and as EDN, with exact numbers of any size", () => {
  inStore((store) => {
    const run = makeRunStore(store, { workload: "echo", started: new Date(0) });
    run.writeResults({ valid: true, sum: 2n ** 64n });
    assertEquals(
      Deno.readTextFileSync(`${run.directory}/results.json`),
      '{\n "valid": true,\n "sum": 18446744073709551616\n}\n',
    );
    assertEquals(
      Deno.readTextFileSync(`${run.directory}/results.edn`),
      "{:valid? true,\n :sum 18446744073709551616N}\n",
    );
  });
});

folderTest("a run whose messages are requested is kept with its history", async (folder) => {
  const { status } = await bench(["test", ..."-w echo --virtual --log-messages --time-limit 1".split(" ")], {
    cwd: folder,
  });
  assertEquals(status, 0);
  for (const name of ["history.jsonl", "messages.jsonl"]) {
    assertStringIncludes(Deno.readTextFileSync(`${folder}/store/latest/${name}`), "\n");
  }
}, { permissions: ["run", "env"] });

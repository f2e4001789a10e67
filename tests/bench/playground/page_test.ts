import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { assertTook, sliceOf, soaking } from "../../seeds.ts";
import { endBrowser, LOOKS, ready, seriousViolations } from "../report/browser.ts";
import {
  downloaded,
  enter,
  type Entry,
  playgroundTest,
  removePage,
  run,
  runOnCommandLine,
} from "./opened_page.ts";

endBrowser();
removePage();

const SHORT = { "time-limit": "4", "rate": "40", "nemesis-interval": "1" } as const;

const ALL_ENTRIES: readonly Entry[] = [
  { workload: "echo", seed: 1, options: SHORT },
  { workload: "unique-ids", seed: 2, options: SHORT, faults: ["partition", "kill"] },
  { workload: "broadcast", seed: 3, options: { ...SHORT, "latency": "20" }, faults: ["partition", "loss"] },
  { workload: "g-set", seed: 4, options: SHORT, faults: ["pause", "duplicate"] },
  { workload: "g-counter", seed: 5, options: SHORT, faults: ["one-way", "slow"] },
  { workload: "pn-counter", seed: 6, options: { ...SHORT, "node-count": "3" }, faults: ["reorder"] },
  { workload: "kafka", seed: 7, options: { ...SHORT, "concurrency": "2n" }, faults: ["kill"] },
  { workload: "lin-kv", seed: 8, options: SHORT, faults: ["partition", "kill", "clock"] },
  { workload: "txn-list-append", seed: 9, options: { ...SHORT, "node-count": "2" } },
  {
    workload: "txn-rw-register",
    seed: 10,
    options: { ...SHORT, "consistency-models": "read-committed", "latency-dist": "exponential" },
    faults: ["partition"],
  },
];

const ENTRIES = sliceOf(ALL_ENTRIES, ALL_ENTRIES.length - 1);

playgroundTest(
  `${ENTRIES.length} nodes and seeds have the same history as on the command line, byte for byte`,
  async (open) => {
    const { page, complaints } = await open();
    for (const entry of ENTRIES) {
      await enter(page, entry);
      assertMatch(await run(page), /operations/);
      const history = await downloaded(page, "#save-history");
      const expected = await runOnCommandLine(page);
      assert(history.length > 5000, `${entry.workload} has ${history.length} bytes of history`);
      assertEquals(history, (expected.history ?? []).map((line) => `${line}\n`).join(""), entry.workload);
      for (const name of Object.keys(entry.options ?? {})) {
        await enter(page, { ...entry, options: { [name]: "" } });
      }
    }
    assertEquals(complaints, []);
  },
);

/** A node that uses each part of the node API, with its types. */
const OWN_NODE = `import { CODE, type Node, RpcError } from "@charybdis/charybdis";
import { broadcast as messages } from "@charybdis/charybdis/protocol";

enum Way { Direct, Relayed }

/** Answers from a set that travels to a random peer. */
export function program(node: Node): void {
  const values = new Set<number>(JSON.parse(node.storage?.get("values") ?? "[]") as number[]);
  node.watch("values", () => values.size);
  node.on(messages.topology, () => ({}));
  node.on(messages.broadcast, async ({ message }) => {
    values.add(Number(message));
    node.storage?.put("values", JSON.stringify([...values]));
    await null;
    return {};
  });
  node.on(messages.read, () => ({ messages: [...values] }));
  node.on("values", ({ values: given }) => {
    for (const value of given as number[]) values.add(value);
    console.log(Way.Relayed, given);
  });
  node.on("count", () => { throw new RpcError(CODE.abort, "no count"); });
  node.every(100, async () => {
    const peer = node.peers[node.random.below(node.peers.length)];
    if (peer === undefined) return;
    node.send(peer, { type: "values", values: [...values].slice(-40) });
    await node.rpc(peer, { type: "count" }, { timeoutMs: 50 }).catch(() => node.after(1, () => {}));
  });
}
`;

playgroundTest("code of one's own has the same history as with --module", async (open) => {
  const { page } = await open();
  const folder = await Deno.makeTempDir();
  try {
    // The command line strips types only, so it needs no code for an enum.
    const module = `${folder}/node.ts`;
    await Deno.writeTextFile(
      module,
      OWN_NODE.replace("enum Way { Direct, Relayed }", "const Way = { Relayed: 1 };"),
    );
    for (
      const faults of soaking ? [[], ["kill", "partition"], ["pause", "clock"]] : [["kill", "partition"]]
    ) {
      await enter(page, { workload: "broadcast", seed: 20, options: SHORT, faults, code: OWN_NODE });
      assertMatch(await run(page), /operations/);
      const history = await downloaded(page, "#save-history");
      const expected = await runOnCommandLine(page, module);
      assertEquals(history, (expected.history ?? []).map((line) => `${line}\n`).join(""));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const PROGRAM = (body: string) =>
  `import { type Node } from "@charybdis/charybdis";\n\nexport function program(node: Node): void {\n  ${body}\n}\n`;

playgroundTest("the focus goes from Run to Stop, and back at the end of a run", async (open) => {
  const { page } = await open();
  await page.focus("#run");
  // Noted in the page, because a run may end before this process looks.
  await page.evaluate(
    "window.focused = []; addEventListener('focusin', ({ target }) => focused.push(target.id))",
  );
  await page.keyboard.press("Enter");
  await page.waitForSelector("#run:not([hidden])");
  assertEquals(await page.evaluate("focused"), ["stop", "run"]);
  assertEquals(await page.evaluate("document.activeElement?.id"), "run");
});

playgroundTest("a narrow page shows the outcome of its first run", async (open) => {
  const { page } = await open({ width: 400, height: 800 });
  await run(page);
  assertLess((await page.locator("#status").boundingBox())?.y ?? Infinity, 200);
});

playgroundTest("code that does not run is explained in a sentence", async (open) => {
  const { page } = await open();
  const said = async (code: string) => {
    await enter(page, { workload: "echo", seed: 1, options: { "time-limit": "2" }, code });
    return await run(page);
  };
  assertMatch(await said(PROGRAM("node.on('echo', ({ echo }) => ({ echo });")), /^Line 4: unexpected token/);
  assertMatch(await said("\nthrow new Error('too early');"), /^Line 2: too early/);
  await page.waitForSelector(".cm-line:nth-child(2) .cm-lintRange-error");
  await page.waitForTimeout(1000); // the editor's own check runs after 750 ms, and must keep the problem
  assertEquals(await page.innerText(".cm-lintRange-error"), "new Error('too early');");
  assertMatch(await said("\nfetch('http://127.0.0.1/');"), /^Line 2: fetch .*node\.send or node\.rpc/);
  assertMatch(await said("import 'https://example.com/x.ts';"), /a node imports @charybdis\/charybdis only/);
  assertMatch(
    await said(PROGRAM("send(node);").replace("type Node", "type Node, send")),
    /^Line 4: .*charybdis has no export send/,
  );
  assertMatch(await said("export const nothing = 1;"), /must export one function/);
  if (soaking) assertMatch(await said("while (true) {}"), /its top level did not end within/);
});

const ENDLESS = [
  [
    "a node that never returns",
    "node.on('echo', ({ echo }) => { while (node.id === 'n2') {} return { echo }; });",
  ],
  [
    "a promise that never lets time pass",
    "node.on('echo', async ({ echo }) => { while (node.id === 'n2') await null; return { echo }; });",
  ],
] as const;

// Three slices, because the files of tests in a browser have four.
for (const [name, statement] of sliceOf(ENDLESS, 3)) {
  playgroundTest(`${name} is ended and named`, async (open) => {
    const { page } = await open();
    const code = PROGRAM(statement);
    await enter(page, { workload: "echo", seed: 1, options: { "time-limit": "2" }, code });
    assertMatch(await run(page), /n2: did not come back from one event within 3 s/);
    await page.click("#reset");
    assertMatch(await run(page), /^Valid/);
  });
}

playgroundTest("code cannot reach the platform, and the page refuses connections", async (open) => {
  const { page } = await open();
  let requests = 0;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    requests++;
    return new Response("export const reached = true;", { headers: { "access-control-allow-origin": "*" } });
  });
  const address = `http://127.0.0.1:${server.addr.port}/x.js`;
  const attempts = [
    [`fetch('${address}')`, "fetch is out of reach"],
    ["new Worker('data:,')", "Worker is out of reach"],
    ["postMessage({ kind: 'ran' })", "postMessage is out of reach"],
    ["self.close()", "self is out of reach"],
    [`globalThis.fetch('${address}')`, "fetch is not a function"],
    ["eval('1')", "unsafe-eval"],
    ["(() => {}).constructor('return this')()", "unsafe-eval"],
    [`await import('${address}')`, "a node imports @charybdis/charybdis only"],
    ["Date.now()", "node.now()"],
    ["Math.random()", "node.random"],
  ] as const;
  for (const [attempt, said] of sliceOf(attempts, attempts.length / 2)) {
    const code = PROGRAM(`node.on('echo', async ({ echo }) => { ${attempt}; return { echo }; });`);
    await enter(page, { workload: "echo", seed: 1, options: { "time-limit": "1" }, code });
    const text = await run(page);
    assertStringIncludes(text, said, attempt);
    assertMatch(text, /^Line 4: n\d: handler of echo failed/, attempt);
  }
  const connect = page.evaluate(() =>
    fetch("http://127.0.0.1:9/").then(() => "sent", (error) => String(error))
  );
  assertStringIncludes(await connect, "Failed to fetch");
  await server.shutdown();
  assertEquals(requests, 0);
});

playgroundTest("a page that is loaded again shows the last run, and runs nothing", async (open) => {
  const { page } = await open();
  await enter(page, {
    workload: "g-set",
    seed: 12,
    options: { "rate": "7" },
    code: PROGRAM("node.log('mine');"),
  });
  await run(page);
  const shown = await page.innerText("#command");
  await page.reload();
  await ready(page);
  assertEquals(await page.innerText("#command"), shown);
  assertStringIncludes(await page.innerText(".cm-content"), "node.log('mine');");
  assertEquals(await page.locator("#report").isVisible(), false);
  await page.click("#reset");
  assertStringIncludes(await page.innerText("#code-state"), "built-in g-set node");
});

playgroundTest("the editor completes the members of node and the messages of the workload", async (open) => {
  const { page } = await open();
  await enter(page, { workload: "kafka", seed: 1, code: "node.st" });
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".cm-completionLabel");
  assertEquals(await page.locator(".cm-completionLabel").first().innerText(), "storage");
  await enter(page, { workload: "kafka", seed: 1, code: 'node.on("comm' });
  await page.keyboard.press("Control+Space");
  await page.waitForSelector(".cm-completionLabel");
  assertEquals(await page.locator(".cm-completionLabel").first().innerText(), "commit_offsets");
});

playgroundTest("the page is under 1 MB compressed, and its first run takes less than 1 s", async (open) => {
  // Other tests share the machine, so the best of three first runs counts.
  const tookS: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { page } = await open();
    const html = await Deno.readTextFile(new URL(page.url()).pathname);
    const packed = new Blob([html]).stream().pipeThrough(new CompressionStream("gzip"));
    assertLess((await new Response(packed).arrayBuffer()).byteLength, 1_000_000);
    const started = performance.now();
    assertMatch(await run(page), /in [\d.]+ s\.$/);
    tookS.push((performance.now() - started) / 1000);
    if (!soaking || Math.min(...tookS) < 1) break;
  }
  assertTook(Math.min(...tookS), { lessThan: 1, what: "the first run" });
});

playgroundTest("axe finds nothing serious in each look", async (open) => {
  for (const look of LOOKS) {
    const { page, complaints } = await open(look);
    await page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true");
    await page.click("#tries li:nth-child(1) button");
    await page.waitForSelector("#run:not([hidden])");
    await page.frameLocator("#report").locator("html[data-ready]").waitFor({ state: "attached" });
    const tooWide = await page.evaluate(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    assertEquals(tooWide, 0);
    assertEquals(complaints, []);
    assertEquals(await seriousViolations(page), []);
  }
});

import { assert, assertEquals, assertMatch } from "@std/assert";
import { addressOf, readAddress, type SharedRun } from "../../../lib/bench/playground/browser/share.ts";

const RUN: SharedRun = {
  workload: "broadcast",
  seed: 7,
  args: ["--time-limit", "5", "--nemesis", "partition"],
  code: "export function program(node: Node): void {} // ünïcode 🐙",
  interventions: [{ kind: "cut", atMs: 12.5, links: [["n1", "n2"]] }, { kind: "drop", atMs: 3, message: 4 }],
  charybdis: "0.1.0",
};

/** Packs any text as an address does. */
async function packed(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return `#1.${
    btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
  }`;
}

Deno.test("an address holds a run, and no character that a message would change", async () => {
  const address = await addressOf(RUN);
  assert(/^#1\.[\w-]+$/.test(address));
  assertEquals(await readAddress(address), { kind: "run", run: RUN });
  assertEquals(await readAddress(""), { kind: "none" });
});

Deno.test("an address that is cut or changed anywhere is refused", async () => {
  const address = await addressOf(RUN);
  for (let length = 4; length < address.length; length += 7) {
    assertEquals((await readAddress(address.slice(0, length))).kind, "refused", `cut after ${length}`);
  }
  for (let at = 30; at < address.length - 1; at += 11) {
    const other = address[at] === "A" ? "B" : "A";
    assertEquals((await readAddress(address.slice(0, at) + other + address.slice(at + 1))).kind, "refused");
  }
});

Deno.test("an address of a newer version, or with hostile content, is refused with a sentence", async () => {
  const address = await addressOf(RUN);
  const hostile = [
    address.replace("#1.", "#2."),
    "#<script>alert(1)</script>",
    "#1.%00",
    "#1.",
    await packed("not json"),
    await packed("[]"),
    await packed(JSON.stringify({ ...RUN, workload: "__proto__" })),
    await packed(JSON.stringify({ ...RUN, seed: -1 })),
    await packed(JSON.stringify({ ...RUN, code: 7 })),
    await packed(JSON.stringify({ ...RUN, interventions: [{ kind: "format", atMs: 1 }] })),
    await packed(JSON.stringify({ ...RUN, args: Array.from({ length: 1001 }, () => "x") })),
    await packed(JSON.stringify({ ...RUN, code: "x".repeat(30_000_000) })),
  ];
  for (const each of hostile) {
    const read = await readAddress(each);
    assertEquals(read.kind, "refused", each.slice(0, 60));
    assertMatch(read.kind === "refused" ? read.problem : "", /^[A-Z].{10,200}\.$/);
  }
});

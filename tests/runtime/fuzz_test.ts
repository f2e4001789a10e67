/**
 * Damaged traffic: the node continues after any input. After each damaged line a sound request is sent and must be
 * answered; a damaged line that is a request all the same must be answered too; nothing but messages is ever sent.
 */

import { assert, assertEquals } from "@std/assert";
import { echo } from "../../lib/protocol/echo.ts";
import * as kafka from "../../lib/protocol/kafka.ts";
import * as kv from "../../lib/protocol/kv.ts";
import { stringifyExactJson } from "../../lib/protocol/exact_json.ts";
import { LineSplitter } from "../../lib/protocol/lines.ts";
import type { Message } from "../../lib/protocol/message.ts";
import { topology } from "../../lib/protocol/broadcast.ts";
import { listAppend } from "../../lib/protocol/txn.ts";
import { generate } from "../../lib/protocol/unique_ids.ts";
import type { Node } from "../../lib/runtime/node.ts";
import { SeededRandom } from "../../lib/sim/random.ts";
import { forSeeds, soaking } from "../seeds.ts";
import { bin, INIT, line, NodeProcess, runnable } from "./executable.ts";
import { MemoryNode, microtasks } from "./memory_host.ts";
import { mutated, tenMegabytes } from "./mutations.ts";

const MUTATIONS_PER_SEED = 100;
/** The time after which a process counts as one that hangs, in ms. */
const HUNG_MS = 600_000;

/** Decodes a line alone: a byte order mark is one at a stream's beginning only. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function program(node: Node): void {
  let count = 0;
  node.on(echo, ({ echo }) => ({ echo }));
  node.on(generate, () => Promise.resolve({ id: count++ }));
  node.on(kv.cas, async ({ key }) => {
    await Promise.resolve();
    if (typeof key !== "number") throw new TypeError("a bug that odd keys bring to light");
    return {};
  });
  node.on(listAppend, ({ txn }) => ({ txn }));
  node.on(kafka.poll, ({ offsets }) => ({
    msgs: Object.fromEntries(Object.entries(offsets).map(([key, offset]) => [key, [[offset, key]] as const])),
  }));
  node.on(topology, () => ({}));
}

/** Returns the request in a line, if there is one, parsed independently of the code under test. */
function requestIn(text: string): { readonly src: string; readonly msgId: number } | undefined {
  try {
    const { src, dest, body } = JSON.parse(text);
    const { type, msg_id: msgId, in_reply_to: inReplyTo } = body;
    const sound = typeof src === "string" && dest === "n1" && typeof type === "string" &&
      !Array.isArray(body) &&
      inReplyTo === undefined && Number.isSafeInteger(msgId) && !/"msg_id":[^,}]*[.eE]/.test(text);
    return sound ? { src, msgId } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the request that a message answers, as a key. */
function answered({ dest, body }: Message): string {
  return `${body.in_reply_to} to ${dest}`;
}

Deno.test("damaged lines do not crash a node, and it answers all sound ones", async () => {
  await forSeeds({ slice: 20, full: 1000 }, async (random) => {
    const node = MemoryNode.started(program);
    node.take();
    const splitter = new LineSplitter();
    for (let i = 0; i < MUTATIONS_PER_SEED; i++) {
      const bytes = mutated(random);
      const text = decoder.decode(bytes);
      for (const line of [...splitter.push(bytes), ...splitter.push(Uint8Array.of(10))]) node.line(line);
      await microtasks();
      const sent = node.take();
      const lines = text.split("\n");
      assert(sent.length <= lines.length, `more answers than lines: ${text.slice(0, 500)}`);
      assert(sent.every(({ src, body }) => src === "n1" && body.in_reply_to !== undefined));
      const due = lines.flatMap((line) => {
        const request = requestIn(line);
        return request === undefined ? [] : [`${request.msgId} to ${request.src}`];
      });
      const keys = sent.map(answered);
      for (const key of due) assert(keys.includes(key), `no answer ${key}: ${text.slice(0, 500)}`);
      assertEquals((await node.ask({ type: "echo", echo: i }, "probe"))["echo"], i, text.slice(0, 500));
      assertEquals(node.host.failures, [], text.slice(0, 500));
    }
    assertEquals([node.runtime.unfinished, node.host.clock.waiting], [0, 0]);
  });
});

Deno.test("lines of 10 MB, whole or cut off, are answered or refused, and the node continues", async () => {
  await forSeeds({ slice: 4, full: 40 }, async (random) => {
    const node = MemoryNode.started(program);
    const splitter = new LineSplitter();
    const bytes = tenMegabytes(random);
    const lines: string[] = [];
    for (let from = 0; from < bytes.length; from += 65_536) {
      lines.push(...splitter.push(bytes.subarray(from, from + 65_536)));
    }
    lines.push(...splitter.push(Uint8Array.of(10)));
    assertEquals(lines.length, 1);
    node.line(lines[0] ?? "");
    const due = requestIn(lines[0] ?? "") === undefined ? 0 : 1;
    assertEquals(node.take().length, due);
    assertEquals((await node.ask({ type: "echo", echo: 1 }))["echo"], 1);
    for (const logged of node.host.logged) assert(logged.length < 2000);
  });
});

Deno.test("damaged lines before init do not prevent the start of a node", async () => {
  await forSeeds({ slice: 20, full: 1000 }, async (random) => {
    const node = new MemoryNode(program);
    const splitter = new LineSplitter();
    for (let i = 0; i < 20; i++) {
      // An init that was damaged and still is one would start it.
      const bytes = mutated(random);
      if (/init/.test(new TextDecoder().decode(bytes))) continue;
      for (const line of [...splitter.push(bytes), ...splitter.push(Uint8Array.of(10))]) node.line(line);
    }
    for (const { body } of node.take()) {
      assert(body["code"] === 11 || body["code"] === 12, stringifyExactJson(body));
    }
    node.give({ type: "init", msg_id: 1, node_id: "n1", node_ids: ["n1"] });
    await microtasks();
    assertEquals(node.take().map(({ body }) => body.type), ["init_ok"]);
  });
});

Deno.test(
  "an executable answers every sound line among damaged ones",
  { ignore: !runnable("echo") },
  async () => {
    const count = soaking ? 20_000 : 400;
    const random = new SeededRandom("process");
    const node = await NodeProcess.started(bin("echo"));
    const hung = setTimeout(() => node.child.kill("SIGKILL"), HUNG_MS);
    const feed = async () => {
      for (let i = 0; i < count; i++) {
        await node.write(i % 200 === 100 ? tenMegabytes(random) : mutated(random));
        await node.write(`\n${line({ type: "echo", msg_id: i, echo: i }, { src: "probe" })}`);
      }
      await node.write(INIT);
      await node.closeInput();
    };
    const fed = feed();
    fed.catch(() => {}); // if the node ends early, the loop below says so
    for (let next = 0; next < count;) {
      const { src, dest, body } = await node.message();
      assertEquals(src, "n1");
      if (dest !== "probe") continue;
      assertEquals([body.type, body.in_reply_to, body["echo"]], ["echo_ok", next, next]);
      next++;
    }
    await fed;
    assertEquals((await node.ended()).code, 0);
    clearTimeout(hung);
  },
);

import { assert, assertEquals } from "@std/assert";
import { Output, OUTPUT_BYTES_MAX, StdioClock, SystemRandom } from "../../lib/runtime/stdio.ts";
import { hostConformance } from "./host_conformance.ts";
import { MemoryHost } from "./memory_host.ts";

const decoder = new TextDecoder();

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** An output that writes into a text, at most so many bytes at once, and never at once. */
function outputTo(options: { readonly bytesMax?: number; readonly fails?: Error } = {}) {
  const chunks: Uint8Array[] = [];
  const closed: unknown[] = [];
  const output: Output = new Output({
    write: async (bytes) => {
      await Promise.resolve();
      if (options.fails !== undefined) throw options.fails;
      const taken = bytes.slice(0, options.bytesMax ?? bytes.length);
      chunks.push(taken);
      return taken.length;
    },
    flush: () => output.flush(),
    closed: (error) => closed.push(error),
  });
  const text = () => decoder.decode(new Uint8Array(chunks.flatMap((chunk) => [...chunk])));
  return { output, chunks, closed, text };
}

hostConformance("the host in memory", () => {
  const host = new MemoryHost();
  return { host, pass: (ms) => host.clock.advance(ms), sent: () => host.sent };
});

hostConformance("the real host", () => {
  const { output, text } = outputTo({ bytesMax: 7 });
  return {
    host: { clock: new StdioClock(), random: new SystemRandom(), transport: output, log: { line: () => {} } },
    pass: sleep,
    sent: async () => {
      await output.written;
      return text().split("\n").slice(0, -1);
    },
  };
});

Deno.test("what one turn sends is one write", async () => {
  const { output, chunks } = outputTo();
  for (let i = 0; i < 1000; i++) output.send(`line ${i}`);
  output.flush();
  await output.written;
  assertEquals(chunks.length, 1);
});

Deno.test("what is sent outside of a turn leaves without being asked for, in one write", async () => {
  const { output, chunks, text } = outputTo();
  await Promise.resolve();
  output.send("a");
  output.send("b");
  await Promise.resolve();
  await output.written;
  assertEquals([chunks.length, text()], [1, "a\nb\n"]);
});

Deno.test("a write that takes a part only is followed by one of the rest, within a character too", async () => {
  const { output, text } = outputTo({ bytesMax: 1 });
  output.send("é漢🐙");
  output.send("next");
  output.flush();
  await output.written;
  assertEquals(text(), "é漢🐙\nnext\n");
});

Deno.test("what was sent does not leave before its turn has ended, though a write is under way", async () => {
  // The turn's end is where the store is synced: a message must not overtake what it rests on.
  const waiting: Array<() => void> = [];
  const written: string[] = [];
  const output = new Output({
    write: (bytes) =>
      new Promise((resolve) =>
        waiting.push(() => (written.push(decoder.decode(bytes)), resolve(bytes.length)))
      ),
    flush: () => {},
    closed: () => {},
  });
  output.send("first");
  output.flush();
  output.send("second, not stored yet");
  waiting.shift()?.();
  await sleep(1);
  assertEquals([written, waiting.length], [["first\n"], 0]);
  output.flush();
  waiting.shift()?.();
  await output.written;
  assertEquals(written, ["first\n", "second, not stored yet\n"]);
});

Deno.test("what cannot be written is told once, and dropped", async () => {
  const error = new Error("full");
  const { output, closed } = outputTo({ fails: error });
  output.send("a");
  output.flush();
  await output.written;
  assertEquals(closed, [error]);
});

Deno.test("so much output may wait, and no more, before input is left alone", async () => {
  const waiting: Array<() => void> = [];
  const output = new Output({
    write: (bytes) => new Promise((resolve) => waiting.push(() => resolve(bytes.length))),
    flush: () => {},
    closed: () => {},
  });
  const megabytes = "x".repeat(16 * 1024 * 1024);
  assert(!output.hasBackpressure);
  for (let i = 0; i <= OUTPUT_BYTES_MAX / megabytes.length; i++) output.send(megabytes);
  assert(output.hasBackpressure, "while it is being gathered");
  output.flush();
  assert(output.hasBackpressure, "while it is being written");
  waiting.shift()?.();
  await output.written;
  assert(!output.hasBackpressure);
});

import { assert, assertEquals } from "@std/assert";
import { OUTPUT_BYTES_MAX, StdioClock, StdoutWriter, SystemRandom } from "../../lib/runtime/stdio.ts";
import { hostConformance } from "./host_conformance.ts";
import { MemoryHost } from "./memory_host.ts";

const decoder = new TextDecoder();

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** An output that writes into a text asynchronously, at most `bytesMax` bytes at a time. */
function outputTo(options: { readonly bytesMax?: number; readonly fails?: Error } = {}) {
  const chunks: Uint8Array[] = [];
  const closed: unknown[] = [];
  const output: StdoutWriter = new StdoutWriter({
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

/**
 * Lets real time pass in steps of a millisecond. If the machine delays all timers at once, those that a timer set are still
 * due before the last step.
 */
async function passSteps(ms: number): Promise<void> {
  for (let i = 0; i < ms; i++) await sleep(1);
}

hostConformance("the real host", () => {
  const { output, text } = outputTo({ bytesMax: 7 });
  return {
    host: { clock: new StdioClock(), random: new SystemRandom(), transport: output, log: { line: () => {} } },
    pass: passSteps,
    sent: async () => {
      await output.written;
      return text().split("\n").slice(0, -1);
    },
  };
});

Deno.test("the output of one turn is one write", async () => {
  const { output, chunks } = outputTo();
  for (let i = 0; i < 1000; i++) output.send(`line ${i}`);
  output.flush();
  await output.written;
  assertEquals(chunks.length, 1);
});

Deno.test("output outside of a turn leaves by itself, in one write", async () => {
  const { output, chunks, text } = outputTo();
  await Promise.resolve();
  output.send("a");
  output.send("b");
  await Promise.resolve();
  await output.written;
  assertEquals([chunks.length, text()], [1, "a\nb\n"]);
});

Deno.test("a partial write is continued, also within a character", async () => {
  const { output, text } = outputTo({ bytesMax: 1 });
  output.send("é漢🐙");
  output.send("next");
  output.flush();
  await output.written;
  assertEquals(text(), "é漢🐙\nnext\n");
});

Deno.test("output waits for the end of its turn, also during a write", async () => {
  // The turn's end is where the store is synced: a message must not overtake the state that it depends on.
  const waiting: Array<() => void> = [];
  const written: string[] = [];
  const output = new StdoutWriter({
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

Deno.test("unwritable output is reported once and dropped", async () => {
  const error = new Error("full");
  const { output, closed } = outputTo({ fails: error });
  output.send("a");
  output.flush();
  await output.written;
  assertEquals(closed, [error]);
});

Deno.test("above the limit of waiting output, input is not read", async () => {
  const waiting: Array<() => void> = [];
  const output = new StdoutWriter({
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

import { assertEquals } from "@std/assert";
import { frameOf, readFrames } from "../../../lib/bench/worker/frames.ts";

/** Returns the values of frames that arrive in parts of a given length. */
async function read(bytes: Uint8Array, partLength: number): Promise<unknown[]> {
  const stream = new ReadableStream({
    type: "bytes",
    start(controller) {
      for (let from = 0; from < bytes.length; from += partLength) {
        controller.enqueue(bytes.slice(from, from + partLength));
      }
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
  return await Array.fromAsync(readFrames(stream));
}

const VALUES = [
  { logs: new Map([["n0", ["a", "é"]]]), signals: new Set([1, 2]), missing: undefined },
  "x".repeat(100_000),
  [],
  -0,
];

Deno.test("frames keep their values, however the stream is divided", async () => {
  const frames = VALUES.map(frameOf);
  const bytes = new Uint8Array(await new Blob(frames).arrayBuffer());
  for (const partLength of [1000, 65_536, bytes.length]) {
    assertEquals(await read(bytes, partLength), VALUES);
  }
  const short = frameOf(VALUES[0]);
  for (const partLength of [1, 3, 5]) assertEquals(await read(short, partLength), [VALUES[0]]);
});

Deno.test("a frame that the end of the stream cuts off is dropped", async () => {
  const frame = frameOf("whole");
  const bytes = new Uint8Array(await new Blob([frame, frame]).arrayBuffer());
  for (const length of [frame.length + 1, frame.length + 4, bytes.length - 1]) {
    assertEquals(await read(bytes.subarray(0, length), 7), ["whole"]);
  }
  assertEquals(await read(new Uint8Array(), 7), []);
});

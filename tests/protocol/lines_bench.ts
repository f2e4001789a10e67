/** Framing, three ways: our splitter, the standard library's stream, and a search over bytes. */

import { TextLineStream } from "@std/streams/text-line-stream";
import { LineSplitter } from "../../lib/protocol/lines.ts";

const LINES = 100_000;
const CHUNK_BYTES = 64 * 1024;

const line =
  '{"id":0,"src":"c1","dest":"n1","body":{"type":"echo","msg_id":2,"echo":"Please echo 0, and some padding"}}\n';
const bytes = new TextEncoder().encode(line.repeat(LINES));
const chunks = Array.from(
  { length: Math.ceil(bytes.length / CHUNK_BYTES) },
  (_, i) => bytes.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES),
);

function expectAll(count: number): void {
  if (count !== LINES) throw new Error(`${count} lines of ${LINES}`);
}

Deno.bench("100,000 lines: LineSplitter", { group: "lines", baseline: true }, () => {
  const splitter = new LineSplitter();
  let count = 0;
  for (const chunk of chunks) count += splitter.push(chunk).length;
  expectAll(count + splitter.end().length);
});

Deno.bench("100,000 lines: TextDecoderStream and TextLineStream", { group: "lines" }, async () => {
  const stream = ReadableStream.from(chunks).pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  let count = 0;
  for await (const _ of stream) count++;
  expectAll(count);
});

Deno.bench("100,000 lines: a search over bytes", { group: "lines" }, () => {
  const decoder = new TextDecoder();
  let rest = new Uint8Array();
  let count = 0;
  let units = 0;
  for (const chunk of chunks) {
    const all = new Uint8Array(rest.length + chunk.length);
    all.set(rest);
    all.set(chunk, rest.length);
    let from = 0;
    for (let to = all.indexOf(10); to >= 0; to = all.indexOf(10, from)) {
      units += decoder.decode(all.subarray(from, to)).length;
      count++;
      from = to + 1;
    }
    rest = all.slice(from);
  }
  if (units === 0) throw new Error("nothing was decoded");
  expectAll(count);
});

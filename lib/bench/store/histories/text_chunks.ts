/** Text of files piece by piece: a history may be longer than the longest string. */

/** How much of a file is read at once, in bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** The text of a file, as it is needed. */
export function* chunksOf(path: string): Generator<string> {
  const file = Deno.openSync(path);
  try {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let n = file.readSync(buffer); n !== null; n = file.readSync(buffer)) {
      yield decoder.decode(buffer.subarray(0, n), { stream: true });
    }
    yield decoder.decode();
  } finally {
    file.close();
  }
}

/** The lines of a text, without their ends. */
export function* linesOf(chunks: Iterable<string>): Generator<string> {
  const open: string[] = []; // pieces of a line that goes on, so that a long one is not copied again and again
  for (const chunk of chunks) {
    const lines = chunk.split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      open.push(line);
      yield open.join("").replace(/\r$/, "");
      open.length = 0;
    }
    open.push(last);
  }
  const rest = open.join("");
  if (rest !== "") yield rest;
}

/**
 * Reads text files in chunks, because a history may be longer than the longest string.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

/** The size of a chunk, in bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** Yields the text of a file on demand. */
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

/** Yields the lines of a text, without terminators. */
export function* linesOf(chunks: Iterable<string>): Generator<string> {
  const open: string[] = []; // parts of an unfinished line, so that a long line is not copied repeatedly
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

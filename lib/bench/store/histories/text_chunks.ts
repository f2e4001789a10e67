/**
 * Reads text files in chunks, because a history may be longer than the longest string.
 *
 * Tested by `tests/bench/store/histories/read_history_test.ts`.
 */

/** The size of a chunk, in bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** Yields the text of a file on demand. `progress` receives the fraction that was read, from 0 to 1. */
export function* chunksOf(
  path: string,
  { progress }: { readonly progress?: ((part: number) => void) | undefined } = {},
): Generator<string> {
  const file = Deno.openSync(path);
  try {
    const { size } = file.statSync();
    let read = 0;
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let n = file.readSync(buffer); n !== null; n = file.readSync(buffer)) {
      yield decoder.decode(buffer.subarray(0, n), { stream: true });
      read += n;
      progress?.(Math.min(1, read / Math.max(1, size)));
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
    let start = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", start)) {
      const line = chunk.slice(start, end);
      yield withoutReturn(open.length === 0 ? line : open.join("") + line);
      open.length = 0;
      start = end + 1;
    }
    if (start < chunk.length) open.push(chunk.slice(start));
  }
  const rest = open.join("");
  if (rest !== "") yield rest;
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

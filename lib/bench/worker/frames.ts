/**
 * Values between two processes of the bench. A frame is the length of the content in four bytes, most significant first, and
 * the content, a structured clone.
 */

import { deserialize, serialize } from "node:v8";

/** The argument of the bench that makes it serve the jobs of its parent. */
export const SERVE_JOBS = "--serve-jobs";

const HEADER_LENGTH = 4;

/** Returns the frame of a value. Throws for a value that cannot be cloned, such as a function. */
export function frameOf(value: unknown): Uint8Array<ArrayBuffer> {
  const content = serialize(value);
  const frame = new Uint8Array(HEADER_LENGTH + content.length);
  new DataView(frame.buffer).setUint32(0, content.length);
  frame.set(content, HEADER_LENGTH);
  return frame;
}

/** Yields the values of a byte stream. Drops a frame that the stream's end cuts off. */
export async function* readFrames(stream: ReadableStream<Uint8Array>): AsyncGenerator<unknown> {
  const reader = stream.getReader({ mode: "byob" });
  const read = async (length: number): Promise<Uint8Array | undefined> => {
    try {
      const { value } = await reader.read(new Uint8Array(length), { min: length });
      return value?.length === length ? value : undefined;
    } catch {
      return undefined; // the stream ended before `length` bytes
    }
  };
  for (;;) {
    const header = await read(HEADER_LENGTH);
    if (header === undefined) return;
    const content = await read(new DataView(header.buffer).getUint32(0));
    if (content === undefined) return;
    yield deserialize(content);
  }
}

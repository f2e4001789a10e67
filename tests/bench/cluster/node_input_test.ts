import { assertEquals } from "@std/assert";
import { NodeInput } from "../../../lib/bench/cluster/node_input.ts";

/** Returns what arrives in each write of these lines, each written in a turn of its own. */
async function writesOf(lines: readonly string[]): Promise<string[]> {
  const writes: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const last = `${lines.at(-1)}\n`;
  const input = new NodeInput(
    new WritableStream({
      write(bytes) {
        writes.push(new TextDecoder().decode(bytes));
        if (writes.join("").endsWith(last)) resolve();
      },
    }),
  );
  for (const line of lines) {
    input.write(line);
    await new Promise((turn) => setTimeout(turn, 0));
  }
  await promise;
  await input.close();
  return writes;
}

Deno.test("one write in 100 leaves the end of its line to another, as a node reads it on Maelstrom", async () => {
  const lines = Array.from({ length: 250 }, (_, i) => `{"id":${i}}`);
  const writes = await writesOf(lines);
  assertEquals(writes.join(""), lines.map((line) => `${line}\n`).join(""));
  const alone = writes.flatMap((text, i) => text === "\n" ? [writes[i - 1]] : []);
  assertEquals(alone[0], `{"id":99}`);
  assertEquals(alone.length, 2);
});

Deno.test("lines of one turn are one write", async () => {
  const writes: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const input = new NodeInput(
    new WritableStream({
      write(bytes) {
        writes.push(new TextDecoder().decode(bytes));
        resolve();
      },
    }),
  );
  input.write("a");
  input.write("b");
  await promise;
  assertEquals(writes, ["a\nb\n"]);
  input.ended = true;
  assertEquals([input.write("c"), input.overflowed], [false, false]);
});

import { assert, assertEquals } from "@std/assert";
import { TextLineStream } from "@std/streams/text-line-stream";
import { LINE_LENGTH_MAX, LineSplitter } from "../../lib/protocol/lines.ts";
import type { SeededRandom } from "../../lib/sim/random.ts";
import { forSeeds } from "../seeds.ts";

const encoder = new TextEncoder();

/** Returns the splitter's lines of chunks, with a last line that has no end. */
function split(chunks: Iterable<Uint8Array>, splitter = new LineSplitter()): string[] {
  const lines: string[] = [];
  for (const chunk of chunks) lines.push(...splitter.push(chunk));
  return [...lines, ...splitter.end()];
}

/** Returns the lines of the standard library for the same bytes. */
async function reference(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const stream = ReadableStream.from([bytes]).pipeThrough(new TextDecoderStream()).pipeThrough(
    new TextLineStream(),
  );
  return await Array.fromAsync(stream);
}

/** The bytes in pieces of random lengths, empty ones too. */
function* chop(bytes: Uint8Array, random: SeededRandom, longest: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length;) {
    const to = from + random.below(longest + 1);
    yield bytes.subarray(from, to);
    from = to;
  }
}

const PIECES = [
  "\n",
  "\r\n",
  "\r",
  "\n\n",
  "a",
  "{}",
  "é",
  "漢字",
  "🐙",
  "\u2028",
  "\0",
  "\ufeff",
  "x".repeat(300),
];

Deno.test("any text in any chunks gives the lines of TextLineStream", async () => {
  await forSeeds({ slice: 20, full: 5000 }, async (random) => {
    const text = Array.from({ length: random.below(60) }, () => random.pick(PIECES)).join("");
    const bytes = encoder.encode(text);
    const expected = await reference(bytes);
    for (const longest of [1, 3, 7, 200, 100_000]) {
      assertEquals(split(chop(bytes, random, longest)), expected, JSON.stringify(text));
    }
  });
});

Deno.test("like Maelstrom, a lone return ends a line at once, and a byte order mark is a character", async () => {
  await forSeeds({ slice: 20, full: 5000 }, async (random) => {
    const text = Array.from({ length: random.below(60) }, () => random.pick(PIECES)).join("");
    const bytes = encoder.encode(text);
    const expected = await Array.fromAsync(
      ReadableStream.from([bytes]).pipeThrough(new TextDecoderStream("utf-8", { ignoreBOM: true }))
        .pipeThrough(new TextLineStream({ allowCR: true })),
    );
    for (const longest of [1, 3, 7, 200, 100_000]) {
      const splitter = new LineSplitter({ likeMaelstrom: true });
      assertEquals(split(chop(bytes, random, longest), splitter), expected, JSON.stringify(text));
    }
  });
  const splitter = new LineSplitter({ likeMaelstrom: true });
  assertEquals(splitter.push(encoder.encode("\ufeffone\r")), ["\ufeffone"]);
  assertEquals(splitter.push(encoder.encode("\ntwo\r\r\n")), ["two", ""]);
});

Deno.test("invalid UTF-8 in any chunks gives the lines of TextLineStream", async () => {
  await forSeeds({ slice: 20, full: 5000 }, async (random) => {
    const bytes = Uint8Array.from(
      { length: random.below(80) },
      () => random.pick([10, 13, 65, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x90, 0x99, 0xff]),
    );
    const expected = await reference(bytes);
    for (const longest of [1, 2, 5, 100]) assertEquals(split(chop(bytes, random, longest)), expected);
  });
});

Deno.test("a character that is split between any two bytes is decoded", () => {
  const bytes = encoder.encode('"é漢🐙"\n');
  for (let at = 0; at <= bytes.length; at++) {
    assertEquals(split([bytes.subarray(0, at), bytes.subarray(at)]), ['"é漢🐙"'], `split at ${at}`);
  }
});

/** The bytes cut in every way there is: between any two of them, or not. */
function* everyCut(bytes: Uint8Array): Generator<Uint8Array[]> {
  const gaps = Math.max(0, bytes.length - 1);
  for (let cuts = 0; cuts < 2 ** gaps; cuts++) {
    const ends = Array.from({ length: gaps }, (_, i) => i + 1).filter((end) => cuts & (1 << (end - 1)));
    yield [0, ...ends].map((from, i) => bytes.subarray(from, ends[i]));
  }
}

Deno.test("U+FEFF is dropped only at the start of the stream, in any chunks", () => {
  const cases: ReadonlyArray<readonly [text: string, lines: readonly string[]]> = [
    ["\ufeffa\n\ufeffb\n", ["a", "\ufeffb"]],
    ["\ufeff\ufeffa\n\ufeff\n", ["\ufeffa", "\ufeff"]],
    ["a\ufeffb\n\r\n\ufeff", ["a\ufeffb", "", "\ufeff"]],
    ["\n\ufeff\ufeff\n", ["", "\ufeff\ufeff"]],
    ["\ufeff\n", [""]],
    ["\ufeff", []],
  ];
  for (const [text, lines] of cases) {
    for (const chunks of everyCut(encoder.encode(text))) {
      assertEquals(split(chunks), lines, `${JSON.stringify(text)} in ${chunks.map(({ length }) => length)}`);
    }
  }
});

Deno.test("lines end at \\n or \\r\\n, also across chunks, and empty lines are kept", () => {
  const chunks = ["a\r", "\nb\n\n", "\r\nc\rd\n", "e\r"].map((text) => encoder.encode(text));
  assertEquals(split(chunks), ["a", "b", "", "", "c\rd", "e\r"]);
});

Deno.test("empty input has no lines, and a final line end adds no empty line", () => {
  assertEquals(split([]), []);
  assertEquals(split([new Uint8Array()]), []);
  assertEquals(split([encoder.encode("a\n")]), ["a"]);
});

Deno.test("a line of 10 MB and the next line are read in full", () => {
  const long = "é".repeat(5_000_000);
  const bytes = encoder.encode(`${long}\nnext\n`);
  const chunks = Array.from(
    { length: Math.ceil(bytes.length / 65_536) },
    (_, i) => bytes.subarray(i * 65_536, (i + 1) * 65_536),
  );
  const [first, second, ...rest] = split(chunks);
  assert(first === long);
  assertEquals([second, ...rest], ["next"]);
});

Deno.test("an encoded lone surrogate becomes replacement characters", () => {
  const [line] = split([new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a])]);
  assertEquals(line, '"\ufffd\ufffd\ufffd"');
});

Deno.test("a line above the limit is dropped and counted, and adjacent lines are kept", () => {
  for (const longest of [1, 2, 3, 1000]) {
    const splitter = new LineSplitter({ lengthMax: 4 });
    const bytes = encoder.encode("1234\n12345\nabc\n1234567890123\nz\n99999");
    const chunks = Array.from(
      { length: bytes.length },
      (_, i) => bytes.subarray(i * longest, (i + 1) * longest),
    );
    assertEquals(split(chunks, splitter), ["1234", "abc", "z"], `pieces of ${longest}`);
    assertEquals(splitter.dropped, 3);
  }
});

Deno.test("a line that never ends is not kept beyond the limit", () => {
  const splitter = new LineSplitter({ lengthMax: 1000 });
  const chunk = encoder.encode("x".repeat(600));
  for (let i = 0; i < 10_000; i++) assertEquals(splitter.push(chunk), []);
  assertEquals(splitter.push(encoder.encode("\nnext\n")), ["next"]);
  assertEquals(splitter.dropped, 1);
  assertEquals(splitter.end(), []);
});

Deno.test("the default limit is above the longest line seen from Maelstrom", () => {
  assert(LINE_LENGTH_MAX >= 10 * 1024 * 1024);
});

Deno.test("a line with a long or fractional number is marked, in any chunks", () => {
  for (const number of ["1234567890123456", "1.0", "1e3", "-12345678901234567890"]) {
    const bytes = new TextEncoder().encode(`{"a":1}\n{"b":${number}}\n{"c":2}\n`);
    for (let first = 0; first < bytes.length; first++) {
      for (let second = first; second < bytes.length; second++) {
        const splitter = new LineSplitter();
        for (
          const part of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]
        ) {
          const found = splitter.push(part).some((line) => line.includes('"b"'));
          if (found) assert(splitter.suspect, `${number}, cut at ${first} and ${second}`);
        }
      }
    }
  }
  const splitter = new LineSplitter();
  splitter.push(new TextEncoder().encode('{"a":1}\n{"b":'));
  assertEquals([splitter.push(new TextEncoder().encode("2}\n")), splitter.suspect], [['{"b":2}'], false]);
});

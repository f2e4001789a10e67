import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { draw, type FileMutation } from "./draw.ts";
import { applied, mutationsOf } from "./mutations.ts";

const SOURCE = Array.from({ length: 12 }, (_, i) => `if (a${i} < ${i}) f${i}(true);\n`).join("");

const inFile = (file: string, text = SOURCE): FileMutation[] =>
  mutationsOf(text).map((each) => ({ ...each, file }));

const options = { seed: 1, count: 10, subject: "s" };
const filesOf = (drawn: readonly FileMutation[]) =>
  Object.fromEntries(
    Map.groupBy(drawn, ({ file }) => file).entries().map(([file, list]) => [file, list.length]),
  );

Deno.test("the same seed draws the same places, another seed or subject draws others", () => {
  const sources = { own: inFile("a.ts"), rests: inFile("b.ts") };
  assertEquals(draw(sources, options), draw(sources, options));
  assertNotEquals(draw(sources, options), draw(sources, { ...options, seed: 2 }));
  assertNotEquals(draw(sources, options), draw(sources, { ...options, subject: "t" }));
});

Deno.test("the order in which files are listed does not matter", () => {
  const [a, b] = [inFile("a.ts"), inFile("b.ts")];
  assertEquals(
    draw({ own: [...a, ...b], rests: [] }, options),
    draw({ own: [...b, ...a], rests: [] }, options),
  );
});

Deno.test("an added line does not change the draw of other places", () => {
  const drawn = draw({ own: inFile("a.ts"), rests: [] }, options);
  const later = draw({ own: inFile("a.ts", `/** New. */\nconst x = y;\n${SOURCE}`), rests: [] }, options);
  assertEquals(later.map(({ place }) => place), drawn.map(({ place }) => place));
  assertEquals(later.map(({ line }) => line - 2), drawn.map(({ line }) => line));
});

Deno.test("places are spread over files, a third from the subject's own, without repeated lines", () => {
  const files = ["b.ts", "c.ts", "d.ts", "e.ts", "f.ts", "g.ts"];
  const drawn = draw({ own: inFile("a.ts"), rests: files.flatMap((file) => inFile(file)) }, options);
  assertEquals(filesOf(drawn), {
    "a.ts": 4,
    "b.ts": 1,
    "c.ts": 1,
    "d.ts": 1,
    "e.ts": 1,
    "f.ts": 1,
    "g.ts": 1,
  });
  const lines = draw({ own: inFile("a.ts"), rests: [] }, options).map(({ line }) => line);
  assertEquals(new Set(lines).size, 10);
});

Deno.test("too few own lines are filled from other files, then by repeated lines", () => {
  const short = inFile("a.ts", "f(a < 1);\n");
  const drawn = draw({ own: short, rests: inFile("b.ts") }, { ...options, count: 20 });
  assertEquals(filesOf(drawn), { "a.ts": short.length, "b.ts": 20 - short.length });
  assertEquals(draw({ own: short, rests: [] }, options).length, short.length);
});

Deno.test("no change is drawn twice", () => {
  const drawn = draw({ own: inFile("a.ts"), rests: [] }, { ...options, count: 60 });
  assert(drawn.length === 60);
  assertEquals(new Set(drawn.map((each) => applied(SOURCE, each))).size, 60);
});

/** Jepsen's keys are written in the checkers and read in one file of the bench. */

import { assert, assertEquals } from "@std/assert";
import { readable, sources, textOf } from "./repository.ts";

const READER = "lib/bench/store/parse_result.ts";

/** Look-ups of result maps by the text of a key. */
const LOOK_UPS: readonly RegExp[] = [
  /[\w\])?.]\[["'`][a-z${}]+(-[a-z${}]+)+\??["'`]\]/, // ["msgs-per-op"], [`${kind}-count`]
  /["'](valid|final)\?["']/, // "valid?"
  /\b(result|workload|stats|availability|net|servers|latencies|grade)(\?\.)?\[["'`]/,
  /["'][a-z]+(-[a-z]+)+["']: \w+[^:;]*\} = /, // const { "ok-count": ok } = …
];

function lookUps(text: string): string[] {
  return text.split("\n").filter((line) => LOOK_UPS.some((pattern) => pattern.test(line)));
}

Deno.test(
  "the bench reads results by typed fields, and Jepsen's keys in one file",
  { ignore: !readable },
  () => {
    const bench = sources().filter((path) => path.startsWith("lib/bench/") && path !== READER);
    const found = bench.flatMap((path) => lookUps(textOf(path)).map((line) => `${path}: ${line.trim()}`));
    assertEquals(found, [], `call parseResult of ${READER}`);
    assert(lookUps(textOf(READER)).length > 20);
  },
);

Deno.test("each form of look-up is recognized", () => {
  for (
    const line of [
      'servers["msgs-per-op"]',
      "workload[`${kind}-count`]",
      'map["valid?"]',
      'result["valid"]',
      'const { count, "ok-count": ok } = stats;',
    ]
  ) assertEquals(lookUps(line), [line]);
  assertEquals(lookUps('const { count } = stats; head["seed"];'), []);
});

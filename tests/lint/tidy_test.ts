/** The repository's hygiene: forbidden patterns, and their alternatives. */

import { assert, assertEquals } from "@std/assert";
import { readable, sources, textOf, topLevel } from "./repository.ts";

const LINES_MAX = 500;

const TOP_LEVEL = new Set(["deno.json", "Makefile", "README.md", "LICENSE", "lib/", "nodes/", "tests/"]);
/** Outputs of the tools, which are not part of the repository. */
const MADE = new Set(["bin/", "store/", "dist/", "learn/", "node_modules/", "deno.lock"]);

/** Patterns that a source must not contain, and the alternative to each. */
const FORBIDDEN: ReadonlyArray<readonly [pattern: RegExp, instead: string]> = [
  [/\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/, "finish it, or describe the current state"],
  [/@ts-(ignore|expect-error|nocheck)/, "give it its type"],
  [/as unknown as/, "check the value at the border"],
  [/: any\b|as any\b|<any>/, "say `unknown`, and check it once"],
  [/[\w\])]!(\.|\[|;|,|\))/, "check it: `?? …`, or `invariant`"],
  [/deno-(lint|fmt)-ignore-file/, "keep the rules in the whole file"],
  [/^export default\b/m, "export it by name"],
  [/\bdebugger\b/, "remove it"],
];

/** Sources that a pattern is allowed in, because an interface outside asks for it. */
const ALLOWED = new Set([
  "tests/lint/layers.ts export default", // Deno takes a lint plugin from the default export
]);

/** Names that do not describe the content of a file or folder. */
const VAGUE = /^(utils?|helpers?|misc|common|manager|stuff|shared)$/;

const ours = readable ? sources().filter((path) => !path.startsWith(".make/")) : [];
const library = ours.filter((path) => /^(lib|nodes)\//.test(path));

/** Returns the source without comments and strings, which may mention forbidden code. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, "$1").replaceAll(
    /"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/(?![*/ ])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/g,
    '""',
  );
}

Deno.test("the top level contains the listed entries only", { ignore: !readable }, () => {
  const unexpected = topLevel().filter((name) =>
    !name.startsWith(".") && !TOP_LEVEL.has(name) && !MADE.has(name)
  );
  assertEquals(unexpected, []);
});

Deno.test("no source exceeds the limit of lines", { ignore: !readable }, () => {
  const long = ours.map((path) => [path, textOf(path).split("\n").length] as const)
    .filter(([, lines]) => lines > LINES_MAX);
  assertEquals(long, [], `split what is over ${LINES_MAX} lines: a file is one idea`);
});

Deno.test("sources contain no task mark, any, non-null assertion or ts-ignore", { ignore: !readable }, () => {
  const found = ours.flatMap((path) => {
    const text = textOf(path);
    const code = codeOf(text);
    return FORBIDDEN.flatMap(([pattern, instead], i) => {
      // The first pattern applies to comments, too.
      const match = pattern.exec(i === 0 ? text : code)?.[0];
      return match === undefined || ALLOWED.has(`${path} ${match}`) ? [] : [`${path}: ${match}: ${instead}`];
    });
  });
  assertEquals(found, []);
});

Deno.test("every file of the library starts with a doc comment", { ignore: !readable }, () => {
  assertEquals(library.filter((path) => !/^(#!.*\n)?\/\*\*[ \n]/.test(textOf(path))), []);
});

Deno.test("every export of the library has a doc comment", { ignore: !readable }, () => {
  const mute = library.flatMap((path) =>
    textOf(path).split("\n").flatMap((line, i, lines) => {
      const exported = /^export (?:abstract |async )?(?:function\*?|class|const|interface|type|enum) (\w+)/
        .exec(line);
      if (exported === null) return [];
      const above = lines[i - 1] ?? "";
      // One comment may stand over several constants, or over several forms of one function; the file's own comment
      // may be that of the first thing it exports.
      const grouped = /^export const \w+/.test(above) || above.startsWith("): ") ||
        above.startsWith(`export function ${exported[1]}(`) ||
        !lines.slice(0, i).some((earlier) => earlier.startsWith("export "));
      return /\*\/\s*$/.test(above) || grouped ? [] : [`${path}:${i + 1} ${exported[1]}`];
    })
  );
  assertEquals(mute, []);
});

Deno.test(
  "file names are snake_case and not vague",
  { ignore: !readable },
  () => {
    const parts = ours.flatMap((path) => path.replace(/(_test|_bench)?(\.d)?\.ts$/, "").split("/"));
    assertEquals(parts.filter((part) => VAGUE.test(part) || !/^[a-z0-9_]+$/.test(part)), []);
  },
);

Deno.test("every node's header states its challenge, guarantee, cost and source", {
  ignore: !readable,
}, () => {
  const nodes = sources("nodes/");
  assert(nodes.length > 0);
  for (const path of nodes) {
    const header = textOf(path).split("*/")[0] ?? "";
    for (const word of [/challenge|workload/i, /guarantee/i, /messages?\b/i, /source|https:/i]) {
      assert(word.test(header), `${path}: the header says nothing of ${word}`);
    }
    assert(header.split("\n").length < 50, `${path}: the header is longer than a screen`);
  }
});

Deno.test("a test name has at least three words", { ignore: !readable }, () => {
  const short = sources("tests/").flatMap((path) =>
    [...textOf(path).matchAll(/^Deno\.test\(\s*"([^"]*)"/gm)].flatMap((match) =>
      (match[1] ?? "").split(" ").length < 3 ? [`${path}: ${match[1]}`] : []
    )
  );
  assertEquals(short, []);
});

Deno.test("every file that a document names exists", { ignore: !readable }, () => {
  const paths = [".ts", ".sh", ".txt"].flatMap((ext) => sources("", { ext }));
  const missing = sources("", { ext: ".md" }).flatMap((document) =>
    [...textOf(document).matchAll(/`([a-z\d_./*-]+\.(?:ts|sh|txt))`/g)].flatMap(([, name = ""]) => {
      const end = new RegExp(
        `(^|/)${name.replace("../", "").replaceAll(".", "\\.").replaceAll("*", "[^/]+")}$`,
      );
      return paths.some((path) => end.test(path)) ? [] : [`${document}: ${name}`];
    })
  );
  assertEquals(missing, []);
});

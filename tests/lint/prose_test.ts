/** The prose of comments, strings and documents contains none of the thirteen patterns. */

import { assertEquals } from "@std/assert";
import { PROSE_PATTERNS, proseMatches, type ProseText } from "./prose_patterns.ts";
import { readable, sources, textOf } from "./repository.ts";

/** Sources that quote the patterns, and texts that others wrote. */
const EXEMPT = /^tests\/(?:fixtures\/|lint\/(?:prose_|names_test))/;

const ours = readable
  ? sources().filter((path) => /^(lib|nodes|tests)\//.test(path) && !EXEMPT.test(path))
  : [];
const documents = readable ? sources("", { ext: ".md" }).filter((path) => !path.startsWith(".make/")) : [];

/** Returns the comments and string literals of a source. */
function textsIn(path: string, source: string): ProseText[] {
  const texts: ProseText[] = [];
  const add = ({ range }: { readonly range: readonly [number, number] }) =>
    void texts.push({ text: source.slice(range[0], range[1]), offset: range[0] });
  const plugin: Deno.lint.Plugin = {
    name: "prose",
    rules: {
      prose: {
        create: (context) => ({
          Program: () => context.sourceCode.getAllComments().forEach(add),
          Literal: (node) => typeof node.value === "string" && add(node),
          TemplateElement: add,
        }),
      },
    },
  };
  Deno.lint.runPlugin(plugin, path, source);
  return texts;
}

/** Returns the problems of texts, each with its place, its text, its pattern and the rule. */
function problemsOf(path: string, source: string, texts: readonly ProseText[]): string[] {
  return texts.flatMap(({ text, offset }) =>
    proseMatches(text).map(({ pattern, match, offset: at }) => {
      const line = source.slice(0, offset + at).split("\n").length;
      const around = text.slice(Math.max(0, at - 40), at + match.length + 40).replaceAll(/\s+/g, " ").trim();
      return `${path}:${line}: "${around}": ${pattern.id} ${pattern.name}: ${pattern.rule}`;
    })
  );
}

Deno.test("comments and strings contain no pattern of unreadable prose", { ignore: !readable }, () => {
  const found = ours.flatMap((path) => {
    const source = textOf(path);
    return problemsOf(path, source, textsIn(path, source));
  });
  assertEquals(found, [], `${found.length} places need a rewrite`);
});

Deno.test("documents contain no pattern of unreadable prose", { ignore: !readable }, () => {
  const found = documents.flatMap((path) => {
    const source = textOf(path);
    // Code blocks are blanked, so that offsets stay right.
    const prose = source.replaceAll(/^```[\s\S]*?^```/gm, (block) => block.replaceAll(/[^\n]/g, " "));
    return problemsOf(path, source, [{ text: prose, offset: 0 }]);
  });
  assertEquals(found, [], `${found.length} places need a rewrite`);
});

for (const { id, name, bad, good } of PROSE_PATTERNS) {
  Deno.test(`prose pattern ${id} catches its sentence, and not the rewritten one: ${name}`, () => {
    assertEquals([...new Set(proseMatches(bad).map(({ pattern }) => pattern.id))], [id]);
    assertEquals(proseMatches(good).map(({ pattern, match }) => `${pattern.id} ${match}`), []);
  });
}

Deno.test("prose is read from comments, strings and templates, with their places", () => {
  const source =
    '/** What it is. */\nconst a = "told";\nconst b = `x ${c} anew`; // nobody\nconst nobody = 1;\n';
  const found = problemsOf("x.ts", source, textsIn("x.ts", source)).map((problem) =>
    problem.replace(/^x\.ts:(\d+): .*?": (P\d+) .*$/, "$1 $2")
  );
  assertEquals(found.sort(), ["1 P2", "3 P13", "3 P4"]);
});

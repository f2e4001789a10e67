/**
 * Proves that no decision depends on a sentence. In a copy of the project each sentence is the same text, and the tests compare
 * all but sentences. A test that fails there shows code that reads a sentence. It runs in the soak only, because it builds the
 * executables and runs most tests.
 */

import { assert, assertEquals } from "@std/assert";
import { say } from "../../lib/bench/terminal/output.ts";
import { readable, sources, textOf } from "../lint/repository.ts";
import { soaking } from "../seeds.ts";
import { comparedSentences, MARK, withoutSentences } from "./sentences.ts";
import { TextlessCopy } from "./textless_copy.ts";

/** The number of sentences below which the search for them is broken. */
const SENTENCES_MIN = 1500;

const EXECUTABLES = [
  ...["charybdis", "broadcast", "echo", "g-counter", "g-set", "kafka", "lin-kv", "pn-counter"],
  ...["txn-list-append", "txn-rw-register", "unique-ids"],
];

/** Folders of tests that run together, from the fastest to the slowest. */
const GROUPS: readonly (readonly string[])[] = [
  ["tests/protocol/", "tests/sim/", "tests/support/", "tests/crdt/", "tests/gossip/", "tests/log/"],
  ["tests/consensus/"],
  ["tests/checkers/"],
  ["tests/nodes/", "tests/runtime/", "tests/attack/"],
  ["tests/bench/"],
  ["tests/scenarios/"],
];

/** Tests that only compare text, or that do not run the product. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "tests/docs/": "it compares the documents with the sources",
  "tests/examples/": "it is an example repository of its own",
  "tests/lint/": "it reads the sources",
  "tests/mutation/": "it reads the sources",
  "tests/package/": "it builds a package and runs it elsewhere",
  "tests/recipes_test.ts": "it runs the recipes, which have their own texts",
  "tests/std_test.ts": "it tests the assertions that the copy replaces",
  "tests/texts/": "it tests this",
  "tests/toolchain/": "it runs the build",
};

/** Files that search for a sentence, because it is not the project's own or has one home. */
const SEARCHING: Readonly<Record<string, string>> = {
  "lib/bench/cluster/executable.ts": "the number of a system error",
  "lib/bench/cluster/node_module.ts": "errors of the module loader",
  "lib/bench/errors.ts": "the number of a system error",
  "lib/bench/findings/exceptions.ts": "stack traces of several languages",
  "lib/bench/learn/explain.ts": "stack traces",
  "lib/bench/playground/node_reference.ts": "the source of an interface",
  "lib/bench/playground/worker/module_text.ts": "syntax errors of sucrase",
  "lib/bench/report/browser/follow.ts": "a number that a reader writes after `entry`",
  "lib/bench/report/serve/store_pages.ts": "the doctype",
  "lib/bench/store/failure.ts": "the number of a system error",
  "lib/bench/store/files.ts": "the number of a system error",
  "lib/bench/store/histories/store_folder.ts": "lines of Jepsen's log",
  "lib/sim/in_process.ts": "the name of a stream of random numbers",
};

Deno.test("no source compares a text with a sentence or searches for one", { ignore: !readable }, () => {
  const found = [...sources("lib/"), ...sources("nodes/")].flatMap((path) =>
    comparedSentences(textOf(path)).map((place) => ({ path, place }))
  );
  const problems = found.filter(({ path }) => !(path in SEARCHING)).map(({ path, place }) =>
    `${path}:${place}`
  );
  assertEquals(problems, [], "give the value a kind or a code instead");
  const unused = Object.keys(SEARCHING).filter((path) => !found.some((each) => each.path === path));
  assertEquals(unused, [], "these files no longer search for a sentence");
});

Deno.test("a comparison with a sentence is found in each form", () => {
  for (
    const source of [
      'message.includes("no such key")',
      'reason.startsWith("there is no executable")',
      'name === "Median stable latency"',
      'switch (text) { case "the run ended early": }',
      "/handler of .* failed/.test(line)",
      "/^(invalid: why|x)/.exec(text)",
    ]
  ) assertEquals(comparedSentences(source).length, 1, source);
  for (const source of ['kind === "no-executable"', "/^[a-z]+$/.test(id)", 'names.includes("a")']) {
    assertEquals(comparedSentences(source), [], source);
  }
});

Deno.test("a sentence is replaced; names, markup, options and code are not", () => {
  const replaced = (source: string) => withoutSentences(source).text;
  assertEquals(replaced('f("no such key")'), `f("${MARK}")`);
  assertEquals(replaced("f(`${n} ms late: ${why}`)"), `f(\`\${n} ${MARK} \${why}\`)`);
  assertEquals(replaced('f("--bin FILE is missing: name it")'), `f("${MARK}")`);
  for (
    const kept of [
      'import { a } from "./a b c.ts"',
      'const kind = "in-flight"',
      'const line = "-w echo --node-count 1"',
      'f("frame-src ok; form-action ok")',
      'const names = "get set has".split(" ")',
      'element("p", { class: "dim no-print" })',
      'type Kind = "a kind of text"',
      "f(`<p class=${name}> of it`)",
    ]
  ) assertEquals(replaced(kept), kept);
});

Deno.test(
  "every folder of tests runs without sentences, or has a reason not to",
  { ignore: !readable },
  () => {
    const named = [...GROUPS.flat(), ...Object.keys(LEFT_OUT)];
    const tests = sources("tests/").filter((path) => path.endsWith("_test.ts"));
    assertEquals(tests.filter((path) => !named.some((each) => path.startsWith(each))), []);
    assertEquals(named.filter((each) => !tests.some((path) => path.startsWith(each))), []);
  },
);

Deno.test("every test passes if all sentences are the same text", { ignore: !soaking }, async (context) => {
  using copy = new TextlessCopy();
  assert(copy.sentences > SENTENCES_MIN, `${copy.sentences} sentences were found`);
  assertEquals(await copy.build(EXECUTABLES), undefined);
  const counts: string[] = [];
  for (const group of GROUPS) {
    await context.step(group.join(" "), async () => {
      const { passed, failed, output } = await copy.test(group, Object.keys(LEFT_OUT));
      assert(passed > 0, output);
      counts.push(`${passed} of ${group.join(" ")}`);
      assertEquals(failed, [], `a sentence decides: use a kind or a code instead. ${output}`);
    });
  }
  say(`passed without ${copy.sentences} sentences: ${counts.join(", ")}`);
});

/** Identifiers and file names use the field's terms, and test names are readable sentences. */

import { assertEquals } from "@std/assert";
import { readable, sources, textOf } from "./repository.ts";

/** Words that name nothing in an identifier, with the term to use. A word is a part in camelCase or snake_case. */
const BANNED: ReadonlyMap<string, string> = new Map([
  ["anew", "again"],
  ["begun", "started"],
  ["behaviour", "behavior"],
  ["blame", "the effect, such as `extendDeadlines`"],
  ["colour", "color"],
  ["fate", "outcome or status"],
  ["forsworn", "revoked"],
  ["guardian", "reaper"],
  ["homeless", "orphaned"],
  ["lest", "a condition"],
  ["life", "incarnation or instance"],
  ["lives", "incarnations or instances"],
  ["loyal", "leader stickiness, such as `hasRecentLeader`"],
  ["loyalty", "leader stickiness, such as `hasRecentLeader`"],
  ["mend", "repair or fix"],
  ["neighbour", "neighbor"],
  ["neighbours", "neighbors"],
  ["news", "updates"],
  ["nobody", "none, or the thing that is missing"],
  ["notebook", "progress"],
  ["office", "leader state"],
  ["patience", "timeout"],
  ["receipt", "ack or acknowledgement"],
  ["seat", "index"],
  ["somebody", "the node, peer or client"],
  ["standing", "eligible"],
  ["stranger", "unknown or unsupported"],
  ["strangers", "unknown or unsupported"],
  ["wall", "real time"],
  ["way", "strategy, path or direction"],
  ["ways", "strategies, paths or directions"],
  ["whoever", "the node, peer or client"],
]);

/** Names that contain a banned word for a reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  oneWay: "Jepsen's term for a partition, and the term for a message without a reply",
  oneWayCuts: "one-way partitions",
  one_way: "one-way partitions",
};

/** The longest test name. */
const TEST_NAME_MAX = 90;

const ours = readable ? sources().filter((path) => /^(lib|nodes|tests)\//.test(path)) : [];

/** Returns the words of a name in camelCase, snake_case or CAPITALS. */
function wordsOf(name: string): string[] {
  return (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).map((word) => word.toLowerCase());
}

/** Returns the problems of a name. */
function problemsOf(name: string): string[] {
  if (Object.hasOwn(ALLOWED, name)) return [];
  return wordsOf(name).flatMap((word) => {
    const instead = BANNED.get(word);
    return instead === undefined ? [] : [`${name}: use ${instead} instead of "${word}"`];
  });
}

/** Returns the names that a source declares or uses: identifiers and private names, once each. */
function identifiersIn(path: string, text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const collect = ({ name }: { readonly name: string }) => void names.add(name);
  const plugin: Deno.lint.Plugin = {
    name: "names",
    rules: { names: { create: () => ({ Identifier: collect, PrivateIdentifier: collect }) } },
  };
  Deno.lint.runPlugin(plugin, path, text);
  return names;
}

let identifiers: ReadonlyMap<string, ReadonlySet<string>> | undefined;

/** Returns the names in each source, by its path. Parsed once for all tests of this file. */
function ourIdentifiers(): ReadonlyMap<string, ReadonlySet<string>> {
  return identifiers ??= new Map(ours.map((path) => [path, identifiersIn(path, textOf(path))]));
}

/** Returns the literal names of the tests in a source. A placeholder of a template counts as `x`. */
function testNamesIn(text: string): string[] {
  const call = /^ *(?:Deno\.test|\w*(?:[tT]est|[aA]ttempts))\(\s*("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)/gm;
  return [...text.matchAll(call)].map(([, name = ""]) => name.slice(1, -1).replaceAll(/\$\{[^}]*\}/g, "x"));
}

/** Returns the problems of a test's name. */
function testNameProblems(name: string): string[] {
  const word = /\b(whoever|whomever|somebody|someone|nobody|anybody|him|himself|anew|lest|news|beside)\b/i
    .exec(
      name,
    )?.[0];
  return [
    ...(name.length >= TEST_NAME_MAX ? [`has ${name.length} characters, at most ${TEST_NAME_MAX - 1}`] : []),
    ...(/^(what|whether|how|who|whose|where|why)\b/i.test(name) ? ["must start with its subject"] : []),
    ...(word === undefined ? [] : [`contains "${word}": name the thing`]),
  ].map((problem) => `"${name}" ${problem}`);
}

Deno.test("identifiers contain no banned word", { ignore: !readable }, () => {
  const found = [...ourIdentifiers()].flatMap(([path, names]) =>
    [...names].flatMap(problemsOf).map((problem) => `${path}: ${problem}`)
  );
  assertEquals(found, []);
});

Deno.test("names of files and folders contain no banned word", { ignore: !readable }, () => {
  const parts = new Set(ours.flatMap((path) => path.replace(/(_test|_bench)?(\.d)?\.ts$/, "").split("/")));
  assertEquals([...parts].flatMap(problemsOf), []);
});

Deno.test("every allowed name is in use", { ignore: !readable }, () => {
  const used = new Set([...ourIdentifiers()].flatMap(([path, names]) => [...names, ...path.split(/[/.]/)]));
  assertEquals(Object.keys(ALLOWED).filter((name) => !used.has(name)), []);
});

Deno.test("test names are short and start with their subject", { ignore: !readable }, () => {
  const found = ours.filter((path) => path !== "tests/lint/names_test.ts").flatMap((path) =>
    testNamesIn(textOf(path)).flatMap(testNameProblems).map((problem) => `${path}: ${problem}`)
  );
  assertEquals(found, []);
});

Deno.test("a banned word is found in each case style, and not within a longer word", () => {
  assertEquals(wordsOf("takeOffice"), ["take", "office"]);
  assertEquals(wordsOf("PATIENCE_MS"), ["patience", "ms"]);
  assertEquals(problemsOf("#lifeOf").length, 1);
  assertEquals(problemsOf("wall_clock").length, 1);
  assertEquals(["lifetime", "always", "seats", "newsroom", "away"].flatMap(problemsOf), []);
  const source = 'const myFate = 1; // fate\n"fate"; class A { #seatOf() { this.news; } }';
  assertEquals([...identifiersIn("x.ts", source)].flatMap(problemsOf).length, 3);
});

Deno.test("a test name is checked for its length, its start and its pronouns", () => {
  assertEquals(testNameProblems("a hub that fails is replaced within six rounds"), []);
  assertEquals(testNameProblems("what no node says is ignored").length, 1);
  assertEquals(testNameProblems("a message from somebody else is ignored").length, 1);
  assertEquals(testNameProblems(`a test ${"x".repeat(TEST_NAME_MAX)} is long`).length, 1);
  assertEquals(testNamesIn('Deno.test("a b c", () => {});\nfolderTest(\n  `d ${e} f`,\n'), [
    "a b c",
    "d x f",
  ]);
});

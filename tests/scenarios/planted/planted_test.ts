import { assert, assertEquals, assertThrows } from "@std/assert";
import { sources, textOf } from "../../lint/repository.ts";
import { sliceOf, soaking } from "../../seeds.ts";
import { BUGS } from "./bugs.ts";
import { changedFile, type PlantedBug } from "./plant.ts";
import { type Found, search } from "./search.ts";

const granted = (["read", "write"] as const).every((name) =>
  Deno.permissions.querySync({ name }).state === "granted"
);
const ignore = !granted;

/** The full run starts at seed 1; the quick one near a seed that failed before, with a few more in case the code changed. */
const FULL = { seedsMax: 200, triesMax: 400 };
const SLICE = { seedsMax: 20, triesMax: 40 };
/** The maximum number of operations of a shrunk run. */
const OPERATIONS_MAX = 16;
const FAULTS_MAX = 4;
/** The minimum number of lines of an opening: the view, and two sentences. */
const STORY_LINES_MIN = 2;

const TABLE = new URL("./table.txt", import.meta.url);
const rewriting = granted &&
  Deno.permissions.querySync({ name: "env", variable: "CHARYBDIS_REWRITE" }).state === "granted" &&
  Deno.env.get("CHARYBDIS_REWRITE") === "1";

const HEAD = [
  "id",
  "bug",
  "sweep",
  "seeds",
  "operations left",
  "faults left",
  "nodes left",
  "what is named",
];
const rows: string[][] = [];

/** The golden of each bug's causes, written by the full run, like the table. */
const CAUSES = new URL("./causes.txt", import.meta.url);
const causes: string[] = [];

/** The golden of the views on which the pages of the shrunk runs open, with their stories. */
const OPENINGS = new URL("./openings.txt", import.meta.url);
const openings: string[] = [];

function rowOf({ id, name, sweep }: PlantedBug, found: Found): string[] {
  const { seeds, operations, faults, nodes, named } = found;
  const workload = sweep.replace("-w ", "").replace(" --faults all", "").replace(
    / --consistency-models \S+/,
    "",
  );
  return [
    id,
    name,
    workload,
    `${seeds}`,
    `${operations}`,
    `${faults}`,
    `${nodes}`,
    [...named].sort().join(", "),
  ];
}

/** Returns a table in Markdown, with aligned columns. */
function tableOf(lines: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = lines;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body.map(line)]
    .map((text) => `${text}\n`).join("");
}

/** The bugs that are searched for: all of them, or a slice of those with a seed near which to search. */
const searched = soaking ? BUGS : sliceOf(BUGS.filter(({ from }) => from !== undefined), 5);

for (const bug of searched) {
  Deno.test(`a sweep finds and shrinks: ${bug.name} (${bug.sweep})`, { ignore }, async () => {
    const found = await search(bug, soaking ? { from: 1, ...FULL } : { from: bug.from ?? 1, ...SLICE });
    assert(found !== undefined, "no seed shows it");
    const story = [`seed ${found.seed}, ${found.tries} tries: ${found.named.join(", ")}`, ...found.story]
      .join("\n");
    assert(found.operations <= OPERATIONS_MAX, `${found.operations} operations are left of ${story}`);
    assert(found.faults <= FAULTS_MAX, `${found.faults} faults are left of ${story}`);
    assert(found.replays, `it does not run the same again: ${story}`);
    assertEquals(found.withoutBug, [], `it fails without the bug, too: ${story}`);
    rows.push(rowOf(bug, found));
    assert(found.opening.length > STORY_LINES_MIN, `the story explains nothing: ${found.opening.join("\n")}`);
    openings.push([`${bug.id}: ${bug.name}`, ...withoutStacks(found.opening), ""].join("\n"));
    causes.push(
      [`${bug.id}: ${bug.name}`, `(${bug.sweep})`, ...withoutStacks(found.causes), ""].join("\n"),
    );
  });
}

Deno.test("the table lists every planted bug and its sweep", { ignore }, () => {
  if (rewriting && rows.length === BUGS.length) Deno.writeTextFileSync(TABLE, tableOf([HEAD, ...rows]));
  const [head, , ...body] = Deno.readTextFileSync(TABLE).trim().split("\n").map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
  assertEquals(head, HEAD);
  assertEquals(body.map(([id]) => id), BUGS.map(({ id }) => id), "CONTRIBUTING.md says how to rewrite it");
});

/** Removes stack traces. They name the folder of a run and the functions of the product. */
function withoutStacks(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^\s+(at (?!\d)|\(?file:)/.test(line));
}

Deno.test("the causes of every planted bug equal their golden", { ignore }, () => {
  if (rewriting && causes.length === BUGS.length) Deno.writeTextFileSync(CAUSES, causes.join("\n"));
  const written = Deno.readTextFileSync(CAUSES);
  const told = written.split(/\n(?=\S[^\n]*\n\(-w )/);
  assertEquals(
    told.map((story) => story.split(":")[0]),
    BUGS.map(({ id }) => id),
    "CONTRIBUTING.md says how to rewrite it",
  );
  for (const story of told) assert(story.split("\n").length > 3, `no cause is stated for ${story}`);
  if (soaking) assertEquals(causes.join("\n"), written);
});

Deno.test("the opening of every planted bug's page equals its golden", { ignore }, () => {
  if (rewriting && openings.length === BUGS.length) Deno.writeTextFileSync(OPENINGS, openings.join("\n"));
  const written = Deno.readTextFileSync(OPENINGS);
  const told = written.split(/\n(?=\S[^\n]*\nopens at )/);
  assertEquals(
    told.map((text) => text.split(":")[0]),
    BUGS.map(({ id }) => id),
    "CONTRIBUTING.md says how to rewrite it",
  );
  if (soaking) assertEquals(openings.join("\n"), written);
});

Deno.test("each planted bug has an id of its own and a marked line", { ignore }, () => {
  for (const bug of BUGS) assert(changedFile(bug).includes(bug.replace), bug.id);
  assertEquals(new Set(BUGS.map(({ id }) => id)).size, BUGS.length);
  assert(BUGS.length >= 20);
});

Deno.test("each marker in the product belongs to a planted bug", { ignore }, () => {
  const marked = [...sources("lib/"), ...sources("nodes/")].flatMap((file) =>
    [...textOf(file).matchAll(/\/\/ plant: (\S+)/g)].map(([, marker]) => `${file} ${marker}`)
  );
  const used = new Set(BUGS.map(({ file, id, marker = id }) => `${file} ${marker}`));
  assertEquals(marked.filter((each) => !used.has(each)), []);
});

Deno.test("a planted bug without its marker, or with an unknown name, is refused", { ignore }, () => {
  const bug = {
    id: "half",
    name: "x",
    file: "lib/consensus/raft/quorum.ts",
    replace: "return 1;",
    sweep: "",
  };
  assertThrows(() => changedFile(bug), Error, 'has 0 lines that end in "// plant: half"');
  assertThrows(
    () => changedFile({ ...bug, marker: "half-decides", replace: "return gone(voters);" }),
    Error,
    "has no gone. Rename it in the replacement.",
  );
  assertThrows(() => changedFile({ ...bug, file: "lib/sim/random.ts" }), Error, "is not in lib/crdt");
});

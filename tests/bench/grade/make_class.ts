/**
 * Makes a class of submissions of mixed quality, with the grades that they deserve: `expected.json`.
 *
 *     deno run -A tests/bench/grade/make_class.ts DIR [--count 60] [--bin bin] [--cases DIR]
 *
 * `--bin` adds submissions with this project's executables, `--cases` one per program of a folder, whose grades are not known.
 * `check_class.ts` compares the grades.
 */

import { parseArgs } from "@std/cli/parse-args";
import { SeededRandom } from "../../../lib/sim/random.ts";
import { tarOf, type TestEntry, zipOf } from "./archives.ts";

const SOLUTION = new URL("../../fixtures/nodes/student.py", import.meta.url);

/** The grade that a challenge deserves; null if it is not known. */
type Deserved = Readonly<Record<string, boolean | null>>;

/** The grades that a student deserves; null for a submission that must be refused. */
export type Expected = Readonly<Record<string, Deserved | null>>;

/** By program and variant, the challenges that pass. */
const PROGRAMS: Readonly<
  Record<string, { readonly ids: string; readonly passing: Readonly<Record<string, string>> }>
> = {
  "echo": { ids: "1", passing: { good: "1", wrong: "", crash: "", silent: "" } },
  "unique-ids": { ids: "2", passing: { good: "2", wrong: "", crash: "", silent: "" } },
  "broadcast": {
    ids: "3a 3b 3c 3d 3e",
    passing: {
      good: "3a 3b 3c 3d 3e",
      slow: "3a 3b 3c 3e",
      flood: "3a 3b 3c",
      once: "3a 3b",
      alone: "3a",
      crash: "",
      silent: "",
    },
  },
  "g-counter": { ids: "4", passing: { good: "4", alone: "", crash: "" } },
  "kafka": { ids: "5a 5b 5c", passing: { good: "5a 5b 5c", alone: "5a", crash: "", silent: "" } },
  "txn-rw-register": { ids: "6a 6b 6c", passing: { good: "6a 6b 6c", crash: "", silent: "" } },
};

const IDS = Object.values(PROGRAMS).flatMap(({ ids }) => ids.split(" "));

/** Programs that attack the bench or the machine, with the grade of challenge 1. */
const ATTACKS: Readonly<Record<string, readonly [script: string, passes: boolean]>> = {
  "never-starts": ["#!/bin/sh\nsleep 1000\n", false],
  "floods": ["#!/bin/sh\nexec yes\n", false],
  "fork-bomb": ["#!/bin/sh\nb() { b | b & }\nb\nsleep 1000\n", false],
  "memory": ["#!/usr/bin/env python3\nx = []\nwhile True: x.append(bytes(10**8))\n", false],
  "disk": ["#!/bin/sh\nwhile :; do cat /dev/zero >/tmp/$$; done\n", false],
  "not-a-program": ["\u007fELF nonsense", false],
};

const args = parseArgs(Deno.args, { string: ["count", "bin", "cases"], default: { count: "60" } });
const directory = String(args._[0] ?? "class");
const random = new SeededRandom(1);
const expected: Record<string, Deserved | null> = {};
let number = 0;

/** Returns the name of the next student. */
function nextName(kind: string): string {
  return `s${String(++number).padStart(2, "0")}-${kind}`;
}

function passing(ids: string): Deserved {
  const passed = new Set(ids.split(" "));
  return Object.fromEntries(IDS.map((id) => [id, passed.has(id)]));
}

/** Writes a submission as a folder, a tar or a zip archive. */
async function write(name: string, files: Readonly<Record<string, string>>, form = "folder"): Promise<void> {
  const entries: TestEntry[] = Object.entries(files).map(([path, text]) => ({ path, text }));
  if (form === "tar.gz") {
    const stream = new Blob([new Uint8Array(tarOf(entries))]).stream().pipeThrough(
      new CompressionStream("gzip"),
    );
    Deno.writeFileSync(
      `${directory}/${name}.tar.gz`,
      new Uint8Array(await new Response(stream).arrayBuffer()),
    );
  } else if (form === "zip") Deno.writeFileSync(`${directory}/${name}.zip`, await zipOf(entries));
  else {
    for (const { path, text = "" } of entries) {
      Deno.mkdirSync(`${directory}/${name}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${directory}/${name}/${path}`, text);
    }
  }
}

/** The layouts of submissions: the path of a program. */
const LAYOUTS: readonly ((program: string, ids: string) => string)[] = [
  (program) => `${program}.py`,
  (program) => `bin/${program}`,
  (program) => `solution/src/${program}.py`,
  (_, ids) => `challenge-${ids[0]}.py`,
];

function pick<T>(items: readonly T[]): T {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error("nothing to pick from");
  return item;
}

/** Writes a submission whose programs have the given variants; undefined leaves a program out. */
async function writeVariants(
  kind: string,
  variantOf: (program: string) => string | undefined,
): Promise<void> {
  const text = Deno.readTextFileSync(SOLUTION);
  const layout = pick(LAYOUTS);
  const files: Record<string, string> = {};
  const passed: string[] = [];
  for (const [program, { ids, passing }] of Object.entries(PROGRAMS)) {
    const variant = variantOf(program);
    if (variant === undefined) continue;
    // the solution tells counters from sets by its own name
    const path = program === "g-counter"
      ? `${program}.py`
      : layout(program, ids.split(" ")[0] === ids ? ids : ids[0] ?? "");
    files[path] = text.replace(/^VARIANT = .*$/m, `VARIANT = "${variant}"`);
    passed.push(passing[variant] ?? "");
  }
  const name = nextName(kind);
  await write(name, files, pick(["folder", "folder", "tar.gz", "zip"]));
  expected[name] = passing(passed.join(" "));
}

/** Writes the submissions that must be refused. */
async function writeRefused(): Promise<void> {
  const zip = nextName("zip-outside");
  Deno.writeFileSync(`${directory}/${zip}.zip`, await zipOf([{ path: "../outside", text: "x" }]));
  const tar = nextName("tar-outside");
  Deno.writeFileSync(`${directory}/${tar}.tar`, tarOf([{ path: "echo", target: "../s01-good/echo" }]));
  const link = nextName("link-outside");
  Deno.mkdirSync(`${directory}/${link}`);
  Deno.symlinkSync("/etc/passwd", `${directory}/${link}/echo`);
  for (const name of [zip, tar, link]) expected[name] = null;
}

Deno.mkdirSync(directory, { recursive: true });
for (let i = 0; i < 6; i++) await writeVariants("good", () => "good");
if (args.bin !== undefined) {
  const ours = Object.keys(PROGRAMS);
  for (let i = 0; i < 2; i++) {
    const name = nextName("ours");
    Deno.mkdirSync(`${directory}/${name}/bin`, { recursive: true });
    for (const program of ours) {
      Deno.linkSync(`${args.bin}/${program}`, `${directory}/${name}/bin/${program}`);
    }
    expected[name] = passing(IDS.join(" "));
  }
}
await writeRefused();
for (const [kind, [script, passes]] of Object.entries(ATTACKS)) {
  const name = nextName(kind);
  await write(name, { echo: script });
  expected[name] = passing(passes ? "1" : "");
}
for (const { name: program, isFile } of typeof args.cases === "string" ? Deno.readDirSync(args.cases) : []) {
  if (!isFile || number >= Number(args.count) / 2) continue;
  const name = nextName("case");
  await write(name, { "echo": Deno.readTextFileSync(`${args.cases}/${program}`) });
  Deno.chmodSync(`${directory}/${name}/echo`, 0o755);
  expected[name] = { ...passing(""), "1": null };
}
while (number < Number(args.count)) {
  await writeVariants(
    "mixed",
    (program) => random.below(6) === 0 ? undefined : pick(Object.keys(PROGRAMS[program]?.passing ?? {})),
  );
}
Deno.writeTextFileSync(`${directory}.expected.json`, `${JSON.stringify(expected, undefined, 1)}\n`);

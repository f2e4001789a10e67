/**
 * Mutates every node, every checker and the simulator, and counts the mutations that tests detect.
 *
 *     deno run --allow-all tests/mutation/mutate.ts [--subject NAME]… [--places N] [--seed N] [--again FILE] [--list] [--json]
 *
 * For each subject (`subjects.ts`) it draws ten places by a seed (`draw.ts`), makes one change at each (`mutations.ts`) in a copy
 * of the repository, and runs the subject's tests there until the first that fails. A change that passes them all is
 * missed, unless it is known to change nothing (`equivalents.ts`). Exit status: 0 when none is missed, 1 when some are,
 * 2 for wrong arguments or tests that fail without any change.
 *
 * `--subject` names one of them (several times for several); `--places` how many places each; `--list` says what would be
 * broken and runs nothing; `--again` runs only what was missed in an earlier `--json` output; `--json` writes the outcome to stdout
 * as JSON, and progress to stderr.
 */

import { parseArgs } from "@std/cli/parse-args";
import { say } from "../../lib/bench/terminal/output.ts";
import { sources, textOf } from "../lint/repository.ts";
import { draw, type FileMutation } from "./draw.ts";
import { reasonFor } from "./equivalents.ts";
import { applied, mutationsOf } from "./mutations.ts";
import { Sandbox } from "./sandbox.ts";
import { filesOf, type Subject, SUBJECTS } from "./subjects.ts";

/** The status of one mutation. */
interface MutationStatus {
  readonly file: string;
  readonly line: number;
  readonly id: string;
  readonly operator: string;
  readonly place: string;
  readonly replacement: string;
  readonly status: "noticed" | "equivalent" | "missed";
  /** The first failed test, or the reason why none can fail; empty if the mutation was missed. */
  readonly by: string;
  readonly seconds: number;
}

interface SubjectOutcome {
  readonly subject: string;
  readonly noticed: number;
  readonly equivalent: number;
  readonly missed: number;
  readonly changes: readonly MutationStatus[];
}

/** Tests that take this multiple of their usual time count as hanging. */
const SLOWER_TIMES = 4;
const SLOWER_MS = 10_000;
const UNCHANGED_MS_MAX = 300_000;

const PLACES = 10;
const SEED = 1;

function drawFor(
  { name, own, rests = [] }: Subject,
  options: { seed: number; count: number },
): FileMutation[] {
  const all = [...sources("lib/"), ...sources("nodes/")];
  const mutations = (paths: readonly string[]) =>
    filesOf(paths, all).flatMap((file) => mutationsOf(textOf(file)).map((each) => ({ ...each, file })));
  return draw({ own: mutations(own), rests: mutations(rests) }, { ...options, subject: name });
}

async function statusOf(
  mutation: FileMutation,
  { sandbox, tests, limitMs }: { sandbox: Sandbox; tests: readonly string[]; limitMs: number },
): Promise<MutationStatus> {
  const { file, line, id, operator, place, replacement } = mutation;
  const what = { file, line, id, operator, place, replacement };
  const reason = reasonFor(mutation);
  if (reason !== undefined) return { ...what, status: "equivalent", by: reason, seconds: 0 };
  const text = applied(textOf(file), mutation);
  const outcome = await sandbox.run(tests, { limitMs, change: { file, text } });
  const seconds = Math.round(outcome.ms / 100) / 10;
  return outcome.noticed
    ? { ...what, status: "noticed", by: outcome.by, seconds }
    : { ...what, status: "missed", by: "", seconds };
}

async function judge(
  { name, tests }: Subject,
  { sandbox, places }: { sandbox: Sandbox; places: readonly FileMutation[] },
): Promise<SubjectOutcome> {
  const unchanged = await sandbox.run(tests, { limitMs: UNCHANGED_MS_MAX });
  if (unchanged.noticed) throw new Error(`${name}: its tests fail without any change: ${unchanged.by}`);
  const limitMs = SLOWER_TIMES * unchanged.ms + SLOWER_MS;
  const changes: MutationStatus[] = [];
  for (const place of places) {
    const status = await statusOf(place, { sandbox, tests, limitMs });
    changes.push(status);
    say(`  ${lineOf(status)}`, "stderr");
  }
  const count = (status: MutationStatus["status"]) => changes.filter((each) => each.status === status).length;
  return {
    subject: name,
    noticed: count("noticed"),
    equivalent: count("equivalent"),
    missed: count("missed"),
    changes,
  };
}

function lineOf({ file, line, id, place, replacement, status, by, seconds }: MutationStatus): string {
  const change = `${file}:${line}: ${
    place.length > 160 ? `${place.slice(0, 160)}…` : place
  } → ${replacement}`;
  const how = status === "missed" ? "MISSED" : `${status}: ${by}`;
  return `${change}\n    ${id}\n    ${how} (${seconds} s)`;
}

/** Prints the subjects in a table, and the missed mutations below it. */
function reportOf(outcomes: readonly SubjectOutcome[]): string {
  const total = (key: "noticed" | "equivalent" | "missed") =>
    outcomes.reduce((sum, each) => sum + each[key], 0);
  const row = (name: string, cells: readonly (string | number)[]) =>
    `${name.padEnd(28)}${cells.map((cell) => `${cell}`.padStart(12)).join("")}`;
  const missed = outcomes.flatMap(({ changes }) => changes.filter(({ status }) => status === "missed"));
  return [
    row("subject", ["noticed", "equivalent", "missed"]),
    ...outcomes.map((each) => row(each.subject, [each.noticed, each.equivalent, each.missed])),
    row("together", [total("noticed"), total("equivalent"), total("missed")]),
    ...missed.map(lineOf),
  ].join("\n");
}

/** Returns the mutations that an earlier run missed, by their ids. */
function missedIn(file: string): ReadonlySet<string> {
  const { subjects }: { subjects: readonly SubjectOutcome[] } = JSON.parse(Deno.readTextFileSync(file));
  return new Set(
    subjects.flatMap(({ subject, changes }) =>
      changes.filter(({ status }) => status === "missed").map((each) => keyOf(subject, each))
    ),
  );
}

function keyOf(
  subject: string,
  { file, id }: Pick<MutationStatus, "file" | "id">,
) {
  return JSON.stringify([subject, file, id]);
}

async function main(args: readonly string[]): Promise<number> {
  const strange: string[] = [];
  const given = parseArgs([...args], {
    string: ["subject", "again", "places", "seed"],
    collect: ["subject"],
    boolean: ["json", "list"],
    unknown: (arg) => void strange.push(arg),
  });
  const names = [given["subject"] ?? []].flat().map(String);
  const wanted = SUBJECTS.filter(({ name }) => names.length === 0 || names.includes(name));
  strange.push(...names.filter((name) => !SUBJECTS.some((each) => each.name === name)));
  const count = Number(given["places"] ?? PLACES);
  const seed = Number(given["seed"] ?? SEED);
  if (strange.length > 0 || !(count > 0) || !Number.isInteger(seed)) {
    say(`mutate: cannot use ${strange.join(", ") || "these numbers"}; its subjects are:`, "stderr");
    say(SUBJECTS.map(({ name }) => `  ${name}`).join("\n"), "stderr");
    return 2;
  }
  const again = given["again"] === undefined ? undefined : missedIn(String(given["again"]));
  const chosen = wanted.map((subject) => ({
    subject,
    places: drawFor(subject, { seed, count }).filter((each) => again?.has(keyOf(subject.name, each)) ?? true),
  })).filter(({ places }) => places.length > 0);
  if (given["list"] === true) {
    for (const { subject, places } of chosen) {
      say(subject.name);
      for (const { file, line, place, replacement, id } of places) {
        say(`  ${file}: ${id}\n    line ${line}: ${place} → ${replacement}`);
      }
    }
    return 0;
  }
  using sandbox = new Sandbox();
  const outcomes: SubjectOutcome[] = [];
  try {
    for (const { subject, places } of chosen) {
      say(subject.name, "stderr");
      outcomes.push(await judge(subject, { sandbox, places }));
    }
  } catch (error) {
    say(`mutate: ${error instanceof Error ? error.message : error}`, "stderr");
    return 2;
  }
  say(given["json"] === true ? JSON.stringify({ seed, subjects: outcomes }, null, 1) : reportOf(outcomes));
  return outcomes.some(({ missed }) => missed > 0) ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

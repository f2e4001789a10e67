/** Finds the program of each challenge in a submission. Tested by `tests/bench/grade/submissions_test.ts`. */

import { isObject } from "../../../protocol/schema.ts";
import { reasonOf } from "../../errors.ts";
import { isProgram, SubmissionError } from "./staged_folder.ts";
import { type StagedSubmission, STUDENT_FILE } from "./stage.ts";

/** The maximum number of folders above a program that is found by its name. */
const DEPTH_MAX = 4;

/** The names of a workload's program in Fly.io's instructions, besides the workload's own name. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  "g-counter": ["counter"],
  "txn-rw-register": ["txn"],
  "kafka": ["log"],
  "unique-ids": ["unique-id", "generate", "uniqueids"],
};

/** A student's description of a submission. */
export interface StudentFile {
  /** By challenge or workload, the path of the program. */
  readonly programs: Readonly<Record<string, string>>;
  /** By challenge or workload, the arguments of its nodes. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** Reads the student's {@linkcode STUDENT_FILE}. Throws `SubmissionError` if it is malformed. */
export function readStudentFile({ folder, files }: StagedSubmission): StudentFile {
  if (!files.includes(STUDENT_FILE)) return { programs: {}, arguments: {} };
  let value: unknown;
  try {
    value = JSON.parse(Deno.readTextFileSync(`${folder}/${STUDENT_FILE}`));
  } catch (error) {
    throw new SubmissionError(`${STUDENT_FILE} is not JSON: ${reasonOf(error)}`);
  }
  const texts = (key: string): Readonly<Record<string, string>> => {
    const part = isObject(value) ? value[key] ?? {} : undefined;
    if (isObject(part) && Object.values(part).every((each) => typeof each === "string")) {
      return part as Readonly<Record<string, string>>;
    }
    throw new SubmissionError(`${STUDENT_FILE}: ${key} must be an object such as {"3d": "bin/broadcast"}`);
  };
  return { programs: texts("programs"), arguments: texts("arguments") };
}

/** A challenge, as far as its program is concerned. */
export interface ProgramFor {
  readonly id: string;
  readonly workload: string;
}

/** The program of a challenge, or the reason why there is none. */
export type FoundProgram =
  | { readonly kind: "found"; readonly path: string }
  | { readonly kind: "missing"; readonly problem: string };

/**
 * Returns the program of a challenge: the one that `map` or the student names, or else the one whose name fits best:
 * `challenge-3d…`, `challenge-3…`, the workload's name, at any depth and with any extension.
 */
export function programFor(
  challenge: ProgramFor,
  staged: StagedSubmission,
  { map, own }: { readonly map: Readonly<Record<string, string>>; readonly own: StudentFile },
): FoundProgram {
  const { id, workload } = challenge;
  const [only] = staged.files;
  if (staged.isSingle && only !== undefined) return runnable(only, staged);
  const named = map[id] ?? own.programs[id] ?? own.programs[workload];
  if (named !== undefined) {
    const path = named.replace(/^\.\//, "");
    return staged.files.includes(path) ? runnable(path, staged) : missing(`there is no file ${path}`);
  }
  const ranked = staged.files.flatMap((path) => {
    const rank = rankOf(path, challenge);
    return rank === undefined ? [] : [{ path, rank }];
  }).sort((a, b) => a.rank - b.rank || a.path.length - b.path.length);
  const at = ({ path }: { readonly path: string }) => `${staged.folder}/${path}`;
  const program = ranked.find((each) => isProgram(at(each))) ?? ranked.find((each) => isExecutable(at(each)));
  if (program !== undefined) return { kind: "found", path: program.path };
  const [source] = ranked;
  return source === undefined
    ? missing(`no file is named ${workload} or challenge-${id}`)
    : runnable(source.path, staged);
}

function runnable(path: string, { folder }: StagedSubmission): FoundProgram {
  if (isExecutable(`${folder}/${path}`)) return { kind: "found", path };
  return missing(
    `${path} is not a program: it needs a first line such as #!/usr/bin/env python3, or must be compiled for Linux`,
  );
}

/** Returns true for a program, and for a script without a `#!` line that the student made executable. */
function isExecutable(path: string): boolean {
  return ((Deno.statSync(path).mode ?? 0) & 0o100) !== 0;
}

function missing(problem: string): FoundProgram {
  return { kind: "missing", problem };
}

/** Returns how well a path fits a challenge, 0 being best; undefined if it does not. */
export function rankOf(path: string, { id, workload }: ProgramFor): number | undefined {
  const parts = path.toLowerCase().replaceAll("_", "-").split("/");
  if (parts.length > DEPTH_MAX) return undefined;
  const stem = (parts.at(-1) ?? "").replace(/(?<=.)\.[a-z0-9]+$/, "");
  const numbered = (text: string, number: string) =>
    new RegExp(`^(challenge|maelstrom|fly|c)?[-.]?0?${number}(?![a-z0-9])`).test(text);
  const names = [workload, ...OTHER_NAMES[workload] ?? []].flatMap((name) => [name, `maelstrom-${name}`]);
  const group = id.replace(/[a-z]$/, "");
  if (numbered(stem, id)) return 0;
  if (parts.slice(0, -1).some((part) => numbered(part, id))) return 1;
  if (group !== id && numbered(stem, group)) return 2;
  if (group !== id && parts.slice(0, -1).some((part) => numbered(part, group))) return 3;
  if (names.includes(stem)) return 4;
  return undefined;
}

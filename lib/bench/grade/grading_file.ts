/**
 * The grading file: which challenges count, for how many points, within which bounds.
 *
 * Tested by `tests/bench/grade/grading_file_test.ts`.
 */

import { array, boolean, double, isObject, natural, type Schema, string } from "../../protocol/schema.ts";
import { ArgumentError, nearest, wrap } from "../../runtime/settings.ts";
import { reasonOf } from "../errors.ts";
import { loadWorkloadsOf } from "../run/workload_file.ts";
import { type GivenOptions, makeTest, parseGiven, printTest } from "../run/command_line.ts";
import {
  type Challenge,
  type ChallengeBounds,
  CHALLENGES,
  type ChallengeTest,
  isExclusive,
} from "./challenges.ts";
import { type JsonPath, JsonSyntaxError, type JsonWithLines, parseWithLines } from "./json_lines.ts";

/** Points for a challenge that is solved in part. */
export interface PartialPoints {
  /** Points if every run is valid, but a figure is not below its bound. */
  readonly overBound?: number;
  /** Points if every run without faults is valid. */
  readonly withoutPartitions?: number;
}

/** A challenge with its points. */
export interface GradedChallenge extends Challenge {
  readonly points: number;
  readonly partial: PartialPoints;
  /** The number of runs per line. */
  readonly repeat: number;
}

/** The contents of a grading file. */
export interface Grading {
  /** The text from which seeds are drawn; undefined if the file does not have one. */
  readonly secret: string | undefined;
  readonly challenges: readonly GradedChallenge[];
}

/** A field of the file. */
interface Field {
  readonly schema: Schema<unknown>;
  readonly description: string;
}

const BOUNDS = {
  msgsPerOp: { schema: double, description: "Messages between servers per operation." },
  medianMs: { schema: double, description: "Median stable latency, in ms." },
  maxMs: { schema: double, description: "Largest stable latency, in ms." },
  total: { schema: boolean, description: "True if every operation must succeed." },
} as const satisfies Readonly<Record<string, Field>>;

const PARTIAL = {
  overBound: {
    schema: double,
    description: "Points if all runs are valid, but a figure is not below its bound.",
  },
  withoutPartitions: { schema: double, description: "Points if all runs without faults are valid." },
} as const satisfies Readonly<Record<string, Field>>;

const CHALLENGE = {
  points: { schema: double, description: "Points if the challenge passes. Default: 1." },
  title: { schema: string, description: "The title of a challenge of your own." },
  lines: {
    schema: array(string),
    description:
      "Options of `charybdis test`, one text per run: in addition to the challenge's lines, or the lines of a " +
      "challenge of your own. The first line of the latter gives the figures.",
  },
  repeat: { schema: natural, description: "Number of runs per line; all must pass. Default: --repeat." },
} as const satisfies Readonly<Record<string, Field>>;

/** Reads a grading file, and loads the workload files that it names. Throws `ArgumentError` with the line of a problem. */
export async function readGrading(path: string, { repeat }: { readonly repeat: number }): Promise<Grading> {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new ArgumentError(`--grading ${path} cannot be read: ${reasonOf(error)}`);
  }
  try {
    const { value, lineOf } = parsed(text);
    for (const { line, at } of linesIn(value)) await loadFor(line, lineOf(at));
    return parseGrading(text, { repeat });
  } catch (error) {
    if (error instanceof GradingError) {
      throw new ArgumentError(`${path}, line ${error.line}: ${error.message}`);
    }
    throw error;
  }
}

/** A problem of a grading file, with its line. */
export class GradingError extends Error {
  readonly line: number;

  constructor(text: string, line: number) {
    super(text);
    this.name = "GradingError";
    this.line = line;
  }
}

/** Returns the contents of a grading file. Throws {@linkcode GradingError}. */
export function parseGrading(text: string, { repeat }: { readonly repeat: number }): Grading {
  const json = parsed(text);
  const { value } = json;
  const reader = new Reader(json);
  const { secret, challenges = {} } = reader.object(value, [], ["secret", "challenges"]);
  if (secret !== undefined) reader.check(secret, ["secret"], string);
  const all = Object.entries(reader.object(challenges, ["challenges"])).map(([id, each]) =>
    readChallenge(reader, { id, value: each, repeat })
  );
  if (all.length === 0) throw reader.error(["challenges"], "names no challenge");
  // The order of the file is lost for keys such as "1", so that the challenges' own order is used.
  const order = new Map(CHALLENGES.map(({ id }, i) => [id, i]));
  const placeOf = ({ id }: Challenge) => order.get(id) ?? CHALLENGES.length;
  return {
    secret: typeof secret === "string" ? secret : undefined,
    challenges: all.toSorted((a, b) => placeOf(a) - placeOf(b)),
  };
}

function parsed(text: string): JsonWithLines {
  try {
    return parseWithLines(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new GradingError(`not JSON: ${error.message}`, error.line);
    throw error;
  }
}

/** Returns all lines of a file's challenges; a later check reports what has another form. */
function linesIn(value: unknown): readonly { readonly line: string; readonly at: JsonPath }[] {
  const challenges = isObject(value) && isObject(value["challenges"])
    ? Object.entries(value["challenges"])
    : [];
  return challenges.flatMap(([id, each]) => {
    const lines: readonly unknown[] = isObject(each) && Array.isArray(each["lines"]) ? each["lines"] : [];
    return lines.flatMap((line, i) =>
      typeof line === "string" ? [{ line, at: ["challenges", id, "lines", i] }] : []
    );
  });
}

/** Loads the workload file of a line. */
async function loadFor(line: string, number: number): Promise<void> {
  try {
    await loadWorkloadsOf(wordsOf(line));
  } catch (error) {
    throw error instanceof ArgumentError ? new GradingError(error.message, number) : error;
  }
}

function wordsOf(line: string): string[] {
  return line.split(/\s+/).filter((word) => word !== "");
}

/** Returns the grading without a file: one point per challenge. */
export function plainGrading(
  challenges: readonly Challenge[],
  { repeat }: { readonly repeat: number },
): Grading {
  return {
    secret: undefined,
    challenges: challenges.map((each) => ({ ...each, points: 1, partial: {}, repeat })),
  };
}

function readChallenge(
  reader: Reader,
  { id, value, repeat }: { readonly id: string; readonly value: unknown; readonly repeat: number },
): GradedChallenge {
  const path = ["challenges", id];
  const keys = [...Object.keys(CHALLENGE), "bounds", "partial"];
  const given = reader.fields(reader.object(value, path, keys), path, CHALLENGE);
  const { bounds, partial } = value as Readonly<Record<string, unknown>>;
  const part = <F extends Readonly<Record<string, Field>>>(value: unknown, key: string, fields: F) =>
    reader.fields(reader.object(value ?? {}, [...path, key], Object.keys(fields)), [...path, key], fields);
  const known = CHALLENGES.find((each) => each.id === id);
  const lines = ((given["lines"] ?? []) as readonly string[]).map((line, i) =>
    readLine(reader, line, { path: [...path, "lines", i], isMeasured: known === undefined && i === 0 })
  );
  const [first] = lines;
  if (known === undefined && first === undefined) {
    const near = nearest(id, CHALLENGES.map((each) => each.id));
    throw reader.error(
      path,
      near === undefined ? "is not a challenge, so it needs lines" : `did you mean ${near}?`,
    );
  }
  const own = part(bounds, "bounds", BOUNDS) as ChallengeBounds;
  const merged = { ...known?.bounds, ...own };
  return {
    ...known ?? { id, workload: makeTest(first?.options ?? {}).test.workload, title: id, nodeArguments: [] },
    ...(typeof given["title"] === "string" ? { title: given["title"] } : {}),
    lines: [...known?.lines ?? [], ...lines],
    bounds: merged,
    exclusive: isExclusive(merged),
    points: (given["points"] ?? 1) as number,
    partial: part(partial, "partial", PARTIAL) as PartialPoints,
    repeat: Math.max(1, (given["repeat"] ?? repeat) as number),
  };
}

function readLine(
  reader: Reader,
  line: string,
  { path, isMeasured }: { readonly path: JsonPath; readonly isMeasured: boolean },
): ChallengeTest {
  let options: GivenOptions;
  try {
    options = parseGiven(wordsOf(line));
  } catch (error) {
    if (error instanceof ArgumentError) throw reader.error(path, error.message);
    throw error;
  }
  return { options, arguments: printTest(options), providesMetrics: isMeasured };
}

/** Checks values, and names the line of a problem. */
class Reader {
  readonly #parsed: JsonWithLines;

  constructor(parsed: JsonWithLines) {
    this.#parsed = parsed;
  }

  error(path: JsonPath, text: string): GradingError {
    return new GradingError(`${path.join(".") || "the file"}: ${text}`, this.#parsed.lineOf(path));
  }

  check(value: unknown, path: JsonPath, schema: Schema<unknown>): void {
    const problem = schema.problem(value, "");
    if (problem !== undefined) throw this.error(path, problem);
  }

  object(value: unknown, path: JsonPath, keys?: readonly string[]): Readonly<Record<string, unknown>> {
    if (!isObject(value)) throw this.error(path, "must be an object");
    const unknown = keys && Object.keys(value).find((key) => !keys.includes(key));
    if (keys === undefined || unknown === undefined) return value;
    const near = nearest(unknown, keys);
    throw this.error(
      [...path, unknown],
      near === undefined ? `unknown; use ${keys.join(", ")}` : `unknown; did you mean ${near}?`,
    );
  }

  fields(
    value: Readonly<Record<string, unknown>>,
    path: JsonPath,
    fields: Readonly<Record<string, Field>>,
  ): Readonly<Record<string, unknown>> {
    for (const [key, { schema }] of Object.entries(fields)) {
      if (value[key] !== undefined) this.check(value[key], [...path, key], schema);
    }
    return value;
  }
}

/** Returns the description of the file for the help. */
export function describeGrading(width = 80): string {
  const rows = [
    ["secret", "Text from which the seeds of each student are drawn. Default: --secret, or a random one."],
    ["challenges.ID", `An object. ID is one of ${CHALLENGES.map(({ id }) => id).join(", ")}, or your own.`],
    ...describeFields(".", CHALLENGE),
    ...describeFields(".bounds.", BOUNDS),
    ...describeFields(".partial.", PARTIAL),
  ];
  const indent = 2 + Math.max(...rows.map(([name = ""]) => name.length)) + 2;
  return rows.map(([name = "", text = ""]) =>
    `  ${name}`.padEnd(indent) + wrap(text, width - indent).join(`\n${" ".repeat(indent)}`)
  ).join("\n");
}

function describeFields(prefix: string, fields: Readonly<Record<string, Field>>): string[][] {
  return Object.entries(fields).map(([key, { schema, description }]) => [
    `${prefix}${key}`,
    `${schema.description.slice(0, 1).toUpperCase()}${schema.description.slice(1)}. ${description}`,
  ]);
}

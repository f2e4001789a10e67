/** The file that keeps the futures of a case, for later reports. Tested by `tests/bench/replay/inevitability_file_test.ts`. */

import {
  array,
  double,
  type Infer,
  literal,
  natural,
  object,
  optional,
  string,
} from "../../protocol/schema.ts";
import { BenchError } from "../errors.ts";
import { readJson, writeText } from "../store/files.ts";
import { fileHead, STORE_FORMAT } from "../store/format.ts";
import type { ToldInevitability } from "./futures.ts";

/** The name of the file in the folder of a case. */
export const INEVITABILITY_FILE = "inevitability.json";

const futures = object({ atMs: double, count: natural, failed: natural });

const fileSchema = object({
  format: literal(STORE_FORMAT),
  /** The checksum of the history whose futures were drawn. */
  historyCrc: natural,
  moments: array(futures),
  jumps: array(object({ before: futures, after: futures, sentence: string, between: array(string) })),
  conclusion: optional(string),
  drawn: string,
});

/** Writes the futures of a case to its folder. Throws `BenchError` if they cannot be written. */
export function writeInevitability(
  folder: string,
  { historyCrc, inevitability }: {
    readonly historyCrc: number;
    readonly inevitability: ToldInevitability;
  },
): void {
  const file = { ...fileHead(), historyCrc, ...inevitability };
  writeText(`${folder}/${INEVITABILITY_FILE}`, `${JSON.stringify(file, undefined, 1)}\n`);
}

/**
 * Returns the futures in the folder of a case; undefined if none were drawn for this history. Throws `BenchError` if the file is
 * malformed.
 */
export function readInevitability(folder: string, historyCrc: unknown): ToldInevitability | undefined {
  const path = `${folder}/${INEVITABILITY_FILE}`;
  const value: unknown = readJson(path);
  if (value === undefined) return undefined;
  const problem = fileSchema.problem(value, "");
  if (!fileSchema.is(value)) {
    throw new BenchError(
      `cannot read ${path}: ${problem ?? "malformed"}. Draw the futures again with replay --inevitable`,
    );
  }
  return value.historyCrc === historyCrc ? toldOf(value) : undefined;
}

function toldOf({ moments, jumps, conclusion, drawn }: Infer<typeof fileSchema>): ToldInevitability {
  return { moments, jumps, conclusion, drawn };
}

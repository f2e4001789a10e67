/** The file that a share of a sweep leaves, and that `merge` reads. */

import type { WorkloadName } from "../../checkers/workloads.ts";
import { isObject } from "../../protocol/schema.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { BenchError, reasonOf } from "../bench_error.ts";
import { readJson, writeText } from "../files.ts";
import { fileHead, STORE_FORMAT } from "../store.ts";
import type { Shard } from "./shards.ts";
import type { SweepResult } from "./sweep.ts";

/** A share's result, and what it is a share of. */
export interface ShareFile {
  readonly format: number;
  readonly charybdis: string;
  readonly workload: WorkloadName;
  readonly faults: readonly string[];
  readonly range: { readonly from: number; readonly to: number };
  readonly shard: Shard;
  readonly result: SweepResult;
}

/** Writes a share's file into a store. Throws `BenchError` when that cannot be done. */
export function keepShare(store: string, share: Omit<ShareFile, "format" | "charybdis">): void {
  const { index, total } = share.shard;
  writeText(
    `${store}/sweep-${index}-of-${total}.json`,
    `${JSON.stringify({ ...fileHead(), ...share }, undefined, 1)}\n`,
  );
}

/** The shares that a store holds. Throws when it cannot be read, or one of them is none. */
export function sharesIn(directory: string): ShareFile[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) =>
      /^sweep-\d+-of-\d+\.json$/.test(name)
    );
  } catch (error) {
    throw new ArgumentError(`cannot read the store ${directory}: ${reasonOf(error)}`);
  }
  return names.sort().map((name) => {
    const share = readJson(`${directory}/${name}`);
    if (!isShare(share)) {
      throw new BenchError(`${directory}/${name} is no share of a sweep of store format ${STORE_FORMAT}`);
    }
    return share;
  });
}

function isShare(value: unknown): value is ShareFile {
  return isObject(value) && value["format"] === STORE_FORMAT && isObject(value["result"]) &&
    isObject(value["shard"]);
}

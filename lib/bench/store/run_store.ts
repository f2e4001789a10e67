/** The store of runs, with Maelstrom's layout. */

import { resultText } from "../../checkers/parse.ts";
import { isObject } from "../../protocol/schema.ts";
import { BenchError, reasonOf } from "../errors.ts";
import { BoundedFile } from "./bounded_file.ts";
import { runBegins, runEnds } from "./failure.ts";
import { writeAll, writeText } from "./files.ts";
import { thisOwner } from "./run_state.ts";
import { resultEdn } from "./results_edn.ts";

/** The default directory of the store. */
export const STORE_DEFAULT = "store";

/** The number of characters of a history that are buffered before a write. */
const WRITE_LENGTH = 64 * 1024;
/** The maximum age of a buffered line when another line arrives, in ms, so that observers of a running test see recent lines. */
const WRITE_DELAY_MS = 500;

/** The folder of one run. */
export interface RunStore {
  readonly directory: string;
  /** Writes a JSON file. */
  writeJson(name: string, value: unknown): void;
  /** Writes the result of the run: `results.json`, and `results.edn` with Maelstrom's own keys. */
  writeResults(result: Readonly<Record<string, unknown>>): void;
  /** Writes a text file. */
  writeText(name: string, text: string): void;
  /** Opens a file of JSON lines. */
  lines(name: string): LineFile;
  /** Opens a node's log, with at most `sizeMax` bytes. */
  nodeLog(node: string, sizeMax: number): BoundedFile;
}

/** A file that is written line by line. */
class LineFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #encoder = new TextEncoder();
  #text = "";
  #writtenAt = performance.now();

  constructor(path: string) {
    this.#path = path;
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  write(line: string): void {
    this.#text += line + "\n";
    const late = performance.now() - this.#writtenAt > WRITE_DELAY_MS;
    if (late || this.#text.length >= WRITE_LENGTH) this.flush();
  }

  flush(): void {
    const bytes = this.#encoder.encode(this.#text);
    this.#text = "";
    this.#writtenAt = performance.now();
    try {
      writeAll(this.#file, bytes);
    } catch (error) {
      throw new BenchError(`cannot write ${this.#path}: ${reasonOf(error)}`);
    }
  }

  close(): void {
    this.flush();
    this.#file.close();
  }
}

/** Creates the folder `STORE/<workload>/<time>/` for a run. Throws {@linkcode BenchError} if it cannot be written. */
export function makeRunStore(
  store: string,
  options: { readonly workload: string; readonly started: Date },
): RunStore {
  const time = options.started.toISOString().replaceAll(/[-:]/g, "").replace("Z", "");
  const parent = `${store}/${options.workload}`;
  let directory = `${parent}/${time}`;
  try {
    Deno.mkdirSync(parent, { recursive: true });
    for (let again = 1; !makeNew(directory); again++) directory = `${parent}/${time}-${again}`;
    Deno.mkdirSync(`${directory}/node-logs`);
    Deno.writeTextFileSync(`${directory}/test.json`, "{}\n");
    link(`${parent}/latest`, directory.slice(parent.length + 1));
    for (const name of ["latest", "current"]) link(`${store}/${name}`, directory.slice(store.length + 1));
  } catch (error) {
    throw new BenchError(
      `cannot write to the store ${store}: ${reasonOf(error)}. Choose another with --store`,
    );
  }
  runBegins(directory);
  return {
    directory,
    writeJson: (name, value) => {
      const runs = name === "test.json" && isObject(value) && value["state"] === "running";
      const told = runs ? { ...value, owner: thisOwner() } : value;
      writeText(`${directory}/${name}`, `${resultText(told, 1)}\n`);
      if (name === "test.json" && !runs) runEnds(directory);
    },
    writeResults: (result) => {
      writeText(`${directory}/results.json`, `${resultText(result, 1)}\n`);
      writeText(`${directory}/results.edn`, resultEdn(result));
    },
    writeText: (name, text) => writeText(`${directory}/${name}`, text),
    lines: (name) => new LineFile(`${directory}/${name}`),
    nodeLog: (node, sizeMax) => new BoundedFile(`${directory}/node-logs/${node}.log`, sizeMax),
  };
}

function makeNew(directory: string): boolean {
  try {
    Deno.mkdirSync(directory);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/** Replaces a link atomically, because several benches may share a store: the link always exists, and no replacement fails. */
function link(path: string, target: string): void {
  const fresh = `${path}.${Deno.pid}`;
  try {
    Deno.symlinkSync(target, fresh);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    Deno.removeSync(fresh); // left over from an earlier process with the same id
    Deno.symlinkSync(target, fresh);
  }
  Deno.renameSync(fresh, path);
}

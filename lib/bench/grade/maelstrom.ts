/** Runs the same tests on real Maelstrom, if it is available. Tested by `tests/bench/grade/grade_test.ts`. */

import { Decimal } from "../../protocol/exact_json.ts";
import { isObject } from "../../protocol/schema.ts";
import { ArgumentError } from "../../runtime/settings.ts";
import { parseEdn } from "../store/histories/edn_reader.ts";
import { BenchError } from "../errors.ts";

/** Returns Maelstrom's path: `MAELSTROM`, else `maelstrom` on PATH. Throws `ArgumentError` if neither exists. */
export function findMaelstrom(): string {
  const given = Deno.env.get("MAELSTROM");
  const candidates = given === undefined
    ? (Deno.env.get("PATH") ?? "").split(":").map((directory) => `${directory}/maelstrom`)
    : [given, `${given}/maelstrom`];
  for (const candidate of candidates) {
    try {
      if (Deno.statSync(candidate).isFile) return Deno.realPathSync(candidate);
    } catch {
      // not in this folder
    }
  }
  throw new ArgumentError(
    given === undefined
      ? "maelstrom is not on PATH. Set MAELSTROM to its folder, or install it with `make maelstrom`"
      : `no maelstrom at MAELSTROM=${given}`,
  );
}

/** Runs one test on Maelstrom in `directory`. Returns its result map, with keys without question marks. */
export async function runMaelstrom(
  command: string,
  options: {
    readonly directory: string;
    readonly arguments: readonly string[];
    readonly bin: string;
    readonly nodeArguments: readonly string[];
  },
): Promise<{ readonly result: Readonly<Record<string, unknown>>; readonly store: string }> {
  const { directory, bin, nodeArguments } = options;
  Deno.mkdirSync(directory, { recursive: true });
  const after = nodeArguments.length === 0 ? [] : ["--", ...nodeArguments];
  const { stdout, stderr, code } = await new Deno.Command(command, {
    args: ["test", ...options.arguments, "--bin", bin, ...after],
    cwd: directory,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const store = `${directory}/store/latest`;
  try {
    return {
      result: parseResults(Deno.readTextFileSync(`${store}/results.edn`)),
      store: Deno.realPathSync(store),
    };
  } catch (error) {
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    throw new BenchError(
      `maelstrom ended with status ${code} and no results (${error}):\n${said.slice(-2000)}`,
    );
  }
}

/** Returns Jepsen's `results.edn` as a map whose keys have no question marks. */
export function parseResults(edn: string): Readonly<Record<string, unknown>> {
  const plain = withoutQuestionMarks(parseEdn(edn));
  if (!isObject(plain)) throw new BenchError("results.edn does not hold a map");
  return plain;
}

function withoutQuestionMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutQuestionMarks);
  if (value instanceof Decimal) return value.valueOf(); // so that figures compare as numbers
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replace(/\?$/, ""), withoutQuestionMarks(inner)]),
  );
}

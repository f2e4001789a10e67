/**
 * Makes the playground's page. `deno bundle` joins the modules of the page and of its workers, so this needs a Deno and not
 * only its runtime: `charybdis` as an executable includes the finished page.
 *
 *     deno run --allow-all lib/bench/playground/bundle.ts FILE
 *
 * Tested by `tests/bench/playground/page_test.ts`.
 */

import type { WorkloadName } from "../../checkers/workloads.ts";
import { WORKLOADS } from "../../checkers/workloads.ts";
import { BenchError } from "../errors.ts";
import { REPORT_MODULES, safeInScript, scriptOf } from "../report/html/browser_bundle.ts";
import { uplotScript } from "../report/html/vendor.ts";
import { VERSION } from "../version.ts";
import { nodeMembers } from "./node_reference.ts";
import { playgroundPage } from "./page.ts";

/** The modules of `@std` in the bundles. Where jsr.io cannot be reached, they are substitutes. */
const STANDARD = [
  "@std/cli/parse-args",
  "@std/text/closest-string",
  "@std/text/levenshtein-distance",
] as const;

/** The modules that replace what a browser lacks. */
const REPLACED: Readonly<Record<string, string>> = {
  "node:process": "./worker/process.ts",
  "node:crypto": "./absent.ts",
  "uplot/iife": "./absent.ts",
};

/** Hands the parts of a report to the page that shows it in a frame. */
const REPORT_MAIN = 'startReport(typeof uPlot === "function" ? uPlot : undefined).then((handle) => ' +
  'frameElement?.dispatchEvent(new CustomEvent("report", { detail: handle })));';

/** Returns the page. Throws `BenchError` if the modules cannot be joined. */
export async function makePlayground(): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const map = `${folder}/map.json`;
    await Deno.writeTextFile(map, JSON.stringify({ imports: importsOfBundles() }));
    await bundle(folder, map);
    const script = (name: string) => safeInScript(Deno.readTextFileSync(`${folder}/${name}.js`));
    return playgroundPage(
      {
        sources: Object.fromEntries(WORKLOADS.map((name) => [name, sourceOf(name)])) as Record<
          WorkloadName,
          string
        >,
        nodeMembers: nodeMembers(textOf("../../runtime/node.ts")),
        version: VERSION,
      },
      {
        page: script("browser/start"),
        worker: script("worker/worker"),
        plots: uplotScript(),
        report: scriptOf(REPORT_MODULES, REPORT_MAIN),
      },
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function importsOfBundles(): Readonly<Record<string, string>> {
  const manifest: { readonly imports: Readonly<Record<string, string>> } = JSON.parse(
    textOf("../../../deno.json"),
  );
  return Object.fromEntries([
    ...Object.entries(manifest.imports).filter(([, target]) => target.startsWith("npm:")),
    ...STANDARD.map((name) => [name, import.meta.resolve(name)]),
    ...Object.entries(REPLACED).map(([name, path]) => [name, new URL(path, import.meta.url).href]),
  ]);
}

/** Writes the two bundles to a folder. One process makes both, because the first one installs the bundler. */
async function bundle(folder: string, map: string): Promise<void> {
  const sources = ["browser/start.ts", "worker/worker.ts"].map((entry) =>
    new URL(entry, import.meta.url).pathname
  );
  const flags = ["--quiet", "--platform", "browser", "--format", "iife", "--minify", `--import-map=${map}`];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, "--outdir", folder, ...sources],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  throw new BenchError(`deno bundle failed: ${new TextDecoder().decode(stderr).trim().slice(0, 2000)}`);
}

function sourceOf(workload: WorkloadName): string {
  return textOf(`../../../nodes/${workload.replaceAll("-", "_")}.ts`);
}

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, import.meta.url));
}

if (import.meta.main) {
  const [file = "dist/playground/index.html"] = Deno.args;
  await Deno.mkdir(file.replace(/[^/]*$/, "") || ".", { recursive: true });
  await Deno.writeTextFile(file, await makePlayground());
}

/** Runs the command line with workload files, as a user does. */

/** The folder of the repository. */
export const ROOT: string = new URL("../../../", import.meta.url).pathname;

/** The folder of the example workloads and their nodes. */
export const EXAMPLES: string = `${ROOT}tests/examples`;

/** Runs a command of the bench from its sources. */
export async function bench(
  args: readonly string[],
  { cwd = ROOT }: { readonly cwd?: string } = {},
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--allow-all",
      ...importMap(),
      `${ROOT}lib/bench/main.ts`,
      ...args,
    ],
    cwd,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, stdout: text(stdout), stderr: text(stderr) };
}

/** The import map that the repository is built with. */
function importMap(): readonly string[] {
  try {
    const text = Deno.readTextFileSync(`${ROOT}.toolchain/env.mk`);
    const [, map] = /^IMPORT_MAP := --import-map=(\S+)$/m.exec(text) ?? [];
    return map === undefined ? [] : [`--import-map=${ROOT}${map}`];
  } catch {
    return [];
  }
}

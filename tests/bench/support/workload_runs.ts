/** Runs the command line with workload files, as a user does. */

/** The folder of the repository. */
export const ROOT: string = new URL("../../../", import.meta.url).pathname;

/** The folder of the example workloads and their nodes. */
export const EXAMPLES: string = `${ROOT}tests/examples`;

/** Runs a command of the bench. */
export async function bench(
  args: readonly string[],
  { cwd = ROOT, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(`${ROOT}bin/charybdis`, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, stdout: text(stdout), stderr: text(stderr) };
}

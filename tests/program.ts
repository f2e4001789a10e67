/** Programs that tests write in order to run them. */

/**
 * Writes a program that can be started at once.
 *
 * A process that another thread of the tests starts in the meantime has a copy of each file that is open here, until it
 * executes its own program, and a program that any process has open for writing is not executed ("Text file busy"). So
 * this process writes a draft only, and `cp` writes the program.
 */
export function writeProgram(path: string, content: string | Uint8Array): void {
  const draft = `${path}.draft`;
  Deno.writeFileSync(draft, typeof content === "string" ? new TextEncoder().encode(content) : content);
  const { success, stderr } = new Deno.Command("/bin/sh", {
    args: ["-c", 'rm -f "$1" && cp "$1.draft" "$1" && chmod 755 "$1" && rm "$1.draft"', "sh", path],
    stderr: "piped",
  }).outputSync();
  if (!success) throw new Error(`cannot write ${path}: ${new TextDecoder().decode(stderr)}`);
}

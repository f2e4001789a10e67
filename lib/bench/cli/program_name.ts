/**
 * The name by which the bench was started, for commands that the user is to type.
 *
 * Tested by `tests/bench/cli/messages_test.ts`.
 */

/** Returns `charybdis` if PATH finds it, or else a path that works from the current folder: `bin/charybdis`. */
export function programName(): string {
  if (!Deno.build.standalone) return NAME;
  try {
    return nameFrom(Deno.execPath(), {
      folder: Deno.cwd(),
      searched: (Deno.env.get("PATH") ?? "").split(":"),
    });
  } catch {
    return NAME; // a permission is missing: fall back to the plain name
  }
}

const NAME = "charybdis";

/** Returns the shortest name of an executable that works from a folder. */
export function nameFrom(
  executable: string,
  { folder, searched }: { readonly folder: string; readonly searched: readonly string[] },
): string {
  const [, directory = "", name = NAME] = /^(.*)\/([^/]+)$/.exec(executable) ?? [];
  if (searched.includes(directory)) return name;
  if (directory === folder) return `./${name}`;
  const inside = `${folder.replace(/\/$/, "")}/`;
  return executable.startsWith(inside) ? executable.slice(inside.length) : executable;
}
